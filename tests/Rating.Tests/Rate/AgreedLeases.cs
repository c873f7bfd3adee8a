using System.Collections.Immutable;
using Exchange.Metering;
using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// Leases that both sides agreed on are paid for all of their time, at every level once; the price is the sheet's or
/// the one that was agreed, so who sublets earns the difference.
/// </summary>
public class AgreedLeases
{
    private static readonly HashSet<BillingMonth> Open = [];
    private static readonly Instant Now = Acme.At(1);
    private const string Node =
        """{name: FC430, unit: node-hour, rate: "1", counts: resource, per: hour, match: {kind: baremetal} }""";

    [Fact]
    public void What_is_held_is_paid_used_or_not_and_the_middle_earns_the_difference()
    {
        var rated = Rate(
            Lease("L-1", "p-mit", 1, 32, nodes: ["N1", "N2"]) with { PerHour = 0.5m },
            Lease("L-2", "p-sub", 10, 20, "L-1", ["N2"]) with { PerHour = 2 });

        // Two nodes of 744 hours at 0.50; 240 hours at 2.00 that go to who sublets.
        Assert.Equal(
            "p-mit FC430 1488 node-hour 744.00 USD\np-sub FC430 240 node-hour 480.00 USD", rated.Show());
        Assert.Equal(["agreed in L-1", "sublet by p-mit"], rated.Charges.Select(charge => charge.Step));
        var bought = rated.Charges[1].Bought!;
        Assert.Equal(("p-mit", PayeeKind.Project, 480m), (bought.Payee, bought.Kind, bought.Amount.Amount));
        Assert.Empty(rated.Unpriced);
    }

    [Fact]
    public void What_a_meter_sees_of_an_agreed_lease_is_not_another_one()
    {
        var seen = Acme.Ran("esi-7", Acme.At(2), Acme.At(9), """{"node":"N1"}""", "baremetal", project: "p-mit");
        var sub = Acme.Ran(
            "esi-8", Acme.At(11), Acme.At(12), """{"node":"N1","parent_lease":"esi-7"}""", "baremetal", project: "p-sub");
        var other = Acme.Ran("esi-9", Acme.At(3), Acme.At(4), """{"node":"N1"}""", "baremetal", project: "p-else");
        var rated = Rate(
            [Lease("L-1", "p-mit", 1, 11), Lease("L-2", "p-sub", 5, 11, "L-1")], seen, other);
        Assert.Equal(
            "p-mit FC430 240 node-hour 240.00 USD\np-sub FC430 144 node-hour 144.00 USD", rated.Show());
        Assert.Equal("p-else", Assert.Single(rated.Unpriced).Project.Value); // Somebody else on the node is a question.

        // After the agreement the meter decides again.
        Assert.Equal(
            "p-mit FC430 240 node-hour 240.00 USD\np-sub FC430 24 node-hour 24.00 USD",
            Rate([Lease("L-1", "p-mit", 1, 11)], seen, sub).Show());
    }

    /// <summary>
    /// Every month since the first lease is rated for pages, so a lease of the year 1 would have all of them rated, for
    /// everybody, again after each reading.
    /// </summary>
    [Fact]
    public void Leases_begin_at_most_four_hundred_days_ago_and_end_within_fifty_years()
    {
        foreach (var (from, until) in ((Instant, Instant)[])[
            (Instant.FromUtc(1, 1, 1, 0, 0), Instant.FromUtc(2000, 1, 1, 0, 0)),
            (Instant.FromUtc(-2, 1, 1, 0, 0), Instant.FromUtc(-1, 1, 1, 0, 0)),
            (Now - Duration.FromDays(401), Now), (Now, Instant.FromUtc(9000, 1, 1, 0, 0))])
        {
            var lease = Lease("L-1", "p-mit", 1, 2) with { Period = new(from, until) };
            Assert.Equal("lease/wrong", Leasing.Agree(
                Agreements.Fold.Initial, lease, "me", Now, Open).Refusal?.Code);
        }
    }

