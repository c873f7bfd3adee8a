using Exchange.Rating;

namespace Exchange.Invoicing.Funds;

/// <summary>A programme and what became of its money.</summary>
public sealed record FundOf(Programme Programme, Fund Fund);

/// <summary>
/// What programmes pay of a PI's charges of one month, worked out as a whole: in their order, each over the lines that
/// it may pay, in the order of the charges. Prepaid money comes after them (<see cref="PrepaidMonth"/>).
/// </summary>
public static class ApplyFunds
{
    /// <summary>What programmes pay; what they leave is the PI's, or a group's who paid before.</summary>
    /// <param name="charges">All charges of the PI in the month, in the order of rating.</param>
    /// <param name="note">Told why each fund paid what it did of each charge.</param>
    public static InvoiceLine[] Programmes(
        BillingMonth month, IReadOnlyList<OwnedCharge> charges, IReadOnlyList<FundOf> funds, Institutions institutions,
        Action<string, FundNote>? note)
    {
        var lines = CreditedLines.Of(charges.Select(owned => owned.AsLine()));
        if (charges is not [{ Owner.Pi: { } pi }, ..])
        {
            return lines;
        }

        foreach (var of in funds.OrderBy(of => of.Programme.OrderIn(month))
            .ThenBy(of => of.Programme.Id, StringComparer.Ordinal))
        {
            var (programme, fund) = of;
            if (programme is { Kind: ProgrammeKind.FreeSku, InForce: true })
            {
                Free(programme, fund, pi, month, lines, note);
                continue;
            }

            var available = Available(of, pi, month, charges, institutions);
            if (available.Max() > Money.Zero)
            {
                Pay(
                    programme, TermsOf(programme, fund, pi, month), available, lines,
                    note is null ? null : Why(programme, fund, pi, month), note);
            }
        }

        return lines;
    }

    /// <summary>
    /// What a program can pay of each charge: of a month in which a person worked for several, nothing of what was used
    /// while they worked for somebody whom it does not pay for.
    /// </summary>
    private static Money[] Available(
        FundOf of, PiId pi, BillingMonth month, IReadOnlyList<OwnedCharge> charges, Institutions institutions)
    {
        var known = new Dictionary<string, Money>(StringComparer.Ordinal);
        var available = new Money[charges.Count];
        for (var i = 0; i < available.Length; i++)
        {
            var institution = charges[i].Owner.Institution;
            if (!known.TryGetValue(institution ?? "", out available[i]))
            {
                known[institution ?? ""] = available[i] =
                    of.Fund.Available(of.Programme, pi, institution, month, institutions);
            }
        }

        return available;
    }

    private static void Free(
        Programme programme, Fund fund, PiId pi, BillingMonth month, InvoiceLine[] lines,
        Action<string, FundNote>? note)
    {
        for (var i = 0; i < lines.Length && programme.At(month) is not null; i++)
        {
            var left = lines[i].Payable;
            if (!left.IsZero && fund.IsFree(pi, lines[i].Sku, month))
            {
                lines[i] = lines[i] with
                {
                    Funds = lines[i].Funds.Add(new(programme.Id, programme.PayerIn(month), left, false)),
                };
                note?.Invoke(lines[i].ChargeId, new(
                    programme.Id, programme.PayerIn(month), programme.OrderIn(month),
                    $"{lines[i].Sku} is free for {pi} in {month}",
                    left, left));
            }
        }
    }

    private static void Pay(
        Programme programme, ProgrammeTerms terms, Money[] availableOf, InvoiceLine[] lines, string? why,
        Action<string, FundNote>? note)
    {
        var payer = terms.Payer ?? programme.Payer;
        var available = availableOf.Max();
        var payable = Enumerable.Range(0, lines.Length)
            .Where(i => availableOf[i] > Money.Zero && !terms.Excludes(lines[i].Sku)).ToArray();
        var owed = payable.Select(i => lines[i].Payable).ToArray();
        var spread = terms.Share == ProgrammeShare.InOrder
            ? Spread.InOrder(available, owed)
            : Spread.ProRata(available, owed);
        foreach (var (i, paid) in payable.Zip(spread.Paid))
        {
            if (paid is { IsZero: false } amount)
            {
                lines[i] = lines[i] with
                {
                    Funds = lines[i].Funds.Add(new(
                        programme.Id, payer, amount, programme.Kind == ProgrammeKind.Subsidy)),
                };
                note?.Invoke(
                    lines[i].ChargeId,
                    new(programme.Id, payer, terms.Order ?? programme.Order, why!, available, amount));
                available -= amount;
            }
        }
    }

    private static string Why(Programme programme, Fund fund, PiId pi, BillingMonth month)
    {
        var terms = TermsOf(programme, fund, pi, month);
        return programme.Kind == ProgrammeKind.Promotion
            ? $"granted {fund.Grants[pi].Amount} once, with {fund.Grants[pi].Month}, for {terms.WindowMonths} months"
            : (fund.CapOf(pi, month) is { } cap ? $"capped at {cap} a month by its payer"
                : terms.Amount is { } amount ? $"{amount} a month" : "without a limit") +
                $", by the terms from {terms.From}{(fund.IsEnrolled(pi, month) ? ", enrolled by its payer" : "")}";
    }

    private static ProgrammeTerms TermsOf(Programme programme, Fund fund, PiId pi, BillingMonth month) =>
        programme.At(programme.Kind == ProgrammeKind.Promotion ? fund.Grants[pi].Month : month)!;
}
