using Exchange.Metering;

namespace Exchange.Rating;

/// <summary>How many units of a SKU a shape is at each moment.</summary>
internal static class Counting
{
    /// <summary>No installation has more units of anything; sums of so many still fit into 128 bits.</summary>
    public const decimal Largest = 1_000_000_000m;

    public static decimal Of(Sku sku, Policies policies, Shape shape) => sku.Counts switch
    {
        CountedBy.Bundle => OfBundle(sku, policies, shape),
        CountedBy.Dimension => shape.Number(sku.Counted!) / sku.DivideBy,
        CountedBy.Resource => 1m,
        CountedBy.Meter => throw new InvalidOperationException($"'{sku.Id}' counts a meter, not a shape."),
    };

    /// <summary>
    /// Why what the SKU counts cannot be counted: the reporter said nothing of it, or something that is no number, or
    /// too large a one. Null where it can; a zero that was said is a zero.
    /// </summary>
    public static string? Problem(Sku sku, Policies policies, Shape shape)
    {
        var said = Dimensions(sku, policies).Select(shape.AmountOf).ToList();
        return said.Contains(AmountSaid.TooLarge) ? "too-large"
            : said.Contains(AmountSaid.NoNumber) ||
                !SaysWhatIsCounted(sku, shape) ? "nothing-to-count"
            : null;
    }

    /// <summary>Whether the shape says something of what the SKU counts.</summary>
    public static bool SaysWhatIsCounted(Sku sku, Shape shape) =>
        sku.Counts is CountedBy.Resource or CountedBy.Meter || Counted(sku).Any(one => shape.Word(one) is not null);

    private static IEnumerable<string> Counted(Sku sku) => sku.Counts switch
    {
        CountedBy.Bundle => sku.Bundle.Select(part => part.Dimension),
        CountedBy.Dimension => [sku.Counted!],
        CountedBy.Resource or CountedBy.Meter => [],
    };

    /// <summary>The dimensions whose numbers decide how much there is.</summary>
    private static IEnumerable<string> Dimensions(Sku sku, Policies policies) => sku.Counts == CountedBy.Bundle
        ? Counted(sku).Where(dimension => !policies.GpusAlone || !sku.HasGpu || dimension == "gpu")
            .Concat(policies.IncompleteIsFree ? ["vcpu", "ram_mib", "gpu"] : [])
        : Counted(sku);

    private static decimal OfBundle(Sku sku, Policies policies, Shape shape)
    {
        if (policies.IncompleteIsFree && (shape.VCpu == 0 || shape.RamMib == 0 ||
            (shape.Word("gpu_resource") is not null && shape.Gpu == 0)))
        {
            return 0;
        }

        var units = 0m;
        foreach (var part in sku.Bundle)
        {
            if (!policies.GpusAlone || !sku.HasGpu || part.Dimension == "gpu")
            {
                units = decimal.Max(units, shape.Number(part.Dimension) / part.Size);
            }
        }

        return (sku.HasGpu ? policies.GpuServiceUnits : policies.ServiceUnits) switch
        {
            WholeUnits.Exact => units,
            WholeUnits.Floor => decimal.Floor(units),
            WholeUnits.Ceiling => decimal.Ceiling(units),
        };
    }

    /// <summary>The same in words, for whoever checks it.</summary>
    public static string Arithmetic(Sku sku, Shape shape, decimal count, long microseconds)
    {
        var parts = sku.Counts switch
        {
            CountedBy.Bundle => "max(" + string.Join(", ", sku.Bundle.Select(p =>
                $"{Text.Of(shape.Number(p.Dimension))} {p.Dimension} / {Text.Of(p.Size)}")) + ")",
            CountedBy.Dimension => $"{Text.Of(shape.Number(sku.Counted!))} {sku.Counted}",
            CountedBy.Resource or CountedBy.Meter => "1",
        };
        return $"{parts} = {Text.Of(count)}, for {Text.Of(microseconds / 1_000_000m)} s";
    }
}
