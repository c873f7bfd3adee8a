namespace Exchange.Portal;

/// <summary>What a program or a prepaid group would pay of a plan.</summary>
/// <param name="Fund">As invoices name it: 'nerc-new-pi-credit', 'prepay:GROUP'.</param>
internal sealed record PaidByFund(string Fund, string Payer, Money Amount);

/// <summary>Who would be billed for what funds leave of a plan.</summary>
/// <param name="Payer">A PI, or the institution that takes what its PIs owe; nothing while nobody is known.</param>
internal sealed record LeftToPay(string? Payer, Money Amount);

/// <summary>
/// What a plan comes to for whoever pays: as it is priced, what funds would pay of it, and what is left to be billed.
/// </summary>
/// <param name="Amount">Before funds.</param>
/// <param name="NotBilled">What of it is billed to nobody.</param>
internal sealed record PlanAfterFunds(
    Money Amount, IReadOnlyList<PaidByFund> Funds, IReadOnlyList<LeftToPay> Left, Money NotBilled)
{
    /// <summary>After funds.</summary>
    public Money Owed => Money.Sum(Left.Select(one => one.Amount));

    /// <summary>The same over several places; all that is named alike is one.</summary>
    public static PlanAfterFunds Of(IReadOnlyCollection<PlanAfterFunds> parts) => new(
        Money.Sum(parts.Select(part => part.Amount)),
        [
            .. parts.SelectMany(part => part.Funds).GroupBy(one => (one.Fund, one.Payer))
                .Select(of => new PaidByFund(of.Key.Fund, of.Key.Payer, Money.Sum(of.Select(one => one.Amount))))
                .Where(one => !one.Amount.IsZero),
        ],
        [
            .. parts.SelectMany(part => part.Left).GroupBy(one => one.Payer, StringComparer.Ordinal)
                .Select(of => new LeftToPay(of.Key, Money.Sum(of.Select(one => one.Amount))))
                .OrderBy(one => one.Payer, StringComparer.Ordinal),
        ],
        Money.Sum(parts.Select(part => part.NotBilled)));
}

/// <summary>What a month's usage comes to after funds where it was used, and at each other place.</summary>
internal sealed record PricedElsewhereAfterFunds(PlanAfterFunds Here, IReadOnlyList<PlanAfterFunds> There);
