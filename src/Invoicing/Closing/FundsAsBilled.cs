namespace Exchange.Invoicing.Closing;

/// <summary>
/// What funds pay where a void invoice is issued again of a month that finance did not decide to bill anew: what they
/// paid of it, whatever was said of caps, terms and groups since. A grant or a group that spent elsewhere meanwhile
/// what the void gave back pays what it has left.
/// </summary>
internal static class FundsAsBilled
{
    private const string Why = "paid when it was billed; nobody decided to bill the month anew";

    /// <param name="charges">Of one account, with all that was billed of them, and all that funds paid.</param>
    /// <param name="billed">What stands of it.</param>
    /// <param name="note">Told of each share that is paid again.</param>
    public static InvoiceLine[] Of(
        BillingMonth month, IReadOnlyList<OwnedCharge> charges, IReadOnlyCollection<InvoiceLine> billed,
        Spending spending, Action<string, FundNote>? note)
    {
        InvoiceLine[] lines = [.. charges.Select(owned => owned.AsLine())];
        if (charges is not [{ Owner.Pi: { } pi }, ..])
        {
            return lines;
        }

        foreach (var fund in lines.SelectMany(line => line.Funds).DistinctBy(share => share.Fund).ToList())
        {
            if (LeftOf(fund, pi, month, billed, spending) is { } left)
            {
                PayUpTo(left, fund.Fund, lines);
            }
        }

        foreach (var (line, share) in lines.SelectMany(line => line.Funds.Select(share => (line, share))))
        {
            note?.Invoke(line.ChargeId, new(
                share.Fund, share.Payer, OrderOf(share, month, spending), Why, share.Amount, share.Amount));
        }

        return lines;
    }

    /// <summary>What a grant or a group has for the month, with what it paid of it; null of what is no purse.</summary>
    private static Money? LeftOf(
        FundShare share, PiId pi, BillingMonth month, IReadOnlyCollection<InvoiceLine> billed, Spending spending)
    {
        if (share.Group is { } group)
        {
            var paid = Money.Sum(billed.SelectMany(line => line.Funds).Where(one => one.Fund == share.Fund)
                .Select(one => one.Amount));
            return (spending.Groups.Groups.GetValueOrDefault(group)?.Left(month) ?? Money.Zero) + paid;
        }

        return spending.Funds.FirstOrDefault(of => of.Programme.Id == share.Fund) is { } known &&
            known.Fund.Grants.TryGetValue(pi, out var grant)
                ? grant.Amount - Money.Sum(known.Fund.Uses.TryGetValue(pi, out var uses)
                    ? uses.Where(use => use.Key != month).Select(use => use.Value) : [])
                : null;
    }

    private static void PayUpTo(Money left, string fund, InvoiceLine[] lines)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].Funds.FirstOrDefault(share => share.Fund == fund) is { } share)
            {
                var paid = Money.Min(share.Amount, left < Money.Zero ? Money.Zero : left);
                left -= paid;
                lines[i] = lines[i] with
                {
                    Funds = paid.IsZero ? lines[i].Funds.Remove(share)
                        : lines[i].Funds.Replace(share, share with { Amount = paid }),
                };
            }
        }
    }

    private static int OrderOf(FundShare share, BillingMonth month, Spending spending) => share.Group is null
        ? spending.Funds.FirstOrDefault(of => of.Programme.Id == share.Fund)?.Programme.OrderIn(month) ?? 0
        : FundNote.Last;
}
