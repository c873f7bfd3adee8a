using Exchange.Metering;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// A reservation covers so many units at each moment of its own time, and nothing else. Seen to fail when it covered a
/// sum of hours, which made usage before it began free.
/// </summary>
public class ReservationsByTheHour
{
    private static string Sku(params string[] reserved) =>
        """{name: Node, unit: node-hour, rate: "1", counts: resource, per: hour, match: {kind: vm}, """ +
        $"model: reservation, reservations: [{string.Join(", ", reserved)}]}}";

    private static string Reserved(int count, string from, string until, string rate = "0.5", string project = "p1") =>
        $$"""{project: {{project}}, count: "{{count}}", rate: "{{rate}}", from: {{from}}, until: {{until}}}""";

    private static string Lines(Rated rated) => string.Join("; ", rated.Charges.Select(
        charge => $"{charge.Project} {charge.Step ?? "all"} {charge.Quantity.Amount:0.####} {charge.Amount}"));

    [Fact]
    public void What_was_used_before_a_reservation_began_is_paid_at_the_list_price()
    {
        var books = Acme.Books(Acme.Sheet(Sku(Reserved(1, "2026-10-10", "2026-10-20"))));
        Assert.Equal(
            "p1 above the reservation 216 216.00 USD; p1 reserved 1 from 2026-10-10 240 120.00 USD",
            Lines(Acme.Rate(books, Acme.Ran("a", Acme.At(1), Acme.At(10)))));
    }

    [Fact]
    public void Ten_reserved_and_used_as_twenty_for_half_the_month_cover_ten_for_half_the_month()
    {
        var books = Acme.Books(Acme.Sheet(Sku(Reserved(10, "2026-10", "2026-11"))));
        var rated = Acme.Rate(books, [.. Enumerable.Range(0, 20).Select(
            n => Acme.Ran($"{n}", Acme.At(1), Acme.At(16, 12)))]);
        Assert.Equal("7440.00 USD", rated.Total.ToString());
    }

    [Fact]
    public void An_outage_is_paid_by_nobody_reserved_or_not()
    {
        var books = Acme.Books(Acme.Sheet(Sku(Reserved(1, "2026-10-10", "2026-10-20")))) with
        {
            Outages = [new("o", Acme.Landlord, [Acme.Cluster], Acme.At(10), Acme.At(11), ["corrected"])],
        };
        Assert.Equal(
            "p1 above the reservation 216 216.00 USD; p1 reserved 1 from 2026-10-10 216 108.00 USD",
            Lines(Acme.Rate(books, Acme.Ran("a", Acme.At(1), Acme.At(13)))));
    }

    [Fact]
    public void Another_project_pays_the_list_price_for_the_same_hours()
    {
        var books = Acme.Books(Acme.Sheet(Sku(Reserved(1, "2026-10-10", "2026-10-20"))));
        Assert.Equal(
            "p1 reserved 1 from 2026-10-10 240 120.00 USD; p2 all 24 24.00 USD",
            Lines(Acme.Rate(books, Acme.Ran("a", Acme.At(12), Acme.At(13), project: "p2"))));
    }

    /// <summary>
    /// From October 25 to November 5: each month has its own hours of it, 168 and 96, and the list price around them.
    /// </summary>
    [Fact]
    public void Over_the_end_of_a_month_each_month_pays_for_its_own_hours()
    {
        var books = Acme.Books(Acme.Sheet(Sku(Reserved(1, "2026-10-25", "2026-11-05"))));
        var used = Acme.Ran("a", Acme.At(20), Instant.FromUtc(2026, 11, 7, 0, 0));
        Assert.Equal(
            "p1 above the reservation 120 120.00 USD; p1 reserved 1 from 2026-10-25 168 84.00 USD",
            Lines(Acme.Rate(books, new RateRequest(Acme.October), [used])));
        Assert.Equal(
            "p1 above the reservation 48 48.00 USD; p1 reserved 1 from 2026-10-25 96 48.00 USD",
            Lines(Acme.Rate(books, new RateRequest(new BillingMonth(2026, 11)), [used])));
    }

    /// <summary>Hour by hour: what is reserved, and of what is used what is more than that.</summary>
    [Fact]
    public void It_costs_what_a_walk_hour_by_hour_says_in_any_order_and_any_pieces() => Prop.ForAll(
        Arb.From(Cases), drawn =>
        {
            var (reserved, used) = drawn;
            var books = Acme.Books(Acme.Sheet(Sku([.. reserved.Select(one => Reserved(
                one.Count, Text.Of(Hour(one.From)), Text.Of(Hour(one.From + one.Length)), "0.25"))])));
            var expected = 0m;
            for (var hour = 0; hour < 744; hour++)
            {
                var kept = reserved.Where(one => hour >= one.From && hour < one.From + one.Length)
                    .Sum(one => one.Count);
                var running = used.Count(one => hour >= one.From && hour < one.From + one.Length);
                expected += (kept * 0.25m) + decimal.Max(running - kept, 0);
            }

            Segment[] whole = [.. used.Select((one, n) => Acme.Ran(
                $"{n}", Hour(one.From), Hour(one.From + one.Length)))];
            IEnumerable<Segment> pieces = whole.Reverse().SelectMany(segment => Cut(segment));
            Assert.Equal(expected, Acme.Rate(books, whole).Total.Amount);
            Assert.Equal(expected, Acme.Rate(books, [.. pieces]).Total.Amount);
        }).Check(Draws.Properties());

    private static Gen<((int From, int Length, int Count)[] Reserved, (int From, int Length)[] Used)> Cases { get; } =
        from kept in Gen.Choose(1, 3)
        from reserved in Stretch.ArrayOf(kept)
        from counts in Gen.Choose(1, 4).ArrayOf(kept)
        from running in Gen.Choose(0, 12)
        from used in Stretch.ArrayOf(running)
        select (reserved.Zip(counts, (one, count) => (one.From, one.Length, count)).ToArray(), used);

    private static Gen<(int From, int Length)> Stretch { get; } =
        from start in Gen.Choose(0, 700)
        from length in Gen.Choose(1, 44)
        from isLong in Gen.Elements(true, false)
        select (start, isLong ? 744 - start : length);

    private static Instant Hour(int hour) => Acme.At(1) + Duration.FromHours(hour);

    private static IEnumerable<Segment> Cut(Segment segment)
    {
        var middle = segment.Period.Start + (segment.Period.Length / 2);
        yield return segment with { Period = new(segment.Period.Start, middle) };
        yield return segment with { Period = new(middle, segment.Period.End) };
    }
}
