using Exchange.Metering;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// A node is what is used: at every level of a tree of leases each of its seconds is sold once. Seen to fail when every
/// lease was charged as a node of its own and paid to the landlord.
/// </summary>
public class LeasesOfANode
{
    private const string Node =
        """{name: FC430, unit: node-hour, rate: "RATE", counts: resource, per: hour, match: {kind: baremetal} }""";

    private static readonly PriceBooks Books = Acme.Books(
        Acme.Sheet(Node.Replace("RATE", "0.75", StringComparison.Ordinal)),
        Acme.Sheet(Node.Replace("RATE", "1.00", StringComparison.Ordinal), "2026-10-16"));

    private static Segment Lease(string id, string project, Instant from, Instant to, string? parent = null) =>
        Acme.Ran(id, from, to, parent is null
            ? """{"node":"N1"}"""
            : $$"""{"node":"N1","parent_lease":"{{parent}}"}""", "baremetal", project: project);

    private static string Lines(Rated rated) => string.Join("; ", rated.Charges
        .GroupBy(charge => (charge.Project, charge.Bought?.Payee))
        .OrderBy(of => of.Key.Project.Value, StringComparer.Ordinal)
        .Select(of => $"{of.Key.Project} {Money.Sum(of.Select(charge => charge.Amount))} " +
            $"to {of.Key.Payee ?? "the landlord"}"));

    [Fact]
    public void What_is_sublet_is_paid_to_whoever_sublets_it()
    {
        var rated = Acme.Rate(
            Books, Lease("L1", "p-mit", Acme.At(1), Acme.At(32)), Lease("L2", "p-sub", Acme.At(10), Acme.At(20), "L1"));
        Assert.Equal("p-mit 654.00 USD to the landlord; p-sub 204.00 USD to p-mit", Lines(rated));
        Assert.All(rated.Charges.Where(charge => charge.Lessor is not null),
            charge => Assert.Equal(charge.Amount, charge.Bought!.Amount));
        Assert.Equal(rated.Charges.Count, rated.Charges.Select(charge => charge.Id).Distinct().Count());
        Assert.Empty(rated.Unpriced);
    }

    [Fact]
    public void One_project_alone_costs_what_it_costs_among_all()
    {
        var rater = new Rater(Books, new(Acme.October) { Project = new("p-sub") });
        Assert.Null(rater.Needs.Project);
        rater.Add(Lease("L2", "p-sub", Acme.At(10), Acme.At(20), "L1"));
        rater.Add(Lease("L1", "p-mit", Acme.At(1), Acme.At(32)));
        Assert.Equal("p-sub 204.00 USD to p-mit", Lines(rater.Finish()));
    }

    [Fact]
    public void A_third_level_pays_the_second()
    {
        var rated = Acme.Rate(
            Books, Lease("L1", "a", Acme.At(1), Acme.At(11)), Lease("L2", "b", Acme.At(2), Acme.At(8), "L1"),
            Lease("L3", "c", Acme.At(3), Acme.At(5), "L2"));
        Assert.Equal(
            "a 180.00 USD to the landlord; b 108.00 USD to a; c 36.00 USD to b", Lines(rated));
    }

    [Fact]
    public void What_a_sublease_holds_after_the_lease_above_it_ended_is_the_landlords()
    {
        var rated = Acme.Rate(
            Books, Lease("L1", "a", Acme.At(1), Acme.At(5)), Lease("L2", "b", Acme.At(3), Acme.At(7), "L1"));
        Assert.Equal(
            "a 72.00 USD to the landlord; b 36.00 USD to the landlord; b 36.00 USD to a", Lines(rated));
    }

    [Fact]
    public void Time_that_two_leases_of_a_level_claim_is_charged_once_and_named()
    {
        var rated = Acme.Rate(
            Books, Lease("L1", "a", Acme.At(1), Acme.At(5)), Lease("L2", "b", Acme.At(4), Acme.At(7)));
        Assert.Equal("a 72.00 USD to the landlord; b 36.00 USD to the landlord", Lines(rated));
        var twice = Assert.Single(rated.Unpriced);
        Assert.Equal("unpriced/leased-twice b 24", $"{twice.Reason} {twice.Project} {Text.Of(twice.Quantity)}");
        Assert.Contains("L2", twice.Why, StringComparison.Ordinal);
    }

