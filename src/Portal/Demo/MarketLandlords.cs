using System.Collections.Immutable;
using Exchange.Invoicing;
using Exchange.Invoicing.Published;
using Exchange.Market.Commands;
using Exchange.Market.Offers;
using Exchange.Portal.Commands;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Demo;

/// <summary>
/// Two landlords who come to the market in the open month: one lends nodes, the other is an intermediary that sells
/// buckets under its own name and buys them from Block Bank. Nothing of a closed month is theirs.
/// </summary>
internal static class MarketLandlords
{
    private const string Terms = """
        landlords:
          - name: crimson
            title: Crimson Racks
            terms: [{ from: 2026-11, platform_share: "0.02" }]
          - name: openstore
            title: Open Store
            terms: [{ from: 2026-11, platform_share: "0.03" }]
        """;

    private const string Nodes = """
        landlord: crimson
        service: baremetal
        clusters: [crimson-bm]
        from: 2026-11
        currency: USD
        skus:
          - {name: Node, unit: node-hour, rate: "1.10", counts: resource, per: hour, match: {kind: baremetal} }
        examples:
          - {name: a node for a day, usage: [{kind: baremetal, hours: "24"}], total: "26.40"}
        """;

    private const string Buckets = """
        landlord: openstore
        service: objects
        clusters: [openstore-1]
        from: 2026-11
        currency: USD
        skus:
          - name: Bucket
            unit: GiB-hour
            counts: meter
            meter: storage_gib_hours
            model: graduated
            tiers: [{up_to: "500000", rate: "0.00006"}, {rate: "0.00005"}]
            match: {kind: bucket}
            wholesale: {payee: blockbank, rate: "0.00003"}
        examples:
          - name: ten TiB for thirty days
            usage: [{kind: bucket, meter: storage_gib_hours, quantity: "7372800"}]
            total: "373.64"
        """;

    private static readonly OfferName Lent = new("baremetal", new("Node"));

    /// <summary>When they come, the first usage is not metered yet.</summary>
    public static async Task Run(Composition exchange, Cast cast, CancellationToken ct)
    {
        var by = Actors.Local("demo");
        await exchange.Commands.Execute(
            new PublishFactFiles(
                exchange.Sources, [FactFiles.Read(Terms, "pricing/landlords.yaml")!], new LocalDate(2026, 11, 1), false,
                "demo"), by, ct);
        await exchange.Commands.Execute(
            new PublishPricing(
                await exchange.Sources.Now(ct),
                [
                    new("pricing/crimson/baremetal/2026-11.yaml", Nodes),
                    new("pricing/openstore/objects/2026-11.yaml", Buckets),
                ],
                [], "pricing/crimson, pricing/openstore", "demo", Permissions.PublishSheets), by, ct);
        await exchange.Commands.Execute(
            new ImportProjects(cast.MarketCsv(), "the projects of the market", "demo"), by, ct);

        var terms = OfferTerms.Standard with
        {
            Audience = new(
                ["Massachusetts Institute of Technology", "Boston University", "Northeastern University"], []),
            Capacity = 6,
            NoticeDays = 7,
            NeedsApproval = true,
        };
        var known = ImmutableHashSet.Create(Lent);
        await exchange.Commands.Execute(
            new ChangeOffer(Landlords.Racks, Lent, "draft offer", (offers, at) =>
                LandlordOffers.Draft(offers, Lent, terms, known, ("demo", at))), by, ct);
        await exchange.Commands.Execute(
            new ChangeOffer(Landlords.Racks, Lent, "publish offer", (offers, at) =>
                LandlordOffers.Publish(offers, Lent, known, ("demo", at))), by, ct);
    }

    /// <summary>What customers of the intermediary stored, counted each day.</summary>
    public static IEnumerable<UsageEvent> Usage(Cast cast)
    {
        foreach (var (project, place) in cast.InBuckets.Select((project, place) => (project, place)))
        {
            var bucket = new UsageEvent.Thing(
                Landlords.Objects, Landlords.Store, "bucket", $"{project.Name}-bucket", project.Project);
            for (var day = Instant.FromUtc(2026, 11, 3, 0, 0); day < DemoPlay.Today; day += Duration.FromDays(1))
            {
                yield return UsageEvent.Count(
                    bucket, day, "storage_gib_hours", (24m * 2_048 * (place + 1)) + day.InUtc().Day);
            }
        }
    }
}
