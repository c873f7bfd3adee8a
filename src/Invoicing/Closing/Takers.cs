using Exchange.Rating;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// Who was asked for what was billed to a PI, and is not asked any more since it is known for whom they worked: what
/// was asked goes back to them whole, and whoever takes it now is asked for all of it.
/// </summary>
/// <param name="month">The month of the close.</param>
/// <param name="institutionOf">For whom the PI worked, by what is known now, when what a line billed was used.</param>
public sealed class Takers(
    Institutions institutions, BillingMonth month, PiId pi, Func<PiId, InvoiceLine, string?> institutionOf)
{
    /// <summary>
    /// Who was asked for what was billed of a charge: an institution, or "" for the PI. Null where they are asked
    /// still: nobody moved, or whoever they work for takes nothing, or took nothing when it was used.
    /// </summary>
    public string? MovedFrom(InvoiceLine now, InvoiceLine billed)
    {
        var institution = institutionOf(pi, now);
        if (billed.BackTo is null && (billed.Billed is not { } told || told.Institution == institution))
        {
            return null;
        }

        var before = billed.BackTo ?? Of(billed.Billed!.Value.Month, billed.Billed!.Value.Institution);
        return before == Of(month, institution) || before == Of(BillingMonth.Of(now.ServicePeriod.Start), institution)
            ? null
            : before;
    }

    private string Of(BillingMonth asked, string? institution) =>
        PlanParties.Taking(institutions, asked, institution)?.Name ?? "";
}
