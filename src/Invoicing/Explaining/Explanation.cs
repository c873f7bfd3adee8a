using System.Collections.Immutable;
using Exchange.Invoicing.Kept;
using Exchange.Metering;
using Exchange.Rating;

namespace Exchange.Invoicing.Explaining;

/// <summary>One part of a charge: what a segment adds to it, and the readings that it rests on.</summary>
/// <param name="Outage">How much of it was an outage and is not charged: 'none' for nothing.</param>
public sealed record ExplainedPart(
    string Resource, string Kind, Period Period, string State, string Shape, string Outage, string Arithmetic,
    IReadOnlyList<ReadingBehind> Readings)
{
    /// <summary>Units at each moment; of a meter, what was counted; of a bill, what was billed.</summary>
    public decimal Units { get; init; }

    /// <summary>How long it counts; null for what has no length.</summary>
    public decimal? Hours { get; init; }

    /// <summary>Units times hours, or what was counted: these add up to the quantity before it is made whole.</summary>
    public decimal Adds => Units * (Hours ?? 1);
}

/// <summary>A charge down to its readings, and what was billed of it.</summary>
/// <param name="Sheet">The version of the price sheet, and where its text can be seen.</param>
/// <param name="Billed">The invoice lines of it; of an issued line that line alone.</param>
/// <param name="Unbilled">What it comes to now and is not on an invoice yet.</param>
public sealed record Explanation(
    string ChargeId, string Project, string? Pi, string Sku, Quantity Quantity, Rate Rate, Money Amount, string Sheet,
    string SheetSha256, string Policies, string Arithmetic, IReadOnlyList<ExplainedPart> Parts,
    IReadOnlyList<InvoiceLine> Billed, Money Unbilled)
{
    /// <summary>Whose charge it is, by the one name under which a landlord that may not know it has it.</summary>
    public string? Customer { get; init; }

    /// <summary>The agreement whose locked prices it is priced by; null for what is at list.</summary>
    public string? Agreement => Charge.AgreementOf(ChargeId);

    /// <summary>Whether it is what was kept when the line was billed: then it is the same for ever.</summary>
    public bool Kept { get; init; }

    /// <summary>What the parts add up to, before it is made whole, priced in steps or shared.</summary>
    public decimal Sum => Parts.Sum(part => part.Adds);

    /// <summary>Of an adjustment: what had been billed of the charge to this account before.</summary>
    public Money? Before { get; init; }

    /// <summary>Which funds paid, in what order, by which rule, and what they had left.</summary>
    public ImmutableArray<FundNote> Funds { get; init; } = [];

    /// <summary>Of an adjustment: what caused it.</summary>
    public ImmutableArray<Cause> Causes { get; init; } = [];
}
