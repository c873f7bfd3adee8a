using System.Globalization;
using System.Text.Json;
using NodaTime;

namespace Exchange.Metering.Collectors;

/// <summary>Of which bill a row is: who issued it, to which account, for which time.</summary>
internal sealed record BillIssue(string Issuer, string Account, Period Period)
{
    /// <summary>
    /// Whether two are one bill whose times are written in two ways: an end that is the last second of a month, or the
    /// midnight of another zone.
    /// </summary>
    public bool IsLike(BillIssue other) => (Issuer, Account) == (other.Issuer, other.Account) &&
        (Period == other.Period || (Period.Clip(other.Period) is { } both &&
            both.Length * 10 > Duration.Max(Period.Length, other.Period.Length) * 9));

    public override string ToString() => $"bill of {Issuer} to account {Account} for {Period}";
}

/// <summary>One row of a bill: as it is kept, what it costs, and what it is for.</summary>
/// <param name="Content">The row without the name of its file, so that the same bill is the same in any file.</param>
/// <param name="Subject">What it is for: two issues of one bill speak of the same subjects, two parts do not.</param>
internal sealed record BillRow(BillIssue Issue, string Line, string Content, decimal Cost, string Subject)
{
    public static BillRow Of(FocusRow row) => new(
        new(row.Provider, row.BillingAccount, row.BillingPeriod), JsonSerializer.Serialize(row, Text.Json),
        JsonSerializer.Serialize(row with { Where = "" }, Text.Json), row.BilledCost,
        string.Join('\n', row.ChargePeriod, row.Category, row.Service, row.SubAccount, row.Resource));

    // Storage is an invoice of its own, beside those of the clusters that it names.
    public static BillRow Of(RatedLine line) => new(
        new("nerc", line.SuType.EndsWith("Storage", StringComparison.Ordinal) ? "NERC Storage" : line.Cluster.Value,
            new(line.Month.Start, line.Month.End)),
        JsonSerializer.Serialize(line, Text.Json),
        JsonSerializer.Serialize(line with { Where = "", GeneratedAt = null }, Text.Json), line.Cost,
        string.Join('\n', line.Project, line.SuType));

    public static BillRow Of(string format, string line) => format == FocusRows.Format
        ? Of(JsonSerializer.Deserialize<FocusRow>(line, Text.Json)!)
        : Of(JsonSerializer.Deserialize<RatedLine>(line, Text.Json)!);
}

/// <summary>What an issue of a bill says beside the one that stands, which it is to replace.</summary>
internal sealed record BillDifference(
    BillIssue Issue, decimal Before, int RowsBefore, decimal After, int RowsAfter, decimal Gone)
{
    public static BillDifference Between(IReadOnlyList<BillRow> before, IReadOnlyList<BillRow> after)
    {
        var subjects = after.Select(row => row.Subject).ToHashSet(StringComparer.Ordinal);
        return new(after[0].Issue, before.Sum(row => row.Cost), before.Count, after.Sum(row => row.Cost), after.Count,
            before.Where(row => !subjects.Contains(row.Subject)).Sum(row => decimal.Abs(row.Cost)))
        {
            All = before.Sum(row => decimal.Abs(row.Cost)),
        };
    }

    /// <summary>The costs that stand, credits too as what they come to.</summary>
    private decimal All { get; init; }

    /// <summary>
    /// Whether it asks for less, or leaves out most of what stands: then it may be a part of the bill, or cut off.
    /// </summary>
    public bool IsLess => After < Before || Gone * 2 > All;

    public string Description => string.Create(CultureInfo.InvariantCulture,
        $"The {Issue} stands at {Before} in {RowsBefore} rows. What came says {After} in {RowsAfter} rows: " +
        $"{After - Before:+0.############;-0.############;0}, and {Gone} of what stands is not in it.");
}

/// <summary>How a bill is taken that stands already in another form.</summary>
public sealed record BillRules
{
    /// <summary>Whoever hands it in has seen that it is less than what stands, and means it.</summary>
    public bool AcceptsLess { get; init; }

    /// <summary>
    /// Whether a file of another name that speaks of the same bill is refused: nobody said whether it is a part of the
    /// bill or the bill issued again.
    /// </summary>
    public bool AsksForParts { get; init; }

    /// <summary>How many rows each file has by its manifest; a file that is not named may have any.</summary>
    public IReadOnlyDictionary<string, long> Rows { get; init; } = new Dictionary<string, long>();
}
