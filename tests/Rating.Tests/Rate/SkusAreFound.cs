using System.Collections.Immutable;
using Exchange.Metering;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>Drawn: what is looked up of a sheet is what reading through all of it finds, in the same order.</summary>
public class SkusAreFound
{
    private static readonly string[] Kinds = ["vm", "VM", "pod", "bucket"];
    private static readonly string[] Keys = ["flavor", "class", "gpu_model"];
    private static readonly string[] Words = ["a", "A", "b", "c", "0", "none", "any", "not a"];
    private static readonly string[] Meters = ["reads", "READS", "writes"];

    [Fact]
    public void A_sheet_is_looked_up_as_it_is_read() => Prop.ForAll(
        Arb.From(Gen.Choose(0, int.MaxValue)), seed =>
        {
            var draw = new Random(seed);
            ImmutableArray<Sku> skus = [.. Enumerable.Range(0, draw.Next(9)).Select(n => Sku(n, draw))];
            var index = new SkuIndex(skus);
            for (var n = 0; n < 20; n++)
            {
                var (cluster, kind, meter) = (new ClusterId($"c{draw.Next(2)}"), One(Kinds), One(Meters));
                var shape = Shape.Of(Keys.Where(_ => draw.Next(2) == 0).Select(key => KeyValuePair.Create(
                    key, One(["a", "A", "b", "c", "d", "0", ""]))));
                Assert.Equal(
                    skus.Where(sku => sku.Match.Any(match => match.HoldsFor(cluster, kind, shape))),
                    index.Of(cluster, kind, shape));
                Assert.Equal(
                    skus.Where(sku => sku.Match.Any(match => match.HoldsFor(cluster, kind, meter))),
                    index.Of(cluster, kind, meter));
            }

            string One(string[] of) => of[draw.Next(of.Length)];
        }).Check(Draws.Properties());

    private static Sku Sku(int n, Random draw) => new()
    {
        Id = new($"S{n}"),
        Unit = new("hour"),
        Rate = 1,
        Counts = CountedBy.Resource,
        Microseconds = 1,
        ListedAs = "S",
        Where = "here",
        Match = [.. Enumerable.Range(0, draw.Next(1, 4)).Select(_ => new Match(
            Some(Kinds, 2, draw), [.. Some(["c0", "c1"], 1, draw).Select(name => new ClusterId(name))],
            draw.Next(3) == 0 ? Some(Meters, 2, draw) : [],
            [.. Some(Keys, 2, draw).Select(key => Condition.Of(key, Some(Words, 3, draw)))]))],
    };

    /// <summary>Up to so many of them, perhaps none, perhaps one twice.</summary>
    private static ImmutableArray<string> Some(string[] of, int most, Random draw) =>
        [.. Enumerable.Range(0, draw.Next(most + 1)).Select(_ => of[draw.Next(of.Length)])];
}
