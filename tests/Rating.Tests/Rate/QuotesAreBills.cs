using System.Collections.Immutable;
using Exchange.Metering;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// A quote is what exactly that usage will be billed. Seen to fail when it took the sheets of an instant as if they held
/// for ever, and tiers as if nobody else used anything.
/// </summary>
public class QuotesAreBills
{
    private static readonly Shape Node = Shape.Parse("""{"node":"N1"}""");

    private static string Vm(string more) =>
        $$"""{name: VM, unit: vm-hour, counts: resource, per: hour, match: {kind: vm}, {{more}} }""";

    private static QuotedUsage For(int hours, int resources = 1) =>
        new("vm", Shape.Empty, Duration.FromHours(hours), resources);

    [Fact]
    public void A_sheet_that_is_published_and_begins_later_counts_from_then_on()
    {
        var books = Acme.Books(Acme.Sheet(Vm("rate: \"0.75\"")), Acme.Sheet(Vm("rate: \"1.00\""), "2026-10-16"));
        Assert.Equal("654.00 USD", Assert.Single(Quote.Of(books, [For(744)], Acme.At(1))).Total.ToString());
    }

    [Fact]
    public void A_known_outage_is_not_quoted_and_a_plan_over_two_months_is_two_bills()
    {
        var books = Acme.Books(Acme.Sheet(Vm("""model: graduated, tiers: [{up_to: "100", rate: "1"}, {rate: "0.1"}]"""))) with
        {
            Outages = [new("o", Acme.Landlord, [Acme.Cluster], Acme.At(31), Acme.At(31, 10), ["corrected"])],
        };
        // 48 h of October less 10 are 38, and 48 of November begin at the first tier again.
        Assert.Equal("86.00 USD", Assert.Single(Quote.Of(books, [For(96)], Acme.At(30))).Total.ToString());
    }

    [Fact]
    public void Others_usage_decides_tiers_of_a_landlord()
    {
        var books = Acme.Books(Acme.Sheet(
            Vm("""model: volume, scope: landlord, tiers: [{up_to: "100", rate: "1"}, {rate: "0.5"}]""")));
        var whose = new QuoteFor(new("p2"), [Acme.Ran("a", Acme.At(1), Acme.At(8))], []);
        Assert.Equal("24.00 USD", Assert.Single(Quote.Of(books, [For(48)], Acme.At(10), whose: whose)).Total.ToString());
        Assert.Equal("48.00 USD", Assert.Single(Quote.Of(books, [For(48)], Acme.At(10))).Total.ToString());
    }

    [Fact]
    public void A_workload_that_no_single_place_sells_is_mixed()
    {
        var vms = Acme.Sheet(Vm("rate: \"1\""));
        var disks = SheetReader.Read(Acme.Yaml(
            """{name: Disk, unit: GiB-hour, rate: "0.01", counts: dimension, dimension: storage_gib, per: hour, match: {kind: volume} }""",
            """{name: d, usage: [{kind: volume, hours: "1", shape: {storage_gib: "100"} }], total: "1.00"}""")
            .Replace("landlord: acme", "landlord: stora", StringComparison.Ordinal), "stora.yaml");
        var books = Acme.Books(vms, disks);
        var disk = new QuotedUsage("volume", Shape.Parse("""{"storage_gib":"100"}"""), Duration.FromHours(10));
        var mix = Quote.Best(books, [For(10), disk], Acme.At(1));
        Assert.Equal("20.00 USD; acme 10.00 USD; stora 10.00 USD", string.Join(
            "; ", mix.Parts.Select(part => $"{part.Landlord} {part.Total}").Prepend($"{mix.Total}")));
        Assert.Empty(mix.Missing);
        Assert.Single(Quote.Best(books, [For(1), new("fpga", Node, Duration.FromHours(1))], Acme.At(1)).Missing);
    }