    [Fact]
    public void Own_use_is_free_and_nobody_elses()
    {
        var mine = Acme.Ran("esi-1", Acme.At(1), Acme.At(11), """{"node":"N1"}""", "baremetal", project: "p-own");
        Assert.Equal("p-own FC430 240 node-hour 240.00 USD", Rate([], mine).Show());
        Assert.Equal("", Rate([Lease("L-1", "p-own", 1, 11) with { IsOwn = true }], mine).Show());
    }

    [Fact]
    public void A_lease_that_is_transferred_is_paid_by_each_for_their_time_and_ends_with_what_is_sublet()
    {
        var agreed = Agree(Lease("L-1", "p-mit", 1, 32));
        agreed = Then(agreed, Leasing.Agree(agreed, Lease("L-2", "p-sub", 5, 30, "L-1"), "a", Now, Open));
        agreed = Then(agreed, Leasing.Transfer(agreed, "L-1", new("p-bu"), Acme.At(11), "a", Now));
        agreed = Then(agreed, Leasing.End(agreed, "L-1", Acme.At(21), "reclaimed", "a", Now));
        var rated = Acme.Rate(Books(agreed));

        Assert.Equal(
            "p-bu FC430 240 node-hour 240.00 USD\np-mit FC430 240 node-hour 240.00 USD\n" +
            "p-sub FC430 240 node-hour 240.00 USD\np-sub FC430 144 node-hour 144.00 USD", rated.Show());
        Assert.Equal(
            ["", "", "p-bu", "p-mit"], rated.Charges.Select(charge => charge.Bought?.Payee ?? ""));
        agreed = Then(agreed, Leasing.Extend(agreed, "L-1", Acme.At(25), "a", Now, Open));
        Assert.Equal([Acme.At(25), Acme.At(21)], agreed.Leases.Select(one => one.Period.End));
    }

    /// <summary>Ten days at 0.50, ten at 0.80, eleven for nothing; what is sublet keeps its own price.</summary>
    [Fact]
    public void A_lease_that_both_repriced_is_paid_at_each_price_for_its_time()
    {
        var agreed = Agree(Lease("L-1", "p-mit", 1, 32) with { PerHour = 0.5m });
        agreed = Then(agreed, Leasing.Agree(
            agreed, Lease("L-2", "p-sub", 5, 15, "L-1") with { PerHour = 2 }, "a", Now, Open));
        agreed = Then(agreed, Leasing.Reprice(agreed, "L-1", 0.8m, Acme.At(11), "a", Now));
        agreed = Then(agreed, Leasing.Reprice(agreed, "L-1", 0, Acme.At(21), "a", Now));
        agreed = Then(agreed, Leasing.Reprice(agreed, "L-2", 3, Acme.At(10), "a", Now));
        var rated = Acme.Rate(Books(agreed));
        Assert.Equal(
            "p-mit FC430 240 node-hour 120.00 USD\np-mit FC430 240 node-hour 192.00 USD\n" +
            "p-mit FC430 264 node-hour 0.00 USD\np-sub FC430 120 node-hour 240.00 USD\n" +
            "p-sub FC430 120 node-hour 360.00 USD", rated.Show());
        Assert.Equal(
            ["agreed in L-1", "agreed in L-1, price 2", "agreed in L-1, price 3", "sublet by p-mit",
             "sublet by p-mit, price 2"], rated.Charges.Select(charge => charge.Step));
        Assert.All(rated.Charges, charge => Assert.Equal(charge.Step, Charge.StepOf(charge.Id)));
        Assert.Equal(5, rated.Charges.Select(charge => charge.Id).Distinct().Count());
        Assert.Equal(
            [("p-mit", 240m), ("p-mit", 360m)],
            rated.Charges.Where(charge => charge.Bought is not null)
                .Select(charge => (charge.Bought!.Payee, charge.Bought.Amount.Amount)));

        // Ended before a price would have begun, it is never paid by it.
        agreed = Then(agreed, Leasing.End(agreed, "L-1", Acme.At(11), "x", "a", Now));
        Assert.Equal(
            ["agreed in L-1", "sublet by p-mit", "sublet by p-mit, price 2"],
            Acme.Rate(Books(agreed)).Charges.Select(charge => charge.Step));
    }

