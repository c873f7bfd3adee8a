using Exchange.Metering.Csv;
using NodaTime;

namespace Exchange.Metering.Collectors;

/// <summary>
/// A line that was already rated by its landlord's own collector: NERC's service invoices, row by row.
/// </summary>
public sealed record RatedLine
{
    public required BillingMonth Month { get; init; }

    /// <summary>What the line covers; null in files older than December 2025.</summary>
    public Period? Period { get; init; }
    public required string Name { get; init; }
    public required ProjectId Project { get; init; }
    public string? Pi { get; init; }
    public required ClusterId Cluster { get; init; }
    public string? InvoiceEmail { get; init; }
    public string? InvoiceAddress { get; init; }
    public string? Institution { get; init; }
    public string? InstitutionCode { get; init; }
    public required decimal Hours { get; init; }
    public required string SuType { get; init; }
    public required decimal Rate { get; init; }

    /// <summary>Dollars as the file gives them; bare-metal files hold more than two decimals.</summary>
    public required decimal Cost { get; init; }
    public Instant? GeneratedAt { get; init; }

    /// <summary>File and line, for messages and for explaining an invoice.</summary>
    public required string Where { get; init; }
}

/// <summary>A line of a file: rated, or not to be understood.</summary>
public readonly record struct RatedRow(RatedLine? Line, RejectedReading? Misfit);

/// <summary>Format 'nerc-service-csv': the 16 columns of NERC's service invoices, quoted with '|'.</summary>
public static class RatedLines
{
    public const string Format = "nerc-service-csv";

    private const char Quote = '|';
    private const string OldFilesCluster = "Unknown Cluster";

    public static IEnumerable<RatedRow> Read(Stream stream, CollectorContext context)
    {
        foreach (var row in CsvFile.Read(stream, context.File, Quote,
            "Invoice Month", "Project - Allocation ID", "SU Hours (GBhr or SUhr)", "SU Type", "Rate", "Cost"))
        {
            context.Tally.Records++;
            RatedRow read;
            try
            {
                read = new(Line(row, context), null);
            }
            catch (Exception e) when (Record.AsMisfit(e) is { } misfit)
            {
                var source = $"urn:exchange:{context.Landlord}:{Format}";
                read = new(null, Record.Reject(misfit, source, context.Landlord, row.Raw, $"{row.Where}: "));
            }

            yield return read;
        }
    }

    private static RatedLine Line(CsvRow row, CollectorContext context) => new()
    {
        Month = BillingMonth.TryParse(row["Invoice Month"], null, out var month)
            ? month
            : throw MisfitException.NotATime("the invoice month", row["Invoice Month"]),
        Period = Time(row, "Report Start Time") is { } start && Time(row, "Report End Time") is { } end && start <= end
            ? new(start, end)
            : null,
        Name = row["Project - Allocation"] ?? "",
        Project = row["Project - Allocation ID"] switch
        {
            null => throw MisfitException.Missing("Project - Allocation ID"),
            { } text when Name.IsOne(text) => new(text),
            { } text => throw MisfitException.NotAName("a project", text),
        },
        Pi = row["Manager (PI)"],
        Cluster = row["Cluster Name"] is { } cluster && Name.IsOne(cluster)
            ? new(cluster)
            : context.Cluster ?? new(OldFilesCluster),
        InvoiceEmail = row["Invoice Email"],
        InvoiceAddress = row["Invoice Address"],
        Institution = row["Institution"],
        InstitutionCode = row["Institution - Specific Code"],
        Hours = Number(row, "SU Hours (GBhr or SUhr)"),
        SuType = row["SU Type"] ?? throw MisfitException.Missing("SU Type"),
        Rate = Number(row, "Rate"),
        Cost = Number(row, "Cost"),
        GeneratedAt = Time(row, "Generated At"),
        Where = row.Where,
    };

    private static Instant? Time(CsvRow row, string column) => row[column] is { } text
        ? ReportedTime.Parse(text) ?? throw MisfitException.NotATime(column, text)
        : null;

    private static decimal Number(CsvRow row, string column) =>
        decimal.TryParse(row[column], Text.PlainNumber, null, out var number)
            ? number
            : throw MisfitException.NotANumber(column, row[column]);
}
