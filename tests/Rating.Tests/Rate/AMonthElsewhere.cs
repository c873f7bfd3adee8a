using Exchange.Metering;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// What would this month have cost elsewhere: what exactly that usage is billed where it is there, less what is billed
/// without it.
/// </summary>
public class AMonthElsewhere
{
    private static readonly LandlordId Stora = new("stora");
    private static readonly string[] Models =
    [
        """rate: "1.1" """, """model: graduated, scope: landlord, tiers: [{up_to: "50", rate: "1"}, {rate: "0.3"}]""",
        """model: volume, scope: project, tiers: [{up_to: "100", rate: "1"}, {rate: "0.7"}]""",
        """model: package, scope: pi, size: "7", rate: "3.33" """, """rate: "1", minimum: "30" """,
        """rate: "0.5", minimum_charge: "33.33" """,
    ];

    private static string Sheet(string model, string landlord = "stora", string kind = "vm") => Acme.Yaml(
        $$"""{name: VM, unit: vm-hour, counts: resource, per: hour, match: {kind: {{kind}}}, {{model}} }""")
        .Replace("landlord: acme", $"landlord: {landlord}", StringComparison.Ordinal);

    private static PriceBooks Books(params string[] sheets) =>
        Acme.Books([.. sheets.Select((yaml, n) => SheetReader.Read(yaml, $"{n}.yaml"))]);

    private static PricedElsewhere Asked(PriceBooks books, IEnumerable<Segment> usage, string? project = null)
    {
        var request = new RateRequest(Acme.October) { PiOf = (_, _, _) => new PiId("ada@bu.edu") };
        var asked = new MonthElsewhere(
            books, project is null ? request : request with { Project = new(project) },
            MonthElsewhere.Places(books, Acme.October).Where(place => place.Landlord == Stora));
        foreach (var one in usage)
        {
            asked.Add(one);
        }

        return asked.Finish();
    }

    [Fact]
    public void Servers_are_priced_as_pods_where_only_pods_are_sold_and_what_is_not_sold_is_named()
    {
        var books = Books(Sheet("rate: \"1\"", "acme"), Sheet("rate: \"0.25\"", kind: "pod"));
        List<Segment> usage =
            [Acme.Ran("a", Acme.At(1), Acme.At(3)), Acme.Ran("b", Acme.At(5), Acme.At(6), project: "p2")];
        var there = Assert.Single(Asked(books, usage).There);
        Assert.Equal(("72.00 USD", "18.00 USD", true), (
            Asked(books, usage).Here.ToString(), there.Total.ToString(), there.ServesAll));
        Assert.Equal("6.00 USD", Assert.Single(Asked(books, usage, "p2").There).Total.ToString());
        Assert.Equal("24.00 USD", Asked(books, usage, "p2").Here.ToString());
        Assert.Empty(Asked(Books(Sheet("rate: \"1\"", "acme"), Sheet("rate: \"1\"", kind: "fpga")), usage).There);
    }

    [Fact]
    public void A_drawn_month_costs_there_what_exactly_that_usage_is_billed_there() => Prop.ForAll(Arb.From(
        from here in Gen.Elements(Models)
        from there in Gen.Elements(Models)
        from lengths in Gen.Choose(1, 200).ArrayOf(4)
        from others in Gen.Choose(1, 400)
        select (here, there, lengths, others)), drawn =>
        {
            var books = Books(Sheet(drawn.here, "acme"), Sheet(drawn.there));
            List<Segment> mine =
            [
                .. drawn.lengths.Select((hours, n) => Acme.Ran(
                    $"v{n}", Acme.At(2), Acme.At(2) + Duration.FromHours(hours), project: $"p{n % 2}")),
            ];
            var neighbor = Acme.Ran("n", Acme.At(1), Acme.At(1) + Duration.FromHours(drawn.others), project: "q");
            var theirs = neighbor with { Resource = Moved(neighbor.Resource) };

            Money Bill(IEnumerable<Segment> usage) => Acme.Rate(
                books, new RateRequest(Acme.October) { PiOf = (_, _, _) => new PiId("ada@bu.edu") }, usage).Total;
            var asked = new MonthElsewhere(
                books, new(Acme.October) { PiOf = (_, _, _) => new PiId("ada@bu.edu") }, [(Stora, Acme.Cluster)],
                (_, project) => project.Value != "q");
            foreach (var one in mine.Append(theirs))
            {
                asked.Add(one);
            }

            var came = asked.Finish();
            Assert.Equal(Bill(mine), came.Here);
            Assert.Equal(
                Bill(mine.Select(one => one with { Resource = Moved(one.Resource) }).Append(theirs)) - Bill([theirs]),
                Assert.Single(came.There).Total);
        }).Check(Draws.Properties());

    private static ResourceId Moved(ResourceId one) => one with { Landlord = Stora };
}
