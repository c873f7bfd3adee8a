using Exchange.Metering;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// Invariant 3: the order of usage, and in how many pieces it comes, changes no charge; and every charge is what thirty
/// naive lines say. Seen to fail with the order of resources kept in the sums, with a segment rounded by itself, and
/// with the price change a second late.
/// </summary>
public class RatingIsPure
{
    private const string Skus = """
        {name: CPU, unit: SU-hour, rate: "0.013", counts: bundle, bundle: {vcpu: "1", ram_mib: "4096"}, per: hour, match: {kind: vm, gpu: none}}
        {name: A100, unit: SU-hour, rate: "1.803", counts: bundle, bundle: {vcpu: "24", ram_mib: "75776", gpu: "1"}, per: hour, match: {kind: vm, gpu: any}}
        """;

    private static readonly Instant Change = Acme.At(15, 7, 11, 13);
    private static readonly PriceBooks Books = Acme.Books(
        Sheet("line", "2026-01"), Sheet("exact", Text.Of(Change))) with
    {
        Outages = [
            new("a", Acme.Landlord, [Acme.Cluster], Acme.At(10), Acme.At(12), ["corrected"]),
            new("b", Acme.Landlord, [Acme.Cluster], Acme.At(11), Acme.At(11, 7), ["corrected"]),
        ],
    };

    private static PriceSheet Sheet(string quantities, string from) => Acme.Sheet(Skus, from, $$"""
        policies:
          corrected: {billable: [running, stopped], service_units: exact, gpu_service_units: ceiling, quantities: {{quantities}} }
        """);

    /// <summary>Resources with some segments each, in the order of time, as the meter gives them.</summary>
    private static Gen<Segment[][]> Months { get; } =
        from ids in Gen.Choose(0, 12)
        from resources in Gen.CollectToArray(Enumerable.Range(0, ids).Select(Resource))
        select resources;

    private static Gen<Segment[]> Resource(int id) =>
        from edges in Gen.Choose(0, 31 * 86_400).ArrayOf(8)
        from project in Gen.Choose(0, 2)
        from parts in Gen.CollectToArray(edges.Order().Zip(edges.Order().Skip(1)).Where(e => e.First < e.Second).Select(edge =>
            from vcpu in Gen.Choose(0, 50)
            from gib in Gen.Choose(0, 200)
            from gpu in Gen.Elements(0, 0, 0, 1, 4)
            from state in Gen.Elements(ResourceState.Running, ResourceState.Stopped, ResourceState.Paused)
            select Acme.Ran(
                $"{id}", Acme.At(1) + Duration.FromSeconds(edge.First), Acme.At(1) + Duration.FromSeconds(edge.Second),
                $$"""{"vcpu":"{{vcpu}}","ram_mib":"{{gib * 1024}}","gpu":"{{gpu}}"}""", state: state,
                project: $"p{project}")))
        select parts;

    private static string Show(Rated rated) => string.Join('\n', rated.Charges.Select(charge =>
        $"{charge.Id} {charge.Quantity} {charge.Rate} {charge.Amount}"));

    [Fact]
    public void The_order_of_resources_changes_nothing() => Prop.ForAll(Arb.From(Months), month =>
        Show(Acme.Rate(Books, new(Acme.October), month.SelectMany(r => r))) ==
        Show(Acme.Rate(Books, new(Acme.October), month.Reverse().SelectMany(r => r)))).Check(Draws.Properties());

    [Fact]
    public void Rating_twice_gives_the_same() => Prop.ForAll(Arb.From(Months), month =>
        Show(Acme.Rate(Books, new(Acme.October), month.SelectMany(r => r))) ==
        Show(Acme.Rate(Books, new(Acme.October), month.SelectMany(r => r)))).Check(Draws.Properties());

    [Fact]
    public void Segments_cut_into_pieces_cost_the_same() => Prop.ForAll(
        Arb.From(Months), Arb.From(Gen.Choose(1, 100_000)), (month, seconds) =>
        Show(Acme.Rate(Books, new(Acme.October), month.SelectMany(r => r))) ==
        Show(Acme.Rate(Books, new(Acme.October), month.SelectMany(r => r).SelectMany(s => Cut(s, seconds)))))
        .Check(Draws.Properties());