    [Fact]
    public void Another_price_begins_now_or_later_within_the_lease_and_after_the_one_before()
    {
        var agreed = Agree(Lease("L-1", "p-mit", 5, 15));
        agreed = Then(agreed, Leasing.Agree(
            agreed, Lease("L-2", "p-own", 5, 15, nodes: ["N2"]) with { IsOwn = true }, "a", Now, Open));
        string? Code(string id, decimal rate, int day, int now = 1) =>
            Leasing.Reprice(agreed, id, rate, Acme.At(day), "a", Acme.At(now)).Refusal?.Code;
        Assert.Null(Code("L-1", 1, 5));
        Assert.Equal("lease/past", Code("L-1", 1, 4));
        Assert.Equal("lease/past", Code("L-1", 1, 15));
        Assert.Equal("lease/past", Code("L-1", 1, 7, now: 8));
        Assert.Equal("lease/wrong", Code("L-1", -0.01m, 7));
        Assert.Equal("lease/wrong", Code("L-1", 1_000_001, 7));
        Assert.Equal("lease/wrong", Code("L-2", 1, 7));
        Assert.Equal("lease/unknown", Code("L-9", 1, 7));
        var before = agreed.Fingerprint;
        agreed = Then(agreed, Leasing.Reprice(agreed, "L-1", 1, Acme.At(10), "a", Now));
        Assert.NotEqual(before, agreed.Fingerprint);
        Assert.Equal("lease/past", Code("L-1", 2, 10));
        Assert.Null(Code("L-1", 2, 11));
        Assert.Equal(
            [null, 1m], new[] { 9, 10 }.Select(day => Leasing.Find(agreed, "L-1")!.PerHourAt(Acme.At(day))));
    }

    [Fact]
    public void A_node_is_let_once_at_a_time_and_level_and_sublet_within_what_is_held()
    {
        var agreed = Agree(Lease("L-1", "p-mit", 5, 15, nodes: ["N1", "N2"]));
        string? Code(Lease lease, params BillingMonth[] closed) =>
            Leasing.Agree(agreed, lease, "a", Now, closed.ToHashSet()).Refusal?.Code;

        Assert.Equal("lease/held", Code(Lease("L-2", "p", 14, 20, nodes: ["N2", "N3"])));
        Assert.Null(Code(Lease("L-2", "p", 15, 20, nodes: ["N2"])));
        Assert.Equal("lease/outside", Code(Lease("L-2", "p", 5, 16, "L-1")));
        Assert.Equal("lease/outside", Code(Lease("L-2", "p", 5, 6, "L-1", ["N3"])));
        Assert.Equal("lease/unknown", Code(Lease("L-2", "p", 5, 6, "L-9")));
        Assert.Equal("agreement/closed-month", Code(Lease("L-2", "p", 20, 21), Acme.October));
        Assert.Equal("lease/wrong", Code(Lease("L-2", "p", 20, 21, nodes: ["N1", "N1"])));
        Assert.Equal("lease/held", Leasing.Extend(
            Then(agreed, Leasing.Agree(agreed, Lease("L-2", "p", 15, 20), "a", Now, Open)), "L-1", Acme.At(16), "a", Now,
            Open).Refusal?.Code);
        Assert.Equal("lease/past", Leasing.End(agreed, "L-1", Acme.At(7), "x", "a", Acme.At(8)).Refusal?.Code);
        Assert.Equal("lease/past", Leasing.Transfer(agreed, "L-1", new("p"), Acme.At(16), "a", Now).Refusal?.Code);
    }

