using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Orders;
using Exchange.Market.Reading;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>/orders — orders and whose approval they await; /orders/ID — one of them, and what is answered.</summary>
internal static class OrdersPage
{
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
        ], "Nothing was ordered yet. Save a quote and order it there.");
        var waiting = rows.Count(row => row.Awaits.Contains(mine));
        return listing.IsAskedFor(http) ? listing.Csv(http) : Layout.Page(http, "Orders", Html.Of($"""
            <p class="crumbs"><a href="/quotes/saved">Saved quotes</a>{LeasesPage.Link(Viewer.Needed(http))}
            {MandatesPage.Link(Viewer.Needed(http))}{ActingPage.Link(Viewer.Needed(http))}</p>
            <p class="lead">{(waiting == 0 ? "Nothing awaits your approval."
                : $"{waiting} {(waiting == 1 ? "order awaits" : "orders await")} your approval.")}</p>
            {listing.Of(http)}
            """));
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
            form.Wrong("order", e.Refusal.Message);
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
        return Layout.Page(http, $"Order {id}", Html.Of($"""
            <p class="crumbs"><a href="/orders">Orders</a>{Html.If(Viewer.Needed(http).Role != Role.Subsidy, () =>
                Html.Of($" <a href=\"{SavedQuotesPage.Href(row.Quote)}\">{row.Quote}</a>"))}</p>
            {form.Summary()}
            <dl class="facts"><dt>Status</dt><dd>{Tag.Of(row.State, row.State is not ("rejected" or "canceled"))}
            {row.Because}</dd>
            <dt>Awaits</dt><dd>{(row.Awaits.Count == 0 ? "nobody" : string.Join(", ", order.Awaits.Select(
                Order.Named)))}</dd>
            <dt>Project</dt><dd>{row.Project}</dd>
            <dt>Customer</dt><dd>{row.Customer ?? row.Pi?.Value ?? ""}</dd>
            <dt>Landlord</dt><dd>{row.Landlord}, {row.Cluster}</dd>
            <dt>Used</dt><dd>from {Show.Of(row.Period.Start)} to {Show.Of(row.Period.End)}</dd>
            <dt>Total before funds</dt><dd>{Show.Of(row.Total)}</dd></dl>
            {History(order, answers)}
            {Html.If(answers is not null && row.State is ("waiting" or "approved"), () => Buttons(
                http, form, edition, row, answers!.Side))}
            """), form.Status);
    }

    /// <summary>Who acted is for the customer, their payer and finance; a landlord reads who of its own did.</summary>
    private static Html History(Order order, OrderAnswer? reader) => Table.Of("History", order.Done,
    [
        Column<OrderStep>.Time("At", step => step.At),
        Column<OrderStep>.Words("For", step => Order.Named(step.Side)),
        Column<OrderStep>.Words(
            "By", step => reader is { Side: Approver.Landlord } && step.Side != Approver.Landlord ? "" : step.By),
        Column<OrderStep>.Words("What", step => step.What),
        Column<OrderStep>.Words("Reason or reference", step => step.Why),
    ], "Nothing was done yet.");

    private static Html Buttons(HttpContext http, Form form, ETag edition, OrderRow row, Approver side)
    {
        var isAwaited = row.Awaits.Contains($"{side}".ToLowerInvariant());
        return Form.Post(http, $"{Href(row.Id)}/answer", Html.Of($"""
            {edition.Hidden}{form.Input("because", side == Approver.Landlord && row.State == "approved"
                ? "Reference or reason" : "Reason", "Not needed to approve; the other side sees it.", longest: 500)}
            <p>{Html.If(isAwaited, () => Html.Of($"""
            <button class="main" name="do" value="approve">Approve order</button>
            """))}{Html.If(side == Approver.Landlord && row.State == "approved", () => Html.Of($"""
            <button class="main" name="do" value="fulfill">Mark as fulfilled</button>
            """))}{Html.If(side == Approver.Pi, () => Html.Of($"""
            <button name="do" value="cancel">Cancel order</button>
            """))}{Html.If(side != Approver.Pi, () => Html.Of($"""
            <button name="do" value="reject">Reject order</button>
            """))}</p>
            """));
    }
}
