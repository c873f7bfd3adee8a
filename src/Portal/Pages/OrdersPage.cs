using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Orders;
using Exchange.Market.Reading;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>/orders — orders and whose approval they await; /orders/ID — one of them, and what is answered.</summary>
public sealed partial class OrdersPage
{
    /// <summary>Orders, how many of them wait for the reader, and pages beside this one.</summary>
    public sealed record Orders(IListing All, int Waiting, IReadOnlyList<(string Name, string Path)> Beside);

    /// <summary>An order, what was done with it, and whom it awaits in words.</summary>
    public sealed record Ordered(OrderRow Order, IReadOnlyList<string> Awaits, ITable History)
    {
        /// <summary>Whether the reader may see the quote that was ordered.</summary>
        public required bool SeesQuote { get; init; }

        /// <summary>What the reader may do with it; null where there is nothing to do.</summary>
        public required Answerable? Answer { get; init; }

        public required string Edition { get; init; }
    }

    /// <param name="Fulfills">Whether a landlord says that it is given: with a reference.</param>
    public sealed record Answerable(IReadOnlyList<FormAct> Acts, bool Fulfills);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/orders", List).RequireAuthorization(Permissions.AskForQuotes).ExcludeFromDescription();
        app.MapGet("/orders/{id}", One).RequireAuthorization(Permissions.AskForQuotes).ExcludeFromDescription();
        app.MapPost("/orders/place", Place).RequireAuthorization(Permissions.PlaceOrders).ChecksForm().Makes()
            .ExcludeFromDescription();
        app.MapPost("/orders/{id}/answer", Answer).RequireAuthorization(Permissions.DecideOrders).ChecksForm()
            .Edits(http => $"order {http.Request.RouteValues["id"]}", Edition).ExcludeFromDescription();
    }

    public static string Href(string id) => $"/orders/{Uri.EscapeDataString(id)}";

    /// <summary>A landlord reads who of its own did something; null where the order is not theirs.</summary>
    private static async Task<ETag?> Edition(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var (viewer, id) = (Viewer.Needed(http), $"{http.Request.RouteValues["id"]}");
        await using var view = View.Of(http);
        if (await OrdersFor.Rows(http, view, exchange, new(id), ct) is [])
        {
            return null;
        }

        var edition = await ETag.Of(exchange, [Order.Fold.StreamOf(id)], ct);
        var own = (await exchange.Journal.State(Order.Fold, id, ct)).Done
            .Where(step => step.Side == Approver.Landlord).Select(step => step.By).ToHashSet(StringComparer.Ordinal);
        return viewer.Role != Role.Landlord ? edition : new([
            .. edition.Changes.Select(change => own.Contains(change.By) ? change : change with { By = "" })]);
    }

    private static async Task<IResult> List(HttpContext http, View view, Composition exchange, CancellationToken ct)
    {
        var rows = await OrdersFor.Rows(http, view, exchange, new(), ct);
        var mine = $"{OrdersFor.Of(Viewer.Needed(http))?.Side}".ToLowerInvariant();
        var listing = new Listing<OrderRow>("orders", "Orders", [.. rows.OrderByDescending(
            row => row.Awaits.Contains(mine)).ThenByDescending(row => row.PlacedAt)],
        [
            Column<OrderRow>.Link("Order", row => row.Id, row => Href(row.Id)),
            Column<OrderRow>.Words("Project", row => row.Project.Value),
            Column<OrderRow>.Words("Customer", row => row.Customer ?? row.Pi?.Value ?? ""),
            Column<OrderRow>.Words("Landlord", row => row.Landlord.Value),
            Column<OrderRow>.Words("Cluster", row => row.Cluster.Value),
            Column<OrderRow>.Time("From", row => row.Period.Start),
            Column<OrderRow>.Words("Status", row => row.State),
            Column<OrderRow>.Words("Awaits", row => string.Join(", ", row.Awaits)),
            Column<OrderRow>.Amount("Amount", row => row.Total),
        ], "Nothing was ordered yet. An order is made of a saved quote.")
        {
            Act = new("Saved quotes", "/quotes/saved"),
        };
        var waiting = rows.Count(row => row.Awaits.Contains(mine));
        var viewer = Viewer.Needed(http);
        return listing.Answer(http) ?? Page.Of<OrdersPage, Orders>(http, "Orders", new(
            listing, waiting,
            [.. LeasesPage.Link(viewer), .. MandatesPage.Link(viewer), .. ActingPage.Link(viewer)]));
    }

    private static Task<IResult> One(
        HttpContext http, View view, Composition exchange, string id, CancellationToken ct) =>
        Draw(http, view, exchange, id, Form.Empty, ct);

    private static async Task<IResult> Place(HttpContext http, View view, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var quote = form.Typed("quote");
        if (!int.TryParse(form.Typed("part"), out var part) || quote.Length is 0 or > 40)
        {
            return new NotThere();
        }

        try
        {
            var terms = await OrdersFor.Place(exchange, quote, part, Viewer.Needed(http).Pi, Actors.Of(http), ct);
            return Results.Redirect(Href(terms.Id));
        }
        catch (RefusedException e)
        {
            form.Wrong(Form.Whole, e.Refusal.Message);
            return await SavedQuotesPage.Draw(http, view, exchange, quote, form, ct);
        }
    }

    private static async Task<IResult> Answer(
        HttpContext http, View view, Composition exchange, string id, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var viewer = Viewer.Needed(http);
        if (form.IsRight && OrdersFor.Of(viewer) is { } answer)
        {
            var (act, text) = (form.Typed("do"), form.Typed("because"));
            try
            {
                await OrdersFor.Answer(exchange, id, answer, $"{act} order", (order, now) => act switch
                {
                    "approve" => Order.Approve(order, answer.Side, viewer.Actor, now),
                    "reject" => Order.Reject(order, answer.Side, text, viewer.Actor, now),
                    "fulfill" when answer.Side == Approver.Landlord => Order.Fulfill(order, text, viewer.Actor, now),
                    "cancel" when answer.Side == Approver.Pi => Order.Cancel(order, text, viewer.Actor, now),
                    _ => new Refusal("order/not-asked", $"'{act}' is not yours to do with {id}.", id),
                }, Actors.Of(http));
                return Results.Redirect(Href(id));
            }
            catch (RefusedException e)
            {
                form.Wrong("because", e.Refusal.Message);
            }
        }

        return await Draw(http, view, exchange, id, form, ct);
    }

    private static async Task<IResult> Draw(
        HttpContext http, View view, Composition exchange, string id, Form form, CancellationToken ct)
    {
        if (await OrdersFor.Rows(http, view, exchange, new(id), ct) is not [var row])
        {
            return new NotThere();
        }

        var order = await exchange.Journal.State(Order.Fold, id, ct);
        var edition = await ETag.Of(exchange, [Order.Fold.StreamOf(id)], ct);
        var answers = OrdersFor.Of(Viewer.Needed(http));
        return Page.Of<OneOrder, Ordered>(http, $"Order {id}", new(
            row, [.. order.Awaits.Select(Order.Named)], History(order, answers))
        {
            SeesQuote = Viewer.Needed(http).Role != Role.Subsidy,
            Answer = row.State is "waiting" or "approved" && answers?.Side is { } side ? Of(row, side) : null,
            Edition = edition.Version,
        }, form);
    }

    private static Answerable Of(OrderRow order, Approver side)
    {
        var fulfills = side == Approver.Landlord && order.State == "approved";
        return new(
            [
                .. order.Awaits.Contains($"{side}".ToLowerInvariant())
                    ? [new("approve", "Approve order", IsMain: true)] : (FormAct[])[],
                .. fulfills ? [new("fulfill", "Mark as fulfilled", IsMain: true)] : (FormAct[])[],
                side == Approver.Pi ? new("cancel", "Cancel order") : new("reject", "Reject order"),
            ], fulfills);
    }

    /// <summary>Who acted is for the customer, their payer and finance; a landlord reads who of its own did.</summary>
    private static TableOf<OrderStep> History(Order order, OrderAnswer? reader) => new("History", order.Done,
    [
        Column<OrderStep>.Time("At", step => step.At),
        Column<OrderStep>.Words("For", step => Order.Named(step.Side)),
        Column<OrderStep>.Words(
            "By", step => reader is { Side: Approver.Landlord } && step.Side != Approver.Landlord ? "" : step.By),
        Column<OrderStep>.Words("What", step => step.What),
        Column<OrderStep>.Words("Reason or reference", step => step.Why),
    ], "Nothing was done yet.");
}
