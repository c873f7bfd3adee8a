using Exchange.Portal.Costs;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>What a group, or everything together, comes to.</summary>
/// <param name="Cost">Before funds.</param>
/// <param name="Credits">What funds take from it: below zero.</param>
/// <param name="Net">Cost and credits together.</param>
/// <param name="Usage">How much was used, of each unit.</param>
internal sealed record CostAmounts(Money Cost, Money Credits, Money Net, IReadOnlyList<Quantity> Usage)
{
    public static CostAmounts Of(CostFigures figures) =>
        new(figures.Cost, figures.Credits, figures.Net, figures.Usage);
}

/// <summary>A group of costs: what it was grouped by, and what it comes to.</summary>
internal sealed record CostItem
{
    public string? Month { get; init; }
    public string? Day { get; init; }
    public string? UsageMonth { get; init; }
    public string? Landlord { get; init; }
    public string? Service { get; init; }
    public string? Sku { get; init; }
    public string? Cluster { get; init; }
    public string? Project { get; init; }
    public string? ProjectName { get; init; }
    public string? Pi { get; init; }

    /// <summary>The keyed name of a customer, where the reader may not know more.</summary>
    public string? Customer { get; init; }
    public string? Institution { get; init; }
    public string? Fund { get; init; }
    public string? Payer { get; init; }
    public string? Class { get; init; }
    public string? Charge { get; init; }
    public string? Resource { get; init; }
    public required Money Cost { get; init; }
    public required Money Credits { get; init; }
    public required Money Net { get; init; }
    public required IReadOnlyList<Quantity> Usage { get; init; }
    public CostAmounts? Before { get; init; }

    /// <summary>The net of this period less that of the one before.</summary>
    public Money? Change { get; init; }

    public static CostItem Of(CostReport report, CostWalls walls, ComparedCost one)
    {
        var figures = one.Row.Figures;
        return new()
        {
            Month = Key(CostDimension.Month),
            Day = Key(CostDimension.Day),
            UsageMonth = Key(CostDimension.UsageMonth),
            Landlord = Key(CostDimension.Landlord),
            Service = Key(CostDimension.Service),
            Sku = Key(CostDimension.Sku),
            Cluster = Key(CostDimension.Cluster),
            Project = Key(CostDimension.Project),
            ProjectName = Key(CostDimension.Project) is null ? null : one.Row.Title,
            Pi = walls.IsConfidential ? null : Key(CostDimension.Pi),
            Customer = walls.IsConfidential ? Key(CostDimension.Pi) : null,
            Institution = Key(CostDimension.Institution),
            Fund = Key(CostDimension.Fund),
            Payer = Key(CostDimension.Payer),
            Class = Key(CostDimension.Class),
            Charge = Key(CostDimension.Charge),
            Resource = Key(CostDimension.Resource),
            Cost = figures.Cost,
            Credits = figures.Credits,
            Net = figures.Net,
            Usage = figures.Usage,
            Before = one.Before is { } before ? CostAmounts.Of(before) : null,
            Change = one.Change,
        };

        string? Key(CostDimension dimension) =>
            report.Query.GroupBy.ToList().IndexOf(dimension) is >= 0 and var at ? one.Row.Keys[at] : null;
    }
}

/// <summary>The explorer's answer to programs.</summary>
/// <param name="To">The first day that is not part of it.</param>
/// <param name="AsOf">When the open months in it were last rated; left out where all are closed.</param>
/// <param name="OpenMonths">The months in it that can still change.</param>
internal sealed record CostDocument(
    LocalDate From, LocalDate To, IReadOnlyList<string> GroupBy, Instant? AsOf, IReadOnlyList<BillingMonth> OpenMonths,
    CostAmounts Total, CostAmounts? TotalBefore, IReadOnlyList<CostItem> Items, string? Next)
{
    private const int MaxItems = 10_000;

    /// <summary>All of it in one document.</summary>
    public static CostDocument Whole(CostReport report, CostWalls walls) => Of(report, walls, 0, int.MaxValue);

    public static CostDocument Of(CostReport report, CostWalls walls, string? cursor, int? limit)
    {
        var (after, most) = (Cursor.Key(cursor), limit ?? MaxItems);
        if (most is < 1 or > MaxItems)
        {
            throw new FormatException($"'limit' is between 1 and {MaxItems}.");
        }

        var skip = after.Length == 0 ? 0 : int.TryParse(after, out var seen) && seen >= 0 ? seen
            : throw new FormatException("'cursor' is not one that was given out. Leave it out to begin at the start.");
        return Of(report, walls, skip, most);
    }

    private static CostDocument Of(CostReport report, CostWalls walls, int skip, int most)
    {
        var items = report.Rows.Skip(skip).Take(most).Select(row => CostItem.Of(report, walls, row)).ToList();
        return new(
            report.Query.Range.From, report.Query.Range.To, [.. report.Query.GroupBy.Select(one => one.Name())],
            report.AsOf, report.Open, CostAmounts.Of(report.Total),
            report.Before is { } before ? CostAmounts.Of(before) : null, items,
            skip + items.Count < report.Rows.Count
                ? Cursor.Of((skip + items.Count).ToString(System.Globalization.CultureInfo.InvariantCulture))
                : null);
    }
}
