using Exchange.Market.Offers;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Xunit;

namespace Exchange.Market.Tests;

/// <summary>What orders of all customers hold of an offer never passes its capacity, at any instant.</summary>
public class CapacityIsHeldOnce
{
    private static readonly OfferName Vm = new("compute", new("VM"));
    private static readonly Instant Start = Instant.FromUtc(2026, 10, 1, 0, 0);

    private static Instant Day(int day) => Start + Duration.FromDays(day);

    private static Decision<SuppliedEvent> Hold(Supplied supplied, string order, int from, int days, decimal units) =>
        Supplied.Hold(
            supplied, new(order, $"Q-{order}", new(Day(from), Day(from + days)), [new(Vm, units)], Start),
            offer => offer == Vm ? 10 : null);

    private static Supplied After(Supplied supplied, Decision<SuppliedEvent> said) =>
        said.OrThrow().Aggregate(supplied, Supplied.Fold.Evolve);

    /// <summary>6 and 4 of 10 side by side are never more than 6 where they only follow each other.</summary>
    [Fact]
    public void Orders_side_by_side_add_up_and_those_after_each_other_do_not()
    {
        var one = After(Supplied.Fold.Initial, Hold(Supplied.Fold.Initial, "O-1", 0, 10, 6));
        Assert.Equal("offer/capacity", Hold(one, "O-2", 9, 5, 5).Refusal?.Code);
        var two = After(one, Hold(one, "O-2", 10, 5, 10));
        Assert.Equal("offer/capacity", Hold(two, "O-3", 5, 10, 1).Refusal?.Code);
        Assert.Equal((6m, 10m, 0m), (
            two.MaxIn(Vm, new(Day(0), Day(10))), two.MaxIn(Vm, new(Day(0), Day(20))), two.MaxIn(Vm, new(Day(15), Day(20)))));

        var given = After(two, Supplied.Release(two, "O-2", Day(12), Start));
        Assert.Null(Hold(given, "O-3", 12, 10, 10).Refusal);
        Assert.NotNull(Hold(given, "O-3", 11, 10, 1).Refusal);
        Assert.Empty(Supplied.Release(given, "O-2", Day(12), Start).OrThrow());
        Assert.Empty(Hold(given, "O-1", 0, 10, 6).OrThrow());
        Assert.Null(Supplied.Hold(
            given, new("O-4", "Q", new(Day(0), Day(20)), [new(new("compute", new("Pod")), 1_000)], Start), _ => null).Refusal);
    }

    /// <summary>Refused is exactly what would not fit on one of its days. Seen to fail with the sum of all that overlaps.</summary>
    [Fact]
    public void Held_and_wanted_never_pass_the_capacity() => Prop.ForAll(Arb.From((
        from start in Gen.Choose(0, 20)
        from days in Gen.Choose(1, 10)
        from units in Gen.Choose(1, 7)
        from releases in Gen.Choose(-8, 11)
        select (start, days, units, releases)).ArrayOf(14)), acts =>
        {
            var supplied = Supplied.Fold.Initial;
            var held = new Dictionary<string, (int Start, int End, int Units)>(StringComparer.Ordinal);
            foreach (var ((start, days, units, releases), n) in acts.Select((act, n) => (act, n)))
            {
                if (releases >= 0)
                {
                    supplied = After(supplied, Supplied.Release(supplied, $"O-{releases}", Day(start), Start));
                    if (held.TryGetValue($"O-{releases}", out var before))
                    {
                        held[$"O-{releases}"] = before with { End = Math.Min(before.End, Math.Max(start, before.Start)) };
                    }

                    continue;
                }

                var fits = Enumerable.Range(start, days).All(day =>
                    held.Values.Where(one => one.Start <= day && day < one.End).Sum(one => one.Units) + units <= 10);
                var said = Hold(supplied, $"O-{n}", start, days, units);
                Assert.Equal(fits, said.Refusal is null);
                if (fits)
                {
                    supplied = After(supplied, said);
                    held[$"O-{n}"] = (start, start + days, units);
                }
            }
        }).Check(Draws.Properties());
}