    /// <summary>Trees of leases and sub-leases, drawn: node-hours paid to landlords are those that roots hold.</summary>
    [Fact]
    public void Drawn_trees_sell_each_second_once_at_every_level_and_what_goes_round_adds_up()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var agreed = Agreements.Nothing;
            for (var n = 0; n < 12; n++)
            {
                var parent = agreed.Leases.Length > 0 && random.Next(2) == 0
                    ? agreed.Leases[random.Next(agreed.Leases.Length)].Id : null;
                var from = random.Next(-3, 30);
                var lease = Lease(
                    $"L-{n}", $"p-{n}", from, from + random.Next(1, 12), parent, [$"N{random.Next(1, 4)}"]) with
                {
                    PerHour = random.Next(3) == 0 ? null : random.Next(0, 300) / 100m,
                    IsOwn = parent is null && random.Next(6) == 0,
                };
                if (Leasing.Agree(agreed, lease, "a", Now, Open) is { Refusal: null } said)
                {
                    agreed = Then(agreed, said);
                }
            }

            foreach (var one in agreed.Leases.Where(_ => random.Next(3) == 0))
            {
                var from = one.Period.Start + (one.Period.Length / random.Next(1, 5));
                agreed = Leasing.Reprice(agreed, one.Id, random.Next(0, 300) / 100m, from, "a", one.Period.Start)
                    .Events.Aggregate(agreed, Agreements.Fold.Evolve);
            }

            if (agreed.Leases.Length > 0 && random.Next(2) == 0)
            {
                var ended = agreed.Leases[random.Next(agreed.Leases.Length)];
                agreed = Then(agreed, Leasing.End(
                    agreed, ended.Id, ended.Period.Start + (ended.Period.Length / 2), "x", "a",
                    ended.Period.Start - Duration.FromDays(9)));
            }

            var rated = Acme.Rate(Books(agreed));
            decimal Hours(Func<Lease, bool> of) => agreed.Leases.Where(of).Sum(one =>
                (decimal)(one.Period.Clip(Acme.October.Period)?.Length.TotalHours ?? 0) * one.Nodes.Length);
            Assert.Equal(
                Hours(one => one is { Parent: null, IsOwn: false }),
                rated.Charges.Where(charge => charge.Lessor is null).Sum(charge => charge.Quantity.Amount));
            Assert.Equal(
                Hours(one => one.Parent is not null),
                rated.Charges.Where(charge => charge.Lessor is not null).Sum(charge => charge.Quantity.Amount));
            Assert.All(rated.Charges.Where(charge => charge.Lessor is not null),
                charge => Assert.Equal(charge.Amount, charge.Bought!.Amount));
            Assert.Empty(rated.Unpriced);
            Assert.Equal(rated.Charges.Count, rated.Charges.Select(charge => charge.Id).Distinct().Count());
        }
    }

    private static Agreements Agree(Lease lease) =>
        Then(Agreements.Nothing, Leasing.Agree(Agreements.Nothing, lease, "a", Now, Open));

    private static Agreements Then(Agreements agreed, Decision<AgreementEvent> said) =>
        said.OrThrow().Aggregate(agreed, Agreements.Fold.Evolve);

    private static Lease Lease(
        string id, string project, int from, int to, string? parent = null, ImmutableArray<string>? nodes = null) => new(
            id, Acme.Landlord, Acme.Cluster, nodes ?? ["N1"], parent, [new(new(project), Acme.At(from))],
            new(Acme.At(from), Acme.At(to)), null, 0);

    private static PriceBooks Books(Agreements agreed) => Acme.Books(Acme.Sheet(Node)) with { Agreements = agreed };

    private static Rated Rate(params Lease[] leases) => Rate(leases, []);

    private static Rated Rate(Lease[] leases, params Segment[] usage) =>
        Acme.Rate(Books(Agreements.Nothing with { Leases = [.. leases] }), usage);
}
