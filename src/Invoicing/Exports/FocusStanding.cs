using Exchange.Rating;

namespace Exchange.Invoicing.Exports;

/// <summary>
/// What FOCUS says of a charge that is owed used or not: of a reservation or a commitment, agreed on or in the sheet.
/// </summary>
/// <param name="Id">The number of the agreement; of one that stands in a sheet, what it is of and whose.</param>
internal sealed record FocusStanding(string Id, string Name, string Type, bool IsSpend)
{
    /// <summary>
    /// All of it is what the customer holds, used or not: a line is not divided into what was used of it and what was
    /// not, since its cost is rounded once.
    /// </summary>
    public const string Status = "Used";

    private const string Reserved = "reserved ";
    private const string Committed = "committed";
    private const string ToSpend = "committed to spend";

    public string Category => IsSpend ? "Spend" : "Usage";

    /// <summary>Its number where capacity is kept free; null for a commitment.</summary>
    public string? Reservation => Type == "Reservation" ? Id : null;

    public static FocusStanding? Of(InvoiceLine line)
    {
        var (step, isReserved) = (line.Step ?? "", line.Step?.StartsWith(Reserved, StringComparison.Ordinal) == true);
        if (line.IsCredit || step.Contains("above the", StringComparison.Ordinal) ||
            !(isReserved || step.StartsWith(Committed, StringComparison.Ordinal)))
        {
            return null;
        }

        var id = Charge.AgreementOf(line.ChargeId) ??
            $"{line.Landlord}/{line.Service}/{line.Sku}/{line.Cluster}/{line.Project}" +
            (isReserved ? $"/{step}" : "");
        return new(
            id, $"{line.Sku}, {step}", isReserved ? "Reservation" : "Commitment",
            step.StartsWith(ToSpend, StringComparison.Ordinal));
    }
}
