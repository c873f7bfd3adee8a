using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests.Levels;

/// <summary>What a landlord credits for a month in which a service worked less than was promised.</summary>
public class ServiceLevels
{
    private static readonly ServiceLevel Promised = Level();

    [Fact]
    public void Nine_hours_out_in_October_are_98_790_percent_and_credit_a_quarter_of_what_was_used()
    {
        var books = With(Promised, Down("a", Acme.At(14, 12), Acme.At(14, 21)));
        var rated = Acme.Rate(books, Acme.Ran("vm-1", Acme.At(1), Acme.At(32)));

        // 744 hours less 9 are charged; a quarter of 735.00 is credited.
        Assert.Equal("p1 VM 735 vm-hour 735.00 USD\np1 service-credit -735 USD -183.75 USD", rated.Show());
        Assert.Equal("25 % of VM", rated.Charges[1].Step);
        Assert.Equal(98.790m, Measured(books).Percent);
    }

    [Fact]
    public void Without_a_level_nothing_is_credited_and_the_time_out_is_not_charged_all_the_same()
    {
        var books = Acme.Books(Acme.Sheet()) with { Outages = [Down("a", Acme.At(14, 12), Acme.At(14, 21))] };
        Assert.Equal(
            "p1 VM 735 vm-hour 735.00 USD", Acme.Rate(books, Acme.Ran("vm-1", Acme.At(1), Acme.At(32))).Show());
    }

    [Theory]
    [InlineData(0, 0, "0")]
    [InlineData(0, 44, "0")] // 99.901 %
    [InlineData(0, 45, "10")] // 99.899 %
    [InlineData(7, 26, "10")] // 99.001 %
    [InlineData(7, 27, "25")] // 98.998 %
    [InlineData(37, 12, "25")] // 95 % to the second: not below it.
    [InlineData(37, 13, "100")]
    public void The_ladder_is_asked_exactly_and_not_as_percentages_are_shown(int hours, int minutes, string credit)
    {
        var end = Acme.At(3) + Duration.FromHours(hours) + Duration.FromMinutes(minutes);
        var books = With(Promised, [.. end > Acme.At(3) ? [Down("a", Acme.At(3), end)] : Array.Empty<Outage>()]);
        Assert.Equal(credit, Text.Of(Promised.CreditAt(Measured(books))));
    }

    [Fact]
    public void Outages_that_overlap_are_out_once()
    {
        var books = With(
            Promised, Down("a", Acme.At(2), Acme.At(2, 5)), Down("b", Acme.At(2, 3), Acme.At(2, 9)),
            Down("c", Acme.At(2), Acme.At(2, 9)));
        Assert.Equal(Duration.FromHours(9), Measured(books).Out);
    }

    [Fact]
    public void Maintenance_counts_unless_it_was_announced_in_time_and_only_beyond_its_hours()
    {
        var level = Level() with { Maintenance = new(7, 4) };
        Outage Told(string name, int day, int hours, int daysBefore) =>
            Down(name, Acme.At(day), Acme.At(day) + Duration.FromHours(hours)) with
            {
                Kind = OutageKind.Maintenance,
                Announced = Acme.At(day) - Duration.FromDays(daysBefore),
            };
        Duration Out(params Outage[] outages) =>
            ServiceAvailability.Of(level, outages, Acme.October, Acme.October.End).Out;

        Assert.Equal(Duration.Zero, Out(Told("a", 20, 4, 7)));
        Assert.Equal(Duration.FromHours(4), Out(Told("a", 20, 4, 6)));
        Assert.Equal(Duration.FromHours(2), Out(Told("a", 20, 3, 9), Told("b", 22, 3, 9)));
        // A failure within announced maintenance is left out with it; what goes on after it counts.
        Assert.Equal(
            Duration.FromHours(1), Out(Told("a", 20, 4, 9), Down("f", Acme.At(20, 2), Acme.At(20, 5))));
    }

    [Fact]
    public void Who_sublets_gives_back_their_part_and_who_is_behind_the_landlord_keeps_theirs()
    {
        const string Node = """{name: Node, unit: node-hour, rate: "1", counts: resource, per: hour, match: {kind: baremetal}}""";
        var books = Acme.Books(Acme.Sheet(Node)) with
        {
            Levels = [Promised],
            Outages = [Down("a", Acme.At(14, 12), Acme.At(14, 21))],
        };
        var rated = Acme.Rate(
            books,
            Acme.Ran("L1", Acme.At(1), Acme.At(32), """{"node":"N1"}""", "baremetal", project: "p-mit"),
            Acme.Ran("L2", Acme.At(10), Acme.At(20), """{"node":"N1","parent_lease":"L1"}""", "baremetal",
                project: "p-sub"));

        Assert.Equal(
            "p-mit Node 735 node-hour 735.00 USD\np-mit service-credit -735 USD -183.75 USD\n" +
            "p-sub Node 231 node-hour 231.00 USD\np-sub service-credit -231 USD -57.75 USD", rated.Show());
        Assert.Equal([null, null, 231.00m, -57.75m], rated.Charges.Select(charge => charge.Bought?.Amount.Amount));
    }

