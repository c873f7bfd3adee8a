using Exchange.Market.Orders;
using Exchange.Market.Reading;
using Exchange.Portal.Commands;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Api;

/// <summary>/v1/orders — what was ordered; a landlord's provisioning says that it gave what was ordered.</summary>
internal static class OrdersOverHttp
{
    /// <param name="Reference">What it is there, as the id of a lease or an allocation.</param>
    internal sealed record Given(string? Reference);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/orders", List).Reads<PageOf<OrderRow>>(
            "GetOrders", "Orders that the caller's landlord provides, or all.");
        app.MapPost("/v1/orders/{id}/fulfilled", Fulfill).DoneOnce().Makes().WithName("FulfillOrder")
            .WithSummary("Says that the key's landlord gave what was ordered.")
            .WithMetadata(new Takes("What it is there.", ["application/json"],
                ["""{"reference":"lease-17"}"""], typeof(Given)))
            .RequireAuthorization(Permissions.PublishPrices).WithTags("orders").Produces<OrderTerms>()
            .ProducesProblem(400).ProducesProblem(401).ProducesProblem(403).ProducesProblem(422);
    }

    private static async Task<IResult> List(
        HttpContext http, View view, Composition exchange, LandlordId? landlord, string? cursor, int? limit)
    {
        if (LandlordScope.Of(http, landlord) is not { } reach)
        {
            return new LandlordScope.Refused();
        }

        var query = new OrderQuery(
            Landlord: reach.Landlord, After: Cursor.Key(cursor), Limit: Cursor.Limit(limit));
        var rows = await OrdersFor.Rows(http, view, exchange, query, http.RequestAborted);
        return new Tagged(PageOf<OrderRow>.Of(rows, query.Limit, row => row.Id));
    }

    private static async Task<IResult> Fulfill(
        HttpContext http, Composition exchange, string id, CancellationToken ct)
    {
        if (await Body.Read<Given>(http, ct) is not { } given || !Name.IsOne(given.Reference))
        {
            return Problem.Of(new(
                "request/malformed", "Send a JSON object like {\"reference\":\"lease-17\"}."), 400);
        }

        var (viewer, reference) = (Viewer.Needed(http), given.Reference);
        try
        {
            var order = await OrdersFor.Answer(
                exchange, id, OrdersFor.Of(viewer)!, "fulfill order",
                (before, now) => Order.Fulfill(before, reference, viewer.Actor, now),
                Actors.Of(http) with { May = _ => true });
            return new Tagged(await Confidential.For(http, exchange, ct) is { } names
                ? names.Of(order.Needed())
                : order.Needed());
        }
        catch (RefusedException e)
        {
            return Problem.Of(e.Refusal, StatusCodes.Status422UnprocessableEntity);
        }
    }
}
