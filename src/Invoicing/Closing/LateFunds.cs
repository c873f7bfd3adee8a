using Exchange.Invoicing.Funds;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// What funds would pay more or less of what was billed of a closed month, by what was said since of them, of groups
/// and of whom a PI worked for: of what was billed alone, so that it stays the same while nothing is said.
/// </summary>
internal static class LateFunds
{
    /// <returns>Lines that change nothing but funds, of the accounts that have any.</returns>
    public static Dictionary<Account, List<InvoiceLine>> Of(CloseInputs inputs, MonthCharges rated)
    {
        var billed = inputs.Billed(rated.Month);
        var asBilled = new Due(inputs, AsItWasBilled(inputs, rated, billed), new HashSet<Account>());
        var places = rated.Charges.Select((owned, place) => (owned.ChargeId, place))
            .DistinctBy(of => of.ChargeId).ToDictionary(of => of.ChargeId, of => of.place, StringComparer.Ordinal);
        var accounts = asBilled.Accounts.ToList();
        var now = accounts.ToDictionary(account => account, account => ApplyFunds.Programmes(
            rated.Month,
            [.. asBilled.Charges(account).OrderBy(owned => places.GetValueOrDefault(owned.ChargeId, int.MaxValue))],
            inputs.Funds, inputs.Institutions, null));
        var prepaid = PrepaidMonth.Of(inputs.Prepaid, rated.Month, inputs.Months.SettledAt(rated.Month));
        foreach (var account in accounts)
        {
            prepaid.Keep(now[account], asBilled.Billed(account), null);
        }

        foreach (var account in accounts)
        {
            prepaid.Take(now[account], asBilled.Billed(account), null);
        }

        return accounts.Select(account => (account, Lines: Adjust.Run(
                rated.Month, now[account], asBilled.Billed(account)).ToList()))
            .Where(of => of.Lines.Count > 0).ToDictionary(of => of.account, of => of.Lines);
    }

    private static MonthCharges AsItWasBilled(
        CloseInputs inputs, MonthCharges rated, ILookup<Account, InvoiceLine> billed)
    {
        var institutions = rated.Charges.Where(owned => owned.Owner.Pi is not null)
            .DistinctBy(owned => owned.Owner.Pi)
            .ToDictionary(owned => owned.Owner.Pi!.Value, owned => owned.Owner.Institution);
        return AsBilled.Of(
            rated.Month, "", billed, billed.Select(of => of.Key),
            (pi, line) => inputs.InstitutionOf is { } workedFor
                ? workedFor(pi, line)
                : institutions.GetValueOrDefault(pi));
    }
}
