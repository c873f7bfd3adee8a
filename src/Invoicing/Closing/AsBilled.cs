using System.Collections.Immutable;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Rating;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// Months to which nothing came, for accounts whose earlier month changed: a grant of which less was used there can pay
/// more here. The charges are those that were billed.
/// </summary>
internal static class AsBilled
{
    /// <summary>The closed months after some that changed, while grants last.</summary>
    /// <param name="month">The month of the close.</param>
    public static IEnumerable<MonthEvent.Closed> Later(
        Months months, IReadOnlyList<MonthCharges> changed, BillingMonth month, IEnumerable<Programme> programmes)
    {
        var window = programmes.Where(one => one.Kind == ProgrammeKind.Promotion)
            .SelectMany(one => one.Terms).Select(terms => terms.WindowMonths).DefaultIfEmpty(0).Max();
        var first = changed.Min(one => one.Month);
        return months.Closed.Values.Where(
            closed => closed.Month > first && closed.Month < month && closed.Month.MonthsSince(first) < window &&
                changed.All(one => one.Month != closed.Month));
    }

    /// <param name="billed">What was billed of the month.</param>
    /// <param name="accounts">Whose months they are.</param>
    /// <param name="institution">For whom a PI worked when what a line billed was used.</param>
    /// <param name="keepsFunds">Whether funds pay what they paid then.</param>
    public static MonthCharges Of(
        BillingMonth month, string policies, ILookup<Account, InvoiceLine> billed, IEnumerable<Account> accounts,
        Func<PiId, InvoiceLine, string?> institution, bool keepsFunds = false) => new(
            month,
            [
                .. accounts.Where(account => account.Pi is not null).SelectMany(account => billed[account]
                    .GroupBy(line => line.ChargeId, StringComparer.Ordinal)
                    .OrderBy(same => same.Key, StringComparer.Ordinal)
                    .Select(same => Owned(month, policies, account, [.. same], institution, keepsFunds))),
            ], [])
        {
            IsAsBilled = true,
            KeepsFunds = keepsFunds,
        };

    private static OwnedCharge Owned(
        BillingMonth month, string policies, Account account, IReadOnlyList<InvoiceLine> billed,
        Func<PiId, InvoiceLine, string?> institution, bool keepsFunds)
    {
        var last = billed[^1];
        var line = last with
        {
            Adjusts = null,
            BackTo = null,
            Funds = keepsFunds ? Paid(billed) : [],
            Quantity = last.Quantity with { Amount = billed.Sum(one => one.Quantity.Amount) },
            Amount = Money.Sum(billed.Select(one => one.Amount)),
            PassedOn = billed.LastOrDefault(one => one.PassedOn is not null)?.PassedOn is { } passed
                ? passed with { Amount = Money.Sum(billed.Select(one => one.PassedOn?.Amount ?? Money.Zero)) }
                : null,
        };
        return new(
            new Charge
            {
                Month = month,
                Period = line.ServicePeriod,
                Landlord = line.Landlord,
                Service = line.Service,
                Cluster = line.Cluster,
                Project = line.Project,
                Sku = line.Sku,
                Quantity = line.Quantity,
                Rate = line.Rate,
                Amount = line.Amount,
                Sheet = line.Sheet,
                Policies = policies,
                Avoided = line.Avoided,
            },
            new(line.ProjectName, account.Pi, institution(account.Pi!.Value, line), null, false, true))
        {
            Billed = line,
        };
    }

    private static ImmutableArray<FundShare> Paid(IEnumerable<InvoiceLine> billed) =>
    [
        .. billed.SelectMany(line => line.Funds).GroupBy(share => share.Fund, StringComparer.Ordinal)
            .Select(same => same.Last() with { Amount = Money.Sum(same.Select(share => share.Amount)) })
            .Where(share => !share.Amount.IsZero),
    ];
}