    [Fact]
    public void NERCs_own_rules_and_quotes_know_no_credits()
    {
        var books = With(Promised, Down("a", Acme.At(14), Acme.At(16)));
        var usage = Acme.Ran("vm-1", Acme.At(1), Acme.At(32));
        Assert.Single(Acme.Rate(books, new RateRequest(Acme.October, Policies.NercCompatible), [usage]).Charges);
        Assert.Single(Acme.Rate(books, new RateRequest(Acme.October) { Within = Acme.October.Period }, [usage]).Charges);
    }

    /// <summary>
    /// Two days of October are known to be out, so that all of the month would be credited: the plan is quoted for the
    /// 696 hours that it can run, since nobody sells a credit.
    /// </summary>
    [Fact]
    public void A_plan_in_a_month_that_will_be_credited_is_quoted_at_its_price()
    {
        var books = With(Promised, Down("a", Acme.At(14), Acme.At(16)));
        QuotedUsage[] plan = [new("vm", Metering.Shape.Empty, Duration.FromHours(744))];
        var quoted = Assert.Single(Quote.Of(books, plan, Acme.At(1)));
        Assert.Equal(("696.00 USD", "VM"), (
            quoted.Total.ToString(), string.Join(' ', quoted.Charges.Select(charge => charge.Sku))));
        Assert.Equal("696.00 USD", Quote.Best(books, plan, Acme.At(1)).Total.ToString());
        var whose = new QuoteFor(new("p1"), [Acme.Ran("u", Acme.At(1), Acme.At(2))], []);
        Assert.Equal("696.00 USD", Assert.Single(Quote.Of(books, plan, Acme.At(1), whose: whose)).Total.ToString());
    }

    [Fact]
    public void Drawn_months_credit_at_most_what_was_charged_each_second_once_and_nothing_of_what_is_left_out()
    {
        for (var seed = 0; seed < 300; seed++)
        {
            var random = new Random(seed);
            var level = Level() with
            {
                Cap = random.Next(1, 101),
                Maintenance = random.Next(2) == 0 ? null : new(random.Next(0, 10), random.Next(0, 30)),
                Excludes = random.Next(2) == 0 ? [] : [OutageKind.Customer],
            };
            Outage[] outages = [.. Enumerable.Range(0, random.Next(0, 7)).Select(n => Draw(random, n))];
            var measured = ServiceAvailability.Of(level, outages, Acme.October, Acme.October.End);

            var seconds = Enumerable.Range(0, 31 * 24 * 4).Select(n => Acme.October.Start + Duration.FromMinutes(15 * n))
                .Where(at => outages.Any(one => one.From <= at && (one.Until ?? at + Duration.Epsilon) > at)).ToList();
            Assert.Equal(Duration.FromMinutes(15 * seconds.Count), measured.Out + measured.Excluded);
            Assert.DoesNotContain(seconds, at => measured.Spans.Any(span => span.Contains(at)) && outages.Any(one =>
                level.Excludes.Contains(one.Kind) && one.From <= at && (one.Until ?? at + Duration.Epsilon) > at));
            Assert.True(measured.Excluded == Duration.Zero || level.Maintenance is not null || !level.Excludes.IsEmpty);

            var rated = Acme.Rate(
                With(level, outages), Acme.Ran("vm-1", Acme.At(1), Acme.At(32)),
                Acme.Ran("vm-2", Acme.At(5), Acme.At(9, 7), project: "p2"));
            foreach (var of in rated.Charges.GroupBy(charge => charge.Project))
            {
                var charged = Money.Sum(of.Where(c => c.Sku != ServiceCredits.Sku).Select(c => c.Amount));
                var credited = -Money.Sum(of.Where(c => c.Sku == ServiceCredits.Sku).Select(c => c.Amount));
                Assert.Equal(Money.Round(charged.Amount * level.CreditAt(measured) / 100), credited);
                Assert.InRange(credited.Cents, 0, charged.Cents);
            }
        }
    }

