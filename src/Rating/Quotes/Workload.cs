using System.Collections.Immutable;
using Exchange.Metering;
using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// What somebody plans to run for some hours of a month, in the words of whoever plans it: alike machines, disk, and
/// what will leave over the network.
/// </summary>
public sealed record Workload
{
    /// <summary>No month is longer.</summary>
    public const decimal MaxHours = 744;

    public const int MaxMachines = 10_000;
    private const int Largest = 1_000_000_000;
    private const long MaxCounted = 1_000_000_000_000;

    /// <summary>What a machine can be, by the word that asks for it; the first serves whoever does not mind.</summary>
    public static readonly ImmutableArray<(string Word, string What, ImmutableArray<string> Kinds)> Forms =
    [
        ("any", "a server or a container, as is sold", ["vm", "pod"]),
        ("vm", "a virtual server", ["vm"]),
        ("pod", "a container", ["pod"]),
    ];

    public int Machines { get; init; }

    /// <summary>The kinds of resource that a machine may be.</summary>
    public ImmutableArray<string> Kinds { get; init; } = Forms[0].Kinds;
    public decimal VCpu { get; init; }
    public decimal RamGib { get; init; }
    public int Gpus { get; init; }
    public string? GpuModel { get; init; }
    public int Fpgas { get; init; }
    public decimal Hours { get; init; }
    public decimal StorageGib { get; init; }
    public decimal EgressGib { get; init; }

    /// <summary>What is counted instead of timed, as 'bucket storage_gib_hours': a kind and its meter.</summary>
    public string? Meter { get; init; }

    /// <summary>How much of the meter.</summary>
    public decimal Counted { get; init; }

    private Duration Length => Duration.FromSeconds((long)decimal.Ceiling(Hours * 3_600));

    /// <summary>As usage that can be priced; what there is nothing of is left out.</summary>
    public IReadOnlyList<QuotedUsage> Usage =>
    [
        .. Machines > 0 && (VCpu > 0 || RamGib > 0 || Gpus > 0)
            ? [new QuotedUsage(Kinds[0], Machine(), Length, Machines) { Or = Kinds[1..] }]
            : Array.Empty<QuotedUsage>(),
        .. Fpgas > 0 ? [new QuotedUsage("fpga", Of(("fpga", 1)), Length, Fpgas)] : Array.Empty<QuotedUsage>(),
        .. StorageGib > 0
            ? [new QuotedUsage("volume", Of(("storage_gib", StorageGib)), Length) { Or = ["quota"] }]
            : Array.Empty<QuotedUsage>(),
        .. EgressGib > 0
            ? [new QuotedUsage("network", Shape.Empty, Duration.Zero, Meter: "egress", Quantity: EgressGib)]
            : Array.Empty<QuotedUsage>(),
        .. Counted > 0 && Meter?.Split(' ') is [var kind, var meter]
            ? [new QuotedUsage(kind, Shape.Empty, Duration.Zero, Meter: meter, Quantity: Counted)]
            : Array.Empty<QuotedUsage>(),
    ];

    /// <summary>What makes no sense of it, and which part; null when it can be priced.</summary>
    public (string Part, string Why)? Wrong(IReadOnlyCollection<string> models) =>
        Machines is < 0 or > MaxMachines ? ("machines", $"Machines: a whole number from 0 to {MaxMachines}.")
        : Fpgas is < 0 or > MaxMachines ? ("fpgas", $"FPGA boards: a whole number from 0 to {MaxMachines}.")
        : VCpu is < 0 or > 1_000 ? ("vcpu", "vCPUs of each: a number from 0 to 1000.")
        : RamGib is < 0 or > 100_000 ? ("ram", "Memory of each: GiB from 0 to 100000.")
        : Gpus is < 0 or > 100 ? ("gpus", "GPUs of each: a whole number from 0 to 100.")
        : StorageGib is < 0 or > Largest ? ("storage", $"Storage: GiB from 0 to {Largest}.")
        : EgressGib is < 0 or > Largest ? ("egress", $"Egress: GiB from 0 to {Largest}.")
        : Counted is < 0 or > MaxCounted ? ("counted", $"How much of it: a number from 0 to {MaxCounted}.")
        : Counted > 0 && Meter is null ? ("meter", "Say what is counted; 'none' has no price.")
        : Gpus > 0 && (GpuModel is null || !models.Contains(GpuModel))
            ? ("gpu", $"Say which GPU, for each has a price of its own: {string.Join(", ", models)}.")
        : Hours is <= 0 or > MaxHours
            ? ("hours", $"The hours are above 0 and at most {MaxHours}: a month has no more.")
        : Machines > 0 && VCpu == 0 && RamGib == 0 && Gpus == 0 && Usage.Count > 0
            ? ("vcpu", "A machine has vCPUs, memory or GPUs. Say how many, or plan no machines.")
        : Usage.Count == 0 ? ("machines", "Nothing is planned yet. Say what should run, be stored or leave.")
        : null;

    /// <summary>
    /// The words for models of GPUs that sheets of an instant sell; of words for the same SKUs the shortest, and of
    /// those that fewer SKUs know none.
    /// </summary>
    public static IReadOnlyList<string> GpuModels(PriceBooks books, Instant at)
    {
        var known = (
            from sheet in books.List()
            where sheet.Period.Contains(at)
            from sku in sheet.Sheet.Skus
            where sku.Costs && !sku.Otherwise
            from match in sku.Match
            from asked in match.Shape
            where asked.Key == "gpu_model"
            from word in asked.Words
            group $"{sheet.Published.Id} {sku.Id}" by word.ToLowerInvariant() into of
            orderby of.Key.Length, of.Key
            select (Word: of.Key, Skus: of.ToHashSet())).ToList();
        return
        [
            .. known.Where((one, place) => !known.Where((other, at) => other.Skus.IsProperSupersetOf(one.Skus) ||
                (at < place && other.Skus.SetEquals(one.Skus))).Any()).Select(one => one.Word).Order(
                    StringComparer.Ordinal),
        ];
    }

    /// <summary>
    /// What sheets of an instant count instead of time, a kind and its meter each; bills of other clouds are none.
    /// </summary>
    public static IReadOnlyList<string> Meters(PriceBooks books, Instant at) =>
    [
        .. (from sheet in books.List()
            where sheet.Period.Contains(at)
            from sku in sheet.Sheet.Skus
            where sku.Costs && sku.Counts == CountedBy.Meter && !Egress.IsNamedBy(sku.Counted!)
            from match in sku.Match
            from kind in match.Kinds
            where kind != "bill"
            select $"{kind} {sku.Counted}").Distinct().Order(StringComparer.Ordinal),
    ];

    private Shape Machine() => GpuModel is { } model && Gpus > 0
        ? Of([("vcpu", VCpu), ("ram_mib", RamGib * 1_024), ("gpu", Gpus)], ("gpu_model", model))
        : Of(("vcpu", VCpu), ("ram_mib", RamGib * 1_024), ("gpu", Gpus));

    private static Shape Of(params (string Key, decimal Number)[] numbers) => Of(numbers, []);

    private static Shape Of((string Key, decimal Number)[] numbers, params (string Key, string Word)[] words) =>
        Shape.Of(numbers.Where(one => one.Number > 0).Select(one => KeyValuePair.Create(one.Key, Text.Of(one.Number)))
            .Concat(words.Select(one => KeyValuePair.Create(one.Key, one.Word))));
}