    [Fact]
    public void A_circle_of_leases_ends() => Assert.Equal("72.00 USD", Acme.Rate(
        Books, Lease("L1", "a", Acme.At(1), Acme.At(5), "L2"), Lease("L2", "b", Acme.At(1), Acme.At(5), "L1"))
        .Charges.Where(charge => charge.Lessor is null).Select(charge => charge.Amount)
        .Aggregate(Money.Zero, (sum, amount) => sum + amount).ToString());

    /// <summary>
    /// Drawn trees of leases, three levels deep, in any order and cut anywhere: the landlord is paid for each hour of the
    /// node at most once, each project that sublets gets no more than it has, and the charges are those of a walk hour by
    /// hour.
    /// </summary>
    [Fact]
    public void At_every_level_of_a_drawn_tree_an_hour_is_sold_once() => Prop.ForAll(Arb.From(Trees), drawn =>
    {
        var (leases, order) = drawn;
        Segment[] usage = [.. leases.Zip(order).OrderBy(pair => pair.Second).Select(pair => Lease(
            pair.First.Id, $"p-{pair.First.Id}", Hour(pair.First.From), Hour(pair.First.To), pair.First.Parent))];
        var rated = Acme.Rate(Acme.Books(Acme.Sheet(Node.Replace("RATE", "1", StringComparison.Ordinal))), usage);
        var cut = Acme.Rate(
            Acme.Books(Acme.Sheet(Node.Replace("RATE", "1", StringComparison.Ordinal))), usage.SelectMany(Halves).ToArray());
        Assert.Equal(Lines(rated), Lines(cut));

        var sold = new Dictionary<(string Seller, int Hour), string>();
        var twice = 0;
        foreach (var lease in leases.OrderBy(Depth).ThenBy(lease => lease.From).ThenBy(lease => lease.Id, StringComparer.Ordinal))
        {
            for (var hour = lease.From; hour < lease.To; hour++)
            {
                var at = hour;
                var seller = Above(lease).FirstOrDefault(one => Holds(one, at))?.Id ?? "";
                twice += sold.TryAdd((seller, hour), lease.Id) ? 0 : 1;
            }
        }

        Assert.Equal(
            sold.GroupBy(one => (one.Key.Seller, Buyer: one.Value)).Select(of => $"{of.Key.Seller} {of.Key.Buyer} {of.Count()}")
                .Order(StringComparer.Ordinal),
            rated.Charges.Select(charge => $"{charge.Lessor?.Value[2..]} {charge.Project.Value[2..]} {charge.Quantity.Amount:0}")
                .Order(StringComparer.Ordinal));
        Assert.Equal(twice, rated.Unpriced.Sum(one => one.Quantity));

        IEnumerable<Drawn> Above(Drawn lease)
        {
            for (var next = lease.Parent; next is not null; next = leases.Single(one => one.Id == next).Parent)
            {
                yield return leases.Single(one => one.Id == next);
            }
        }

        bool Holds(Drawn lease, int hour) => sold.Any(one => one.Key.Hour == hour && one.Value == lease.Id);

        int Depth(Drawn lease) => Above(lease).Count();
    }).Check(Draws.Properties());

    private sealed record Drawn(string Id, string? Parent, int From, int To);

    /// <summary>A lease's parent is one of those before it.</summary>
    private static Gen<(Drawn[] Leases, int[] Order)> Trees { get; } =
        from count in Gen.Choose(1, 7)
        from parents in Gen.Choose(-1, 5).ArrayOf(count)
        from starts in Gen.Choose(0, 60).ArrayOf(count)
        from lengths in Gen.Choose(1, 40).ArrayOf(count)
        from order in Gen.Choose(0, 1000).ArrayOf(count)
        select (Enumerable.Range(0, count).Select(n => new Drawn(
            $"L{n}", n > 0 && parents[n] >= 0 ? $"L{parents[n] % n}" : null, starts[n], starts[n] + lengths[n])).ToArray(), order);

    private static Instant Hour(int hour) => Acme.At(1) + Duration.FromHours(hour);

    private static IEnumerable<Segment> Halves(Segment segment)
    {
        var middle = segment.Period.Start + (segment.Period.Length / 2);
        yield return segment with { Period = new(segment.Period.Start, middle) };
        yield return segment with { Period = new(middle, segment.Period.End) };
    }
}
