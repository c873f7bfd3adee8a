using Exchange.Metering;
using NodaTime;

namespace Exchange.Rating;

/// <summary>What one shape comes to under the sheets of a moment.</summary>
/// <param name="Sku">Null when nothing is charged: unbilled, or without a price.</param>
/// <param name="Parts">Units at each moment in parts.</param>
/// <param name="Missing">The reason when a price or a dimension is missing.</param>
internal sealed record Priced(
    SheetInForce? Sheet, Policies? Policies, Sku? Sku, Int128 Parts, decimal Count, string? Missing)
{
    /// <summary>Nothing is rounded or filled up for each resource, so usage can be added to its line at once.</summary>
    public bool AddsUp { get; } = Sku is { Minimum: 0 } && Policies is
    {
        LastShapeForAll: false, Quantities: WholeQuantity.Exact or WholeQuantity.Line,
    };

    /// <summary>The lines of its SKU, once there is one.</summary>
    public Dictionary<ProjectId, Line>? Lines { get; set; }
}

/// <summary>A part of the rated period during which the sheets of a cluster do not change.</summary>
internal sealed class PricePeriod(Period period, IReadOnlyList<SheetInForce> sheets, string policies, ClusterId cluster)
{
    private readonly Dictionary<(string Kind, Shape Shape), Priced> _known = [];

    public Period Period => period;
    public long Start { get; } = period.Start.ToUnixTimeTicks();
    public long End { get; } = period.End.ToUnixTimeTicks();
    public IReadOnlyList<SheetInForce> Sheets => sheets;

    public Priced Of(string kind, Shape shape)
    {
        if (!_known.TryGetValue((kind, shape), out var priced))
        {
            if (_known.Count >= 100_000)
            {
                _known.Clear(); // Shapes without number must not fill the memory.
            }

            _known[(kind, shape)] = priced = Find(kind, shape);
        }

        return priced;
    }

    public (SheetInForce Sheet, Sku Sku)? Of(string kind, string meter) =>
        First(skus => skus.Of(cluster, kind, meter));

    /// <summary>A sheet names the meter as one that is not for sale.</summary>
    public bool IsUnbilled(string kind, string meter) => sheets.Any(
        s => s.Sheet.Unbilled.Any(u => u.Match.Any(m => m.HoldsFor(cluster, kind, meter))));

    private Priced Find(string kind, Shape shape)
    {
        if (First(skus => skus.Of(cluster, kind, shape)) is not { } found)
        {
            var isUnbilled = sheets.Any(
                s => s.Sheet.Unbilled.Any(u => u.Match.Any(m => m.HoldsFor(cluster, kind, shape))));
            return new(null, null, null, 0, 0, isUnbilled ? null : sheets.Count == 0 ? "no-sheet" : "no-sku");
        }

        var rules = found.Sheet.Sheet.PoliciesNamed(policies);
        if (Counting.Problem(found.Sku, rules, shape) is { } problem)
        {
            return new(found.Sheet, rules, null, 0, 0, problem);
        }

        var count = Counting.Of(found.Sku, rules, shape);
        if (count > Counting.Largest)
        {
            return new(found.Sheet, rules, null, 0, 0, "too-large");
        }

        return new(found.Sheet, rules, found.Sku,
            (Int128)decimal.Round(count * Line.Parts, 0, MidpointRounding.ToEven), count, null);
    }

    /// <summary>The SKU that matches; those that stand for the rest only when no other does.</summary>
    private (SheetInForce Sheet, Sku Sku)? First(Func<SkuIndex, IReadOnlyList<Sku>> matching)
    {
        (SheetInForce, Sku)? rest = null;
        foreach (var sheet in sheets)
        {
            foreach (var sku in matching(SkuIndex.Of(sheet.Sheet)))
            {
                if (!sku.Otherwise)
                {
                    return (sheet, sku);
                }

                rest ??= (sheet, sku);
            }
        }

        return rest;
    }
}

/// <summary>What prices one cluster of a landlord during the rated period: its eras, and its outages.</summary>
internal sealed class ClusterPrices
{
    public ClusterPrices(PriceBooks books, LandlordId landlord, ClusterId cluster, RateRequest request)
    {
        var period = request.Period;
        var sheets = books.Covering(landlord, cluster, period);
        if (sheets.Select(sheet => Egress.ChargedBy(sheet.Sheet)).FirstOrDefault(sku => sku is not null) is { } sku)
        {
            throw new InvalidOperationException($"SKU '{sku.Id}' ({sku.Where}) charges egress, which no sheet may.");
        }

        Instant[] edges = [.. sheets.SelectMany(s => new[] { s.Period.Start, s.Period.End }).Append(period.Start)
            .Append(period.End).Distinct().Order()];
        Eras = [.. edges.Zip(edges.Skip(1), (start, end) => new PricePeriod(
            new(start, end), [.. sheets.Where(s => s.Period.Contains(start))], request.Policies, cluster))];
        Outages = new(books.Outages, landlord, cluster, request);
    }

    public PricePeriod[] Eras { get; }

    /// <summary>The sheet of this name that prices the cluster at some time of the period.</summary>
    public SheetInForce? Sheet(string id) =>
        Eras.SelectMany(era => era.Sheets).FirstOrDefault(sheet => sheet.Published.Id == id);

    public Outages Outages { get; }
}