    private static readonly string[] Models =
    [
        """rate: "1.1" """, """model: graduated, scope: SCOPE, tiers: [{up_to: "50", rate: "1"}, {up_to: "300", rate: "0.7"}, {rate: "0.3"}]""",
        """model: volume, scope: SCOPE, tiers: [{up_to: "100", rate: "1"}, {rate: "0.7"}]""",
        """model: package, scope: SCOPE, size: "7", rate: "3.33" """, """rate: "1", minimum: "30" """,
        """rate: "0.5", minimum_charge: "33.33" """,
        """model: time-of-day, rate: "1", time_zone: America/New_York, hours: [{name: night, days: [mon, tue], from: "00:00", until: "08:00", rate: "0.3"}]""",
        """model: reservation, rate: "1", reservations: [{project: p2, count: "1", rate: "0.4", from: 2026-10-05, until: 2026-10-20}]""",
    ];

    /// <summary>
    /// The bill of a project with the plan, less the bill without it, in every month of it; whatever the models, scopes,
    /// sheets to come and usage of others, and whoever the project is handed to meanwhile.
    /// </summary>
    [Fact]
    public void A_drawn_plan_is_quoted_as_it_is_billed() => Prop.ForAll(Arb.From(
        from model in Gen.Elements(Models)
        from next in Gen.Elements(Models)
        from scope in Gen.Elements("project", "pi", "landlord")
        from change in Gen.Choose(2, 40)
        from start in Gen.Choose(0, 700)
        from hours in Gen.Choose(1, 1_000)
        from resources in Gen.Choose(1, 3)
        from used in Gen.Choose(0, 3)
        from lengths in Gen.Choose(1, 600).ArrayOf(3)
        from moved in Gen.Choose(-700, 1_400)
        select (model, next, scope, change, start, hours, resources, used, lengths, moved)), drawn =>
        {
            string Of(string model) => Vm(model.Replace("SCOPE", drawn.scope, StringComparison.Ordinal));
            var books = Acme.Books(
                Acme.Sheet(Of(drawn.model)), Acme.Sheet(Of(drawn.next), Text.Of(Acme.At(drawn.change))));
            var at = Acme.At(1) + Duration.FromHours(drawn.start);
            List<Segment> before = [.. Enumerable.Range(0, drawn.used).Select(n => Acme.Ran(
                $"u{n}", Acme.At(1), Acme.At(1) + Duration.FromHours(drawn.lengths[n]), project: n == 0 ? "p2" : "p1"))];
            var moved = Acme.At(1) + Duration.FromHours(drawn.moved);
            PiId? PiOf(ClusterId cluster, ProjectId project, Instant when) =>
                new PiId(project.Value == "p2" && when < moved ? "ben@bu.edu" : "ada@bu.edu");
            ImmutableArray<Instant> MovesOf(ClusterId cluster, ProjectId project, Period within) =>
                project.Value == "p2" && moved > within.Start && moved < within.End ? [moved] : [];
            List<Segment> plan = [.. Enumerable.Range(0, drawn.resources).Select(n => Acme.Ran(
                $"n{n}", at, at + Duration.FromHours(drawn.hours), project: "p2"))];
            var expected = Money.Zero;
            for (var month = Acme.October; month.Start < at + Duration.FromHours(drawn.hours); month = month.Next)
            {
                Money Bill(IEnumerable<Segment> usage) => Money.Sum(Acme.Rate(
                    books, new RateRequest(month)
                    {
                        PiOf = PiOf,
                        MovesOf = (cluster, project) => MovesOf(cluster, project, month.Period),
                        Binds = (_, _) => false,
                    }, usage).Charges.Where(charge => charge.Project.Value == "p2").Select(charge => charge.Amount));
                expected += Bill(before.Concat(plan)) - Bill(before);
            }

            var quoted = Quote.Of(
                books, [For(drawn.hours, drawn.resources)], at, whose: new(new("p2"), before, [], PiOf)
                {
                    MovesOf = MovesOf,
                });
            Assert.Equal(expected, Assert.Single(quoted).Total);
        }).Check(Draws.Properties());
}
