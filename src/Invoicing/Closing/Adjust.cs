namespace Exchange.Invoicing.Closing;

/// <summary>
/// What is still to be billed of a closed month: what it comes to now less what was billed of it, charge by charge.
/// Nothing comes of a month in which nothing changed.
/// </summary>
public static class Adjust
{
    /// <param name="now">One account's lines of the month as they stand now.</param>
    /// <param name="billed">What its invoices billed of that month so far, adjustments among them.</param>
    /// <param name="takers">Who is asked for what is billed; null where nobody else can be.</param>
    public static IEnumerable<InvoiceLine> Run(
        BillingMonth month, IReadOnlyList<InvoiceLine> now, IEnumerable<InvoiceLine> billed, Takers? takers = null)
    {
        var before = billed.ToLookup(line => line.ChargeId);
        foreach (var line in now.SelectMany(line => Changed(month, line, before[line.ChargeId], takers)))
        {
            yield return line;
        }

        var still = now.Select(line => line.ChargeId).ToHashSet();
        foreach (var line in before.Where(lines => !still.Contains(lines.Key))
            .SelectMany(gone => Gone(month, gone, takers)))
        {
            yield return line;
        }
    }

    /// <summary>The change of a charge: what goes back to who is asked no more, and what is asked now.</summary>
    private static IEnumerable<InvoiceLine> Changed(
        BillingMonth month, InvoiceLine line, IEnumerable<InvoiceLine> billed, Takers? takers)
    {
        var asked = Asked(billed, takers).ToLookup(of => takers?.IsMoved(line, month, of) == true);
        var whom = asked[false].FirstOrDefault()?.Key ?? takers?.Now(line, month);
        InvoiceLine?[] changed =
        [
            .. asked[true].Select(of => Difference(month, line, null, of) is { } back
                ? back with { BackTo = of.Key } : null),
            Difference(month, line, line, asked[false].SelectMany(of => of)) is { } rest
                ? rest with { BackTo = takers?.Named(line, whom!) } : null,
        ];
        return changed.OfType<InvoiceLine>();
    }

    /// <summary>What was billed of a charge that is gone: it goes back to whoever was asked for it.</summary>
    private static IEnumerable<InvoiceLine> Gone(
        BillingMonth month, IEnumerable<InvoiceLine> billed, Takers? takers) =>
        Asked(billed, takers).Select(of => Difference(month, of.First(), null, of) is { } back
            ? back with { BackTo = takers?.NamedOfGone(of.First(), of.Key) } : null).OfType<InvoiceLine>();

    private static ILookup<string, InvoiceLine> Asked(IEnumerable<InvoiceLine> billed, Takers? takers) =>
        takers?.Asked(billed) ?? billed.ToLookup(_ => "");

    private static InvoiceLine? Difference(
        BillingMonth month, InvoiceLine like, InvoiceLine? now, IEnumerable<InvoiceLine> billed)
    {
        var (quantity, amount) = (now?.Quantity.Amount ?? 0m, now?.Amount ?? Money.Zero);
        var funds = new Dictionary<(string Fund, string Payer, bool IsSubsidy), Money>();
        foreach (var share in now?.Funds ?? [])
        {
            funds[(share.Fund, share.Payer, share.IsSubsidy)] = share.Amount;
        }

        foreach (var line in billed)
        {
            quantity -= line.Quantity.Amount;
            amount -= line.Amount;
            foreach (var share in line.Funds)
            {
                var key = (share.Fund, share.Payer, share.IsSubsidy);
                funds[key] = funds.GetValueOrDefault(key) - share.Amount;
            }
        }

        var passedOn = PassedOn(now, [.. billed]);
        if (amount.IsZero && funds.Values.All(paid => paid.IsZero) && passedOn is null)
        {
            return null;
        }

        return like with
        {
            Adjusts = month,
            Quantity = like.Quantity with { Amount = quantity },
            Amount = amount,
            Avoided = null,
            PassedOn = passedOn,
            BackTo = null,
            Funds =
            [
                .. funds.Where(share => !share.Value.IsZero)
                    .Select(share => new FundShare(share.Key.Fund, share.Key.Payer, share.Value, share.Key.IsSubsidy)),
            ],
        };
    }

    /// <summary>Older versions settled with a project under its plain name; what they settled is corrected there.
    /// </summary>
    private static LandlordId PayeeOf(PassedOn like, List<PassedOn> before) =>
        before.Count > 0 && like.Payee.Value == $"project:{before[^1].Payee}" ? before[^1].Payee : like.Payee;

    /// <summary>
    /// What is passed on more or less than before; what was billed before anything was passed on stays as it was.
    /// </summary>
    private static PassedOn? PassedOn(InvoiceLine? now, IReadOnlyCollection<InvoiceLine> billed)
    {
        var before = billed.Where(line => line.PassedOn is not null).Select(line => line.PassedOn!).ToList();
        var like = now?.PassedOn ?? (before.Count > 0 ? before[0] : null);
        if (like is null)
        {
            return null;
        }

        var isOlder = before.Count == 0 && billed.Count > 0;
        var changed = isOlder
            ? Money.Round(like.Rate.Amount * (now!.Quantity.Amount - billed.Sum(line => line.Quantity.Amount)))
            : (now?.PassedOn?.Amount ?? Money.Zero) - Money.Sum(before.Select(one => one.Amount));
        return changed.IsZero ? null : like with { Amount = changed, Payee = PayeeOf(like, before) };
    }
}
