using Exchange.Metering.Csv;

namespace Exchange.Rating;

/// <summary>
/// Reads who answers for projects from a file: ColdFront's allocations as JSON, or a CSV with the columns cluster,
/// project, name, pi and, where it has them, code, course (yes or no), from (an instant or a month) and split (a label,
/// such as 'class', whose values are projects of their own), title and pi_name, as invoices are to show them.
/// </summary>
public static class ToldProjects
{
    /// <exception cref="RefusedException">The file is neither; the place is named.</exception>
    public static IReadOnlyList<ToldProject> Parse(string text, string file) =>
        IsColdFront(text) ? FromColdFront(text, file) : FromCsv(text, file);

    /// <summary>What a file says of a project in two ways at once; nothing of it is taken.</summary>
    public static IReadOnlyList<string> Contradictions(string text, string file) => IsColdFront(text)
        ? AllocationInForce.Of(ColdFrontAllocations.Parse(text, file)).Contradictions
        : [];

    private static bool IsColdFront(string text) => text.AsSpan().TrimStart("\uFEFF \t\r\n") is ['[' or '{', ..];

    private static List<ToldProject> FromColdFront(string json, string file) =>
        [.. AllocationInForce.Of(ColdFrontAllocations.Parse(json, file)).InForce
            .Where(one => Name.IsOne(one.ProjectId) && Name.IsOne(one.Cluster))
            .Select(one => new ToldProject(
                new(one.Cluster), new(one.ProjectId), one.Name,
                Name.IsOne(one.Pi) ? new PiId(one.Pi) : null, one.Code is "" ? null : one.Code, one.IsCourse,
                null)
            {
                Title = one.Title,
            })];

    private static List<ToldProject> FromCsv(string csv, string file) =>
        [.. CsvTable.Parse(csv, file, '"', "cluster", "project", "name", "pi").Rows.Select(row => new ToldProject(
            new(Named(row, "cluster")), new(Named(row, "project")), row["name"] ?? Named(row, "project"),
            row["pi"] is null ? null : new PiId(Address(row)), row["code"],
            string.Equals(row["course"], "yes", StringComparison.OrdinalIgnoreCase), From(row), row["split"])
        {
            Title = row["title"],
            PiName = row["pi_name"],
        })];

    private static string Named(CsvRow row, string column) => Name.IsOne(row[column])
        ? row[column]!
        : throw new RefusedException(new("directory/not-a-name", $"Column '{column}' must hold a name.", row.Where));

    private static string Address(CsvRow row) => !EmailAddress.IsDisguised(Named(row, "pi"))
        ? row["pi"]!
        : throw new RefusedException(new(
            "directory/not-an-address", $"'{row["pi"]}' is not an address. {EmailAddress.Rule}", row.Where));

    private static NodaTime.Instant? From(CsvRow row)
    {
        if (row["from"] is not { } from)
        {
            return null;
        }

        return BillingMonth.TryParse(from, null, out var month)
            ? month.Start
            : Text.TryParse(from, (text, _) => Text.Instant(text), out var instant)
                ? instant
                : throw new RefusedException(new(
                    "directory/not-an-instant", $"'{from}' is neither a month like 2026-10 nor an instant like " +
                    "2026-10-01T00:00:00Z.", row.Where));
    }
}
