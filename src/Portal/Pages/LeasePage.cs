using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>
/// /leases/ID — one lease: its terms, what is sublet from it, what it came to by month, what was said, and what its
/// reader may say.
/// </summary>
internal static class LeasePage
{
    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet($"{LeasesPage.Path}/{{id}}", Get).RequireAuthorization(Permissions.KeepLeases)
            .ExcludeFromDescription();
        app.MapPost($"{LeasesPage.Path}/{{id}}/answer", Answer).RequireAuthorization(Permissions.KeepLeases)
            .ChecksForm().Edits(
                http => $"lease {http.Request.RouteValues["id"]}",
                (http, exchange, ct) => LeasesFor.Edition(
                    exchange, Viewer.Needed(http), $"{http.Request.RouteValues["id"]}", ct))
            .ExcludeFromDescription();
    }

    public static string Href(string id) => $"{LeasesPage.Path}/{Uri.EscapeDataString(id)}";

    public static string Price(LeaseRow lease) => lease.IsOwn ? "own use"
        : lease.PerHour is { } rate ? Show.Of(rate) : "list price";

    private static Task<IResult> Get(HttpContext http, Composition exchange, string id, CancellationToken ct) =>
        Draw(http, exchange, id, Form.Empty, ct);

    private static async Task<IResult> Answer(
        HttpContext http, Composition exchange, string id, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var viewer = Viewer.Needed(http);
        if (form.IsRight && await LeasesFor.Find(exchange, viewer, id, ct) is { } found &&
            (found.IsLessor || found.IsLessee))
        {
            var word = Word(form);
            if (form.IsRight)
            {
                try
                {
                    await LeasesFor.Say(exchange, viewer, id, word, null, Actors.Of(http), ct);
                    return Results.Redirect(Href(id));
                }
                catch (RefusedException e)
                {
                    form.Wrong(e.Refusal.Code == "lease/no-reason" ? "because" : "at", e.Refusal.Message);
                }
            }
        }

        return await Draw(http, exchange, id, form, ct);
    }

    /// <summary>A form has one instant: until when to extend, and from when on for everything else.</summary>
    private static LeaseWord Word(Form form)
    {
        var act = form.Typed("do");
        var at = act is "accept" or "decline" ? null : LeaseForms.At(form, "at", "When");
        var project = act == "transfer" ? form.Value<ProjectId>("project", "The project") : null;
        return new(act, at, at, project, form.Typed("because"));
    }

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, string id, Form form, CancellationToken ct)
    {
        if (await LeasesFor.Find(exchange, Viewer.Needed(http), id, ct) is not { } found)
        {
            return new NotThere();
        }

        var lease = found.Lease;
        return Layout.Page(http, $"Lease {id}", Html.Of($"""
            <p class="crumbs"><a href="{LeasesPage.Path}">Leases</a></p>
            {form.Summary()}
            {Facts(lease)}
            {LeaseChart.Of([lease, .. found.Subleases], exchange.Clock.GetCurrentInstant())}
            <h2>Subleases</h2>
            {Subleases(found)}
            <h2>By month</h2>
            {Money(found)}
            <h2>History</h2>
            {Table.Of("What was said", found.History, [
                Column<LeaseSaid>.Time("At", said => said.At),
                Column<LeaseSaid>.Words("Side", said => said.Side),
                Column<LeaseSaid>.Words("By", said => said.By),
                Column<LeaseSaid>.Words("What", said => said.What),
                Column<LeaseSaid>.Words("Reason", said => said.Why)], "Nothing was said yet.")}
            {Html.If((found.IsLessor || found.IsLessee) && lease.State is "agreed" or "proposed", () =>
                Answers(http, form, found))}
            """), form.Status);
    }

    private static Html Facts(LeaseRow lease) => Html.Of($"""
        <dl class="facts"><dt>Status</dt><dd>{Tag.Of(lease.State, lease.State is "agreed" or "over")}
        {lease.Because}</dd>
        <dt>Waits for</dt><dd>{(lease.Asked.Length == 0 ? "nobody" : lease.Asked)}</dd>
        <dt>Lessor</dt><dd>{lease.Lessor}</dd><dt>Holder</dt><dd>{lease.Holder}</dd>
        <dt>Nodes</dt><dd>{string.Join(", ", lease.Nodes)} of {lease.Landlord}, {lease.Cluster}</dd>
        <dt>Held</dt><dd>from {Show.Of(lease.From)} to {Show.Of(lease.Until)}</dd>
        <dt>Dollars a node and hour</dt><dd>{Price(lease)}</dd>
        <dt>Notice</dt><dd>{lease.NoticeDays} days</dd></dl>
        """);

    private static Html Subleases(LeaseDetails found) => Html.Of($"""
        {Table.Of("Subleases", found.Subleases, [
            Column<LeaseRow>.Link("Lease", row => row.Id, row => Href(row.Id)),
            Column<LeaseRow>.Words("Sublet from", row => row.Parent),
            Column<LeaseRow>.Words("Lessor", row => row.Lessor),
            Column<LeaseRow>.Words("Holder", row => row.Holder.Value),
            Column<LeaseRow>.Words("Nodes", row => string.Join(", ", row.Nodes)),
            Column<LeaseRow>.Time("From", row => row.From),
            Column<LeaseRow>.Time("Until", row => row.Until),
            Column<LeaseRow>.Words("Per hour", Price),
            Column<LeaseRow>.State("Status", row => row.State, row => row.State is "agreed" or "over")],
            "Nothing that you may see is sublet from it.")}
        {Html.If(found.IsLessee && found.Lease.State == "agreed" && !found.Lease.IsOwn, () => Html.Of($"""
        <p><a class="button" href="{ProposeLeasePage.Href(found.Lease.Id)}">Sublet nodes</a></p>
        """))}
        """);

    /// <summary>Whoever holds it reads what is left of it; whoever lends it, what it earned.</summary>
    private static Html Money(LeaseDetails found)
    {
        var isEarned = found.IsLessor && !found.IsLessee;
        var columns = new List<Column<LeaseMonth>>
        {
            Column<LeaseMonth>.Month("Month", row => row.Month),
            Column<LeaseMonth>.Number(
                "Quantity", row => row.Quantity is { } used ? Show.Usage(used) : "several units",
                row => row.Quantity?.Amount ?? 0),
            Column<LeaseMonth>.Amount(isEarned ? "Earned, gross" : "Charged, gross", row => row.Charged),
        };
        if (!isEarned)
        {
            columns.Add(Column<LeaseMonth>.Amount("Earned by subleases", row => row.Subleases));
            columns.Add(Column<LeaseMonth>.Amount("Net", row => row.Net));
        }

        Html[] totals = [.. ((Money[])[
            Exchange.Money.Sum(found.Months.Select(row => row.Charged)),
            Exchange.Money.Sum(found.Months.Select(row => row.Subleases)),
            Exchange.Money.Sum(found.Months.Select(row => row.Net))]).Take(columns.Count - 2)
            .Select(total => Html.Of($"{Show.Of(total)}"))];
        return Table.Of(
            "What it came to, as months were last rated", found.Months, columns,
            "Nothing was charged for it yet: a month is rated once it has begun.", Table.Foot("Total", 2, totals));
    }

    private static Html Answers(HttpContext http, Form form, LeaseDetails found)
    {
        var lease = found.Lease;
        var waits = lease.Asked.Length > 0;
        var isMine = (lease.Asked.StartsWith("lessor", StringComparison.Ordinal) && found.IsLessor) ||
            (lease.Asked.StartsWith("lessee", StringComparison.Ordinal) && found.IsLessee);
        return Html.Of($"""
            <h2>{(waits ? "Answer" : "Change lease")}</h2>
            {Form.Post(http, $"{Href(lease.Id)}/answer", Html.Of($"""
            {Form.Hidden(ETag.Field, lease.Version)}
            {form.Input("because", "Reason", "To decline or reclaim: the other side sees it.", longest: 500)}
            {Html.If(lease.State == "agreed", () => Html.Of($"""
            {form.Input("at", "When", LeaseForms.Hint, longest: 30)}
            {form.Input("project", "Project", "To transfer it to.", longest: 200)}
            """))}
            <p>{Html.If(waits && isMine, () => Html.Of($"""
            <button class="main" name="do" value="accept">Accept</button>
            """))}{Html.If(waits, () => Html.Of($"""
            <button name="do" value="decline">{(isMine ? "Decline" : "Take back")}</button>
            """))}{Html.If(!waits && lease.State == "agreed", () => Html.Of($"""
            <button name="do" value="extend">Propose to extend</button>
            <button name="do" value="end">Propose to end</button>
            <button name="do" value="transfer">Propose to transfer</button>
            """))}{Html.If(lease.State == "agreed" && found.IsLessor, () => Html.Of($"""
            <button name="do" value="reclaim">Reclaim</button>
            """))}</p>
            """))}
            """);
    }
}