    [Fact]
    public void A_weaker_promise_needs_notice_and_closed_months_keep_theirs()
    {
        var (now, none) = (Instant.FromUtc(2026, 10, 5, 0, 0), new HashSet<BillingMonth>());
        var lists = After(ExchangeLists.Fold.Initial, Level(), now, none);
        var weaker = Level() with { From = Acme.October, Ladder = [new(99, 10)] };
        var stronger = Level() with { From = Acme.October, Ladder = [new(99.95m, 10), new(99, 30)] };

        Assert.Equal("levels/no-notice", PublishLevel.Run(lists, weaker, "a", now, none).Refusal?.Code);
        Assert.Null(PublishLevel.Run(lists, weaker with { From = new(2026, 11) }, "a", now, none).Refusal);
        Assert.Equal("levels/no-notice", PublishLevel.Run(lists, stronger, "a", now, none).Refusal?.Code);
        Assert.Null(PublishLevel.Run(
            lists, stronger with { Ladder = [.. stronger.Ladder, new(95, 100)] }, "a", now, none).Refusal);
        Assert.Equal("levels/closed-month", PublishLevel.Run(
            lists, stronger, "a", now, new HashSet<BillingMonth> { Acme.October }).Refusal?.Code);
        Assert.Empty(PublishLevel.Run(lists, Level(), "a", now, none).Events);
        Assert.Equal("levels/wrong", PublishLevel.Run(
            lists, weaker with { Ladder = [new(99, 10), new(99.5m, 20)] }, "a", now, none).Refusal?.Code);
    }

    [Fact]
    public void A_file_says_levels_and_kinds_of_outage()
    {
        var level = Assert.Single(ServiceLevel.Read("""
            levels:
              - landlord: acme
                service: compute
                from: 2026-01
                ladder: [{below: "99.9", credit: "10"}, {below: "99", credit: "25"}, {below: "95", credit: "100"}]
                cap: "50"
                maintenance: {notice_days: 3, hours: "8"}
                excludes: [customer, force-majeure]
            """, "levels.yaml"));
        Assert.Equal(
            "acme/compute from 2026-01: below 99.9 % credit 10 %, below 99 % credit 25 %, below 95 % credit 100 %, at " +
            "most 50 %, without maintenance announced 3 days before, up to 8 hours a month, without customer, " +
            "force-majeure", level.Terms);
        Assert.Equal(OutageKind.Maintenance, Assert.Single(Outage.Read(
            "outages:\n  - {name: a, landlord: acme, clusters: [a1], from: 2026-10-14, kind: maintenance}\n",
            "outages.yaml")).Kind);
        Assert.Contains("'levels[1].ladder[1].below'", Assert.Throws<RefusedException>(() => ServiceLevel.Read(
            "levels:\n  - {landlord: a, service: b, from: 2026-01, ladder: [{below: x, credit: \"1\"}]}\n", "l.yaml"))
            .Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Maintenance_that_is_moved_is_announced_anew_and_one_that_gets_shorter_is_not()
    {
        var lists = ExchangeLists.Fold.Initial;
        Instant? Announced(Instant at, Instant from, Instant until)
        {
            foreach (var told in DeclareOutage.Declare(
                lists, Down("m", from, until) with { Kind = OutageKind.Maintenance }, "a", at,
                new HashSet<BillingMonth>()).OrThrow())
            {
                lists = ExchangeLists.Fold.Evolve(lists, told);
            }

            return Assert.Single(lists.Outages).Announced;
        }

        Assert.Equal(Acme.At(1), Announced(Acme.At(1), Acme.At(20), Acme.At(21)));
        Assert.Equal(Acme.At(1), Announced(Acme.At(19), Acme.At(20), Acme.At(20, 6)));
        Assert.Equal(Acme.At(20), Announced(Acme.At(20), Acme.At(20), Acme.At(20, 7)));
    }

    private static ExchangeLists After(
        ExchangeLists lists, ServiceLevel level, Instant now, IReadOnlySet<BillingMonth> closed) =>
        PublishLevel.Run(lists, level, "a", now, closed).OrThrow().Aggregate(lists, ExchangeLists.Fold.Evolve);

    private static ServiceLevel Level() => new(
        Acme.Landlord, "compute", new(2026, 1), [new(99.9m, 10), new(99, 25), new(95, 100)], 100, null, []);

    private static Outage Down(string name, Instant from, Instant? until) =>
        new(name, Acme.Landlord, [Acme.Cluster], from, until, Outage.KnownToAll);

    private static PriceBooks With(ServiceLevel level, params Outage[] outages) =>
        Acme.Books(Acme.Sheet()) with { Levels = [level], Outages = [.. outages] };

    private static ServiceAvailability Measured(PriceBooks books) => ServiceCredits.Measure(
        books, (Acme.Landlord, "compute", Acme.Cluster), Acme.October, Acme.October.End)!.Value.Measured;

    private static Outage Draw(Random random, int n)
    {
        var from = Acme.At(1) + Duration.FromMinutes(15 * random.Next(-200, 31 * 96));
        var kind = random.Next(3) switch { 0 => OutageKind.Failure, 1 => OutageKind.Maintenance, _ => OutageKind.Customer };
        return Down($"o-{n}", from, random.Next(10) == 0 ? null : from + Duration.FromMinutes(15 * random.Next(1, 200)))
            with
        {
            Kind = kind,
            Announced = kind == OutageKind.Maintenance ? from - Duration.FromDays(random.Next(0, 20)) : null,
        };
    }
}
