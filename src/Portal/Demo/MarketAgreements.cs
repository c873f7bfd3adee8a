using Exchange.Market.Commands;
using Exchange.Market.Deals;
using Exchange.Portal.Commands;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Demo;

/// <summary>
/// What landlords agreed with a group at Boston University: nodes that are reserved from the open month on, and GPUs of
/// which so much is taken each month from the next; and FPGA boards that a landlord offers on such terms, which waits
/// for an answer. Nothing of it is of a closed month.
/// </summary>
internal static class MarketAgreements
{
    public static async Task Run(Composition exchange, Cast cast, CancellationToken ct)
    {
        var (november, december) = (DemoPlay.October.Next, DemoPlay.October.Next.Next);
        var nodes = new StandingAgreement(
            "", StandingKind.Reservation, Landlords.Racks, Landlords.Nodes, new("Node"),
            [new(cast.AskedToLease.Project, november.Start + Duration.FromDays(8))],
            new(november.Start + Duration.FromDays(8), december.Plus(3).Start), 2, 0.95m);
        await Agree(exchange, nodes, DealSide.Customer, ct);
        await Agree(
            exchange, Commitment(
                Landlords.Nerc, Of(cast, Landlords.Stack), new("OpenStack GPUA100"), december, (400, 1.60m)),
            DealSide.Landlord, ct);
        await Propose(
            exchange, Commitment(
                Landlords.Fpgas, Of(cast, Landlords.Boards), new("FPGA board"), december, (500_000, 0.0006m)),
            DealSide.Landlord, ct);
    }

    /// <summary>So many units of something a month, for three months.</summary>
    private static StandingAgreement Commitment(
        LandlordId landlord, DemoProject project, SkuId sku, BillingMonth from,
        (decimal Units, decimal Rate) of) => new(
            "", StandingKind.Commitment, landlord, project.Cluster, sku, [new(project.Project, from.Start)],
            new(from.Start, from.Plus(3).Start), of.Units, of.Rate);

    private static DemoProject Of(Cast cast, ClusterId cluster) =>
        cast.In(cluster).First(project => project.Pi == DemoPeople.Known(cast));

    private static async Task Agree(
        Composition exchange, StandingAgreement terms, DealSide side, CancellationToken ct)
    {
        var deal = await Propose(exchange, terms, side, ct);
        var other = side == DealSide.Landlord ? DealSide.Customer : DealSide.Landlord;
        await DealsFor.Answer(
            exchange, (deal.Id!, null), Speaker(other), "accept agreement",
            (before, now) => AgreementDeal.Accept(before, other, "demo", now), Actors.Local("demo"), ct);
    }

    private static Task<AgreementDeal> Propose(
        Composition exchange, StandingAgreement terms, DealSide side, CancellationToken ct) =>
        DealsFor.Propose(exchange, terms, Speaker(side), Actors.Local("demo"), ct);

    private static DealSpeaker Speaker(DealSide side) => new(side, "demo", _ => true);
}
