using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// The lines of each account as invoices: one for what the PI pays, and one for each institution that takes what its
/// lines owe, so that nobody pays for the time in which a person worked for somebody else.
/// </summary>
internal sealed class DraftInvoices(CloseInputs inputs, Instant now)
{
    private readonly Dictionary<Account, string?> _institutions = inputs.Rated.SelectMany(rated => rated.Charges)
        .GroupBy(owned => owned.Account).ToDictionary(of => of.Key, of => of.Last().Owner.Institution);

    private readonly NamesOnPaper _names = new(inputs);

    public InvoiceEvent.Drafted[] Of(IReadOnlyDictionary<Account, List<InvoiceLine>> lines) =>
    [
        .. lines.Where(of => of.Value.Count > 0).OrderBy(of => of.Key.Name, StringComparer.Ordinal)
            .SelectMany(of => Of(of.Key, of.Value)),
    ];

    private IEnumerable<InvoiceEvent.Drafted> Of(Account account, List<InvoiceLine> lines)
    {
        var own = InstitutionOf(account, lines[^1]);
        if (account.Pi is not { } pi || inputs.InstitutionOf is not { } institutionOf)
        {
            return [Draft(account, own, lines, null)];
        }

        var taker = TakerOf(own);
        var parts = lines.Select(line => (Line: line, Whose: WhoseIs(line, () => institutionOf(pi, line))))
            .GroupBy(of => of.Whose.Taker).Select(part => (
                Taker: part.Key,
                Institution: part.Key == taker ? own : part.Last().Whose.Institution,
                Lines: part.Select(of => of.Line).ToList()))
            .OrderBy(part => part.Taker != taker).ThenBy(part => part.Taker?.Name, StringComparer.Ordinal).ToList();
        return parts.Select((part, place) => Draft(
            account, part.Institution, part.Lines,
            place == 0 && part.Taker == TakerOf(part.Institution) ? null : part.Taker?.Name ?? PlanParties.Own));
    }

    /// <summary>Who is asked for a line: whom it names, or whoever takes what is used there now.</summary>
    private (BillTo? Taker, string? Institution) WhoseIs(InvoiceLine line, Func<string?> institutionNow)
    {
        switch (line.BackTo)
        {
            case null:
                var institution = institutionNow();
                return (TakerOf(institution), institution);
            case { Length: > 0 } named:
                return (new(PartyKind.Institution, named), named);
            default:
                return (null, null);
        }
    }

    private InvoiceEvent.Drafted Draft(
        Account account, string? institution, List<InvoiceLine> lines, string? apart) =>
        new(inputs.Month, account.Pi, institution, [.. lines], now)
        {
            PiName = _names.Of(account),
            Titles = _names.Of(lines),
            Replaces = inputs.Reissues?.Number,
            SettledIn = inputs.Reissues?.SettledIn,
            Apart = apart,
        };

    private BillTo? TakerOf(string? institution) =>
        PlanParties.Taking(inputs.Institutions, inputs.Month, institution);

    /// <summary>For whom somebody worked last: who used nothing of these months, when what is corrected was used.
    /// </summary>
    private string? InstitutionOf(Account account, InvoiceLine last) =>
        _institutions.TryGetValue(account, out var told) ? told
            : account.Pi is not { } pi ? null
            : inputs.InstitutionOf is { } worked ? worked(pi, last)
            : inputs.Institutions.At(inputs.Month).OfAddress(pi.Value)?.Name;
}
