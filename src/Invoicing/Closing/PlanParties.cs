using System.Collections.Immutable;
using Exchange.Invoicing.Funds;
using Exchange.Rating;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// What a close asks of parties. Institutions with an agreement take what their PIs owe by this month's invoices;
/// payers and groups get whatever their funds paid up to now less what earlier invoices told them, corrections among
/// it.
/// </summary>
public static class PlanParties
{
    /// <summary>What a draft that the PI pays says instead of an institution, where it has to say so.</summary>
    internal const string Own = "own";

    /// <param name="drafts">The invoices of PIs in this close.</param>
    /// <param name="funds">What became of the money of programmes, this close included.</param>
    public static IReadOnlyList<PartyDraft> Run(
        CloseInputs inputs, IReadOnlyList<InvoiceEvent.Drafted> drafts, IReadOnlyList<FundOf> funds,
        PrepaidGroups groups)
    {
        var lines = Takers(inputs, drafts).Concat(Payers(funds)).Concat(Groups(groups))
            .Where(of => !of.Line.Amount.IsZero);
        var told = inputs.Stated.Select(of => (of.Party, Line: of.Line with { Amount = -of.Line.Amount }));
        return
        [
            .. lines.Concat(told).GroupBy(of => of.Party)
                .OrderBy(of => of.Key.Kind).ThenBy(of => of.Key.Name, StringComparer.Ordinal)
                .Select(of => new PartyDraft(of.Key, [.. Sums(of.Select(one => one.Line))]))
                .Where(draft => draft.Lines.Length > 0),
        ];
    }

    /// <summary>What an institution takes of the invoices of its PIs.</summary>
    /// <param name="codeOf">The customer code of a line.</param>
    public static ImmutableArray<PartyLine> LinesOf(
        IEnumerable<InvoiceEvent.Drafted> drafts, Func<InvoiceLine, string?> codeOf) =>
        [.. Sums(drafts.SelectMany(draft => LinesOf(draft, codeOf))).Where(line => !line.Amount.IsZero)];

    /// <summary>The institution that takes upon itself what the PI of a draft owes; null for none.</summary>
    public static BillTo? Taking(Institutions institutions, InvoiceEvent.Drafted draft) => draft switch
    {
        { Pi: null } or { Apart: Own } => null,
        { Apart: { } taker } => new(PartyKind.Institution, taker),
        _ => Taking(institutions, draft.Month, draft.Institution),
    };

    /// <summary>The institution of this name, where by agreement it takes what its PIs owe in a month.</summary>
    public static BillTo? Taking(Institutions institutions, BillingMonth month, string? name) =>
        institutions.At(month).Named(name) is { InvoicedSince: { } since } one && since <= month
            ? new BillTo(PartyKind.Institution, one.Name)
            : null;

    private static IEnumerable<PartyLine> Sums(IEnumerable<PartyLine> lines) => lines
        .GroupBy(line => (line.Pi, line.What, line.Code, line.Month))
        .Select(same => new PartyLine(
            same.Key.Pi, same.Key.What, same.Key.Code, same.Key.Month, Money.Sum(same.Select(line => line.Amount))))
        .Where(line => !line.Amount.IsZero)
        .OrderBy(line => line.Pi.Value, StringComparer.Ordinal).ThenBy(line => line.What, StringComparer.Ordinal)
        .ThenBy(line => line.Code, StringComparer.Ordinal).ThenBy(line => line.Month);

    private static IEnumerable<(BillTo Party, PartyLine Line)> Takers(
        CloseInputs inputs, IReadOnlyList<InvoiceEvent.Drafted> drafts)
    {
        return
            from draft in drafts
            let party = Taking(inputs.Institutions, draft)
            where party is not null
            from line in LinesOf(draft, line => line.Code ?? inputs.CodeOf(line))
            select (party.Value, line);
    }

    private static IEnumerable<PartyLine> LinesOf(InvoiceEvent.Drafted draft, Func<InvoiceLine, string?> codeOf) =>
        draft.Lines.Select(line => new PartyLine(
            draft.Pi!.Value, line.ProjectName, codeOf(line), line.ServiceMonth(draft.Month), line.PiBalance));

    private static IEnumerable<(BillTo Party, PartyLine Line)> Payers(IReadOnlyList<FundOf> funds) =>
        from of in funds
        where of.Programme.Kind == ProgrammeKind.Subsidy
        from uses in of.Fund.Uses
        from use in uses.Value
        select (new BillTo(PartyKind.Payer, of.Programme.PayerIn(use.Key)),
            new PartyLine(uses.Key, of.Programme.Id, null, use.Key, use.Value));

    private static IEnumerable<(BillTo Party, PartyLine Line)> Groups(PrepaidGroups groups) =>
        from of in groups.Groups.Values
        from use in of.Uses
        select (new BillTo(PartyKind.Group, of.Name),
            new PartyLine(new(use.Key.Pi), "prepaid", null, use.Key.Month, use.Value));
}
