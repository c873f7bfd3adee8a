using Exchange.Rating;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// Who is asked for what is billed to a PI: an institution, or "" for the PI. What was asked goes back to whom it was
/// asked of, and what is billed of a closed month is asked of whoever took it when it was used.
/// </summary>
/// <param name="month">The month of the close.</param>
/// <param name="institutionOf">For whom the PI worked, by what is known now, when what a line billed was used.</param>
public sealed class Takers(
    Institutions institutions, BillingMonth month, PiId pi, Func<PiId, InvoiceLine, string?> institutionOf)
{
    /// <summary>
    /// What was billed of a charge, by who was asked for it. A line of which nobody kept that was asked of the same as
    /// the others.
    /// </summary>
    public ILookup<string, InvoiceLine> Asked(IEnumerable<InvoiceLine> billed)
    {
        var all = billed.ToList();
        var known = all.Select(AskedOf).FirstOrDefault(asked => asked is not null) ?? "";
        return all.ToLookup(line => AskedOf(line) ?? known, StringComparer.Ordinal);
    }

    /// <summary>Who is asked for a charge of which nothing was asked of anybody yet.</summary>
    /// <param name="used">The month of its usage.</param>
    public string Now(InvoiceLine line, BillingMonth used) => Of(used, institutionOf(pi, line));

    /// <summary>
    /// Whether somebody is asked no more for a charge since it is known for whom the PI worked. That an institution
    /// begins or ceases to take what its PIs owe moves nothing.
    /// </summary>
    public bool IsMoved(InvoiceLine now, BillingMonth used, IGrouping<string, InvoiceLine> asked)
    {
        var institution = institutionOf(pi, now);
        return asked.Key != Of(month, institution) && asked.Key != Of(used, institution) &&
            asked.Any(line => line.Billed is { } told && told.Institution != institution);
    }

    /// <summary>Whom a line names: null where the invoices of the month ask them anyway.</summary>
    public string? Named(InvoiceLine line, string asked) => asked == Of(month, institutionOf(pi, line)) ? null : asked;

    /// <summary>
    /// Whom a line of a charge that is gone names. They are named where an institution could be asked: nobody knows for
    /// whom the PI worked by a charge that is not there.
    /// </summary>
    public string? NamedOfGone(InvoiceLine line, string asked) => asked.Length > 0 ? asked : Named(line, asked);

    private string? AskedOf(InvoiceLine billed) => billed.BackTo ??
        (billed.Billed is { } told ? Of(told.Month, told.Institution) : null);

    private string Of(BillingMonth asked, string? institution) =>
        PlanParties.Taking(institutions, asked, institution)?.Name ?? "";
}
