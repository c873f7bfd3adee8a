using Exchange.Market.Commands;
using Exchange.Market.Offers;
using Exchange.Metering;
using Exchange.Portal.Commands;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Demo;

/// <summary>
/// The market of the demonstration: an offer on whose requests its landlord decides, an order that awaits that, and a
/// quote that was accepted. All of it is about days to come, so no month comes to anything else.
/// </summary>
internal static class DemoMarket
{
    private const string Machine = """{"vcpu":"8","ram_mib":"32768"}""";
    private const string Gpu = """{"vcpu":"32","ram_mib":"245760","gpu":"1","gpu_model":"a100-sxm4"}""";

    private static readonly OfferName Gpus = new("openstack", new("OpenStack GPUA100SXM4"));

    public static async Task Run(Composition exchange, Cast cast, CancellationToken ct)
    {
        var (by, now) = (Actors.Local("demo"), exchange.Clock.GetCurrentInstant());
        var known = Catalog.Sold(await LoadPriceBooks.Run(exchange.Journal, ct), Landlords.Nerc, now);
        var terms = OfferTerms.Standard with { NeedsApproval = true, ServiceLevel = "99.9 % of each month" };
        await exchange.Commands.Execute(
            new ChangeOffer(Landlords.Nerc, Gpus, "draft offer", (offers, at) =>
                LandlordOffers.Draft(offers, Gpus, terms, known, ("demo", at))), by, ct);
        await exchange.Commands.Execute(
            new ChangeOffer(Landlords.Nerc, Gpus, "publish offer", (offers, at) =>
                LandlordOffers.Publish(offers, Gpus, known, ("demo", at))), by, ct);

        var pi = DemoPeople.Of(cast)[0].Viewer.Pi!.Value;
        var project = cast.In(Landlords.Stack).First(one => one.Pi.Address == pi).Project;
        var accepted = await KeepQuote.Save(exchange, Plan(project, Machine, 300, now), pi, by, ct);
        await KeepQuote.Accept(exchange, accepted.Id, pi, by, ct);
        var ordered = await KeepQuote.Save(exchange, Plan(project, Gpu, 100, now), pi, by, ct);
        await OrdersFor.Place(exchange, ordered.Id, 0, pi, by, ct);
    }

    private static PlanToKeep Plan(ProjectId project, string shape, int hours, Instant now) => new(
        [new QuotedUsage("vm", Shape.Parse(shape), Duration.FromHours(hours))], project, Landlords.Nerc,
        Landlords.Stack, now, 30);
}