    [Fact]
    public void Projects_rated_one_by_one_cost_what_they_cost_together() => Prop.ForAll(Arb.From(Months), month =>
        Show(Acme.Rate(Books, new(Acme.October), month.SelectMany(r => r))) ==
        Show(new([.. ((string[])["p0", "p1", "p2"]).SelectMany(project => Acme.Rate(
            Books, new RateRequest(Acme.October) { Project = new(project) }, month.SelectMany(r => r)).Charges)], [])))
        .Check(Draws.Properties());

    [Fact]
    public void Quantities_of_a_month_in_two_parts_add_up() => Prop.ForAll(
        Arb.From(Months), Arb.From(Gen.Choose(1, 30)), (month, day) =>
        {
            // Where nothing is made whole the parts add up exactly; that is the sheet after the change.
            decimal Sum(Instant from, Instant until) => Acme.Rate(
                Books, new RateRequest(Acme.October) { Within = new(from, until) }, month.SelectMany(r => r)).Charges
                .Where(charge => charge.Sheet.Contains("10-15", StringComparison.Ordinal))
                .Sum(charge => decimal.Round(charge.Quantity.Amount * 3600, 6, MidpointRounding.ToEven));
            return Sum(Acme.At(1), Acme.At(32)) == Sum(Acme.At(1), Acme.At(day)) + Sum(Acme.At(day), Acme.At(32));
        }).Check(Draws.Properties());

    [Fact]
    public void Every_charge_is_what_a_naive_reading_of_the_sheet_says() => Prop.ForAll(Arb.From(Months), month =>
        Assert.Equal(Naive(month.SelectMany(r => r)), Acme.Rate(Books, new(Acme.October), month.SelectMany(r => r))
            .Charges.ToDictionary(c => $"{c.Project} {c.Sku} {c.Sheet}", c => c.Amount)))
        .Check(Draws.Properties());

    /// <summary>Second by second would be too slow; edge by edge it is.</summary>
    private static Dictionary<string, Money> Naive(IEnumerable<Segment> usage)
    {
        var seconds = new Dictionary<string, (decimal Seconds, decimal Rate, bool Whole)>();
        foreach (var segment in usage.Where(s => s.State is ResourceState.Running or ResourceState.Stopped))
        {
            Instant[] edges = [
                segment.Period.Start, segment.Period.End, Change, Acme.At(10), Acme.At(12), Acme.At(11), Acme.At(11, 7),
            ];
            foreach (var (from, to) in edges.Order().Zip(edges.Order().Skip(1)))
            {
                var isDown = from >= Acme.At(10) && from < Acme.At(12);
                if (from >= segment.Period.Start && to <= segment.Period.End && !isDown)
                {
                    var (vcpu, mib, gpu) = (segment.Shape.VCpu, segment.Shape.RamMib, segment.Shape.Gpu);
                    var units = gpu > 0
                        ? decimal.Ceiling(Math.Max(Math.Max(vcpu / 24, mib / 75776), gpu))
                        : Math.Max(vcpu, mib / 4096);
                    var sheet = from < Change ? "2026-01-01" : Text.Of(Change);
                    var key = $"{segment.Project} {(gpu > 0 ? "A100" : "CPU")} acme/compute/{sheet}#1";
                    seconds.TryGetValue(key, out var sum);
                    seconds[key] = (sum.Seconds + (units * (decimal)(to - from).TotalTicks / 10_000_000),
                        gpu > 0 ? 1.803m : 0.013m, from < Change);
                }
            }
        }

        return seconds.Where(s => s.Value.Seconds > 0).ToDictionary(s => s.Key, s => Money.Round(s.Value.Whole
            ? decimal.Ceiling(s.Value.Seconds / 3600) * s.Value.Rate
            : s.Value.Seconds * s.Value.Rate / 3600));
    }

    private static IEnumerable<Segment> Cut(Segment segment, int seconds)
    {
        for (var from = segment.Period.Start; from < segment.Period.End; from += Duration.FromSeconds(seconds))
        {
            var to = Instant.Min(from + Duration.FromSeconds(seconds), segment.Period.End);
            yield return segment with { Period = new(from, to) };
        }
    }
}
