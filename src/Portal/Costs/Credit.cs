using Exchange.Invoicing;
using Exchange.Invoicing.Funds;
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

    /// <summary>What funds would pay of one charge.</summary>
    public static IEnumerable<Credit> Of(ShownCharge charge, InvoiceLine line) =>
        from share in line.Funds
        group share.Amount by (share.Fund, share.Payer) into of
        let amount = Money.Sum(of)
        where !amount.IsZero
        select new Credit(charge, of.Key.Fund, of.Key.Payer, amount);
}

/// <summary>
/// What funds would pay of every PI's months if they were closed now, one month after the other: the money of a prepaid
/// group pays once, whoever uses it. What was billed of a month is in what it comes to now, and not spent beside it.
/// </summary>
internal sealed class OpenCredits(FundVersions known, Composition exchange, Instant now)
{
    private readonly Dictionary<PiId, IReadOnlyList<FundOf>> _funds = [];
    private PrepaidGroups _groups = known.Prepaid;

    /// <summary>
    /// What is left of prepaid money in the month that was asked for last; nothing where something of it was billed,
    /// and it is another for each PI.
    /// </summary>
    private (BillingMonth Month, ApplyFunds.Prepaid? Left)? _prepaid;

    /// <summary>
    /// What funds pay of all charges of some PIs in a month; months are asked for in their order, and within one its
    /// PIs in theirs.
    /// </summary>
    public IReadOnlyList<Credit> Of(BillingMonth month, IReadOnlyList<ShownCharge> charges) =>
    [
        .. charges.Where(charge => charge.Pi is not null).GroupBy(charge => charge.Pi!.Value)
            .OrderBy(of => of.Key.Value, StringComparer.Ordinal).SelectMany(of => Of(month, of.Key, [.. of])),
    ];

    /// <summary>What funds pay of all charges of a PI in a month.</summary>
    public IReadOnlyList<Credit> Of(BillingMonth month, PiId pi, IReadOnlyList<ShownCharge> charges)
    {
        if (_prepaid?.Month != month)
        {
            var isBilled = _groups.Groups.Values.Any(group => group.Uses.Keys.Any(use => use.Month == month));
            _prepaid = (month, isBilled ? null : ApplyFunds.Prepaid.Of(_groups, month));
        }

        var lines = Pay(month, pi, charges, _prepaid.Value.Left ?? ApplyFunds.Prepaid.Of(_groups, month, pi));
        var paid = lines.SelectMany(line => line.Funds).Where(share => share.Group is not null)
            .ToLookup(share => share.Group!, share => share.Amount);
        foreach (var group in _groups.Groups.Values)
        {
            var more = Money.Sum(paid[group.Name]) - group.Uses.GetValueOrDefault((month, pi.Value));
            if (!more.IsZero)
            {
                _groups = PrepaidGroups.Fold.Evolve(
                    _groups, new PrepaidEvent.Used(group.Name, pi, month, month, more, now));
            }
        }

        return [.. charges.Zip(lines).SelectMany(one => Credit.Of(one.First, one.Second))];
    }

    private IReadOnlyList<InvoiceLine> Pay(
        BillingMonth month, PiId pi, IReadOnlyList<ShownCharge> charges, ApplyFunds.Prepaid prepaid)
    {
        var institution = charges.Select(c => c.Institution).FirstOrDefault(i => i is not null)
            ?? exchange.Institutions.At(month).OfAddress(pi.Value)?.Name;
        var funds = _funds.GetValueOrDefault(pi, known.Funds);
        if (charges.Count > 0) // Whoever uses nothing is granted nothing.
        {
            funds = AfterFunds.Granted(exchange, funds, known.Billed, pi, institution, month, now);
        }

        var lines = ApplyFunds.Run(
            month, [.. charges.Select(c => AfterFunds.Owned(c, pi, institution))], funds, exchange.Institutions,
            prepaid);
        _funds[pi] = Entitlement.After(funds, pi, month, lines, now);
        return lines;
    }
}
