using Exchange.Invoicing;
using Exchange.Invoicing.Closing;
using Exchange.Portal.Funds;
using Exchange.Portal.Spend;
using NodaTime;

namespace Exchange.Portal.Costs;

/// <summary>What a fund pays of a charge.</summary>
internal sealed record Credit(ShownCharge Charge, string Fund, string Payer, Money Amount)
{
    /// <summary>What funds paid of charges, as lines of invoices say it; lines about the same charge are one.</summary>
    public static IEnumerable<Credit> Of(
        IReadOnlyDictionary<(string Id, PiId? Pi), ShownCharge> charges, Account account,
        IEnumerable<InvoiceLine> lines) =>
        from line in lines
        from share in line.Funds
        group share.Amount by (line.ChargeId, share.Fund, share.Payer) into of
        let amount = Money.Sum(of)
        where !amount.IsZero
        select new Credit(charges[(of.Key.ChargeId, account.Pi)], of.Key.Fund, of.Key.Payer, amount);
}

/// <summary>
/// What funds would pay of every PI's months if they were closed now, one month after the other, each by the rule of
/// its close; what came late to closed months is billed before them.
/// </summary>
internal sealed class OpenCredits
{
    private ComingCloses _coming;

    private OpenCredits(ComingCloses coming) => _coming = coming;

    public static async Task<OpenCredits> Read(
        Composition exchange, FundVersions known, Instant now, CancellationToken ct)
    {
        var used = await UsedMonths.Read(exchange, known, now, ct);
        List<BillingMonth> late = [.. used.Late.Where(known.Months.IsClosed)];
        if (used.LateFor.ToList() is not { Count: > 0 } changed || late.Count == 0)
        {
            return new(ComingMonths.Start(used, known.Billed, _ => throw new InvalidOperationException(
                "Nothing that was billed is looked at.")));
        }

        var people = await used.Sharing(changed, [], late, ct);
        var billed = await used.Billed(people, late.Min(), ct);
        var rated = new List<MonthCharges>();
        foreach (var month in late.Order())
        {
            rated.Add(ComingMonths.Month(month, await used.Of(people, month, late.Min(), ct)));
        }

        var (after, _) = ComingMonths.Start(used, known.Billed, month => billed[month]).Close(
            [.. rated, new(known.Months.Last!.Value.Next, [], [])]);
        return new(after);
    }

    /// <summary>
    /// What funds pay of all charges of some PIs in a month; months are asked for in their order, and within one its
    /// PIs in theirs.
    /// </summary>
    public IReadOnlyList<Credit> Of(BillingMonth month, IReadOnlyList<ShownCharge> charges)
    {
        var byId = charges.Where(charge => charge.Pi is not null).ToDictionary(charge => (charge.Id, charge.Pi));
        (_coming, var lines) = _coming.Close([ComingMonths.Month(month, byId.Values)]);
        return [.. lines.SelectMany(of => Credit.Of(byId, of.Key, of))];
    }
}
