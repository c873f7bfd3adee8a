using Exchange.Invoicing;
using Exchange.Invoicing.Payouts;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Demo;

/// <summary>
/// What a market promises and disputes: a service level, an outage of the open month that is credited by it,
/// maintenance that was announced, and a statement of which a landlord disputes a line. No closed month comes to
/// anything else.
/// </summary>
internal static class MarketLevels
{
    public static async Task Run(Composition exchange, CancellationToken ct)
    {
        var (by, month) = (Actors.Local("demo"), BillingMonth.Of(exchange.Clock.GetCurrentInstant()));
        await PublishLevels.Run(exchange, new(
            Landlords.Nerc, "openstack", month, [new(99.9m, 10), new(99, 25), new(95, 100)], 100, new(3, 8), []), false,
            by, ct);
        await Declare(
            exchange, "cooling-2026-11-05", "a pump of the cooling failed", Hours(month, 5, 2, 9), OutageKind.Failure,
            ct);
        await Declare(
            exchange, "upgrade-2026-11-24", "the network of all racks is upgraded", Hours(month, 24, 6, 6),
            OutageKind.Maintenance, ct);
        await Dispute(exchange, DemoPlay.October, by, ct);
    }

    private static async Task Declare(
        Composition exchange, string name, string reason, Period span, OutageKind kind, CancellationToken ct)
    {
        var outage = new Outage(
            name, Landlords.Nerc, [Landlords.Stack], span.Start, span.End, Outage.KnownToAll)
        {
            Reason = reason,
            Kind = kind,
        };
        await exchange.Commands.Execute(
            ChangeOutage.Declare(outage, "demo", Permissions.PublishSheets), Actors.Local("demo"), ct);
    }

    private static async Task Dispute(Composition exchange, BillingMonth month, Actor by, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        var statement = await PayeeStatement.Read(
            exchange.Journal, exchange.Database, new("landlord", Landlords.Blocks.Value), month, ct);
        await exchange.Commands.Execute(
            new AnswerStatement(statement, "dispute statement", (payee, at) => Payee.Dispute(
                payee, month, 1, "Our own meter has 40 GiB more from the 12th on.", "demo", at)), by, ct);
    }

    private static Period Hours(BillingMonth month, int day, int from, int hours)
    {
        var start = month.Start + Duration.FromDays(day - 1) + Duration.FromHours(from);
        return new(start, start + Duration.FromHours(hours));
    }
}
