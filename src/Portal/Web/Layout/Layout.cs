using Exchange.Metering;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Web;

/// <summary>The frame of every page: head, navigation for the viewer's role, the page itself, foot.</summary>
internal static class Layout
{
    public static IResult Page(HttpContext http, string title, Html body, int status = StatusCodes.Status200OK) =>
        body.Answer ??
        Results.Content(Of(http, title, body), "text/html; charset=utf-8", System.Text.Encoding.UTF8, status);

    private static string Of(HttpContext http, string title, Html body)
    {
        var viewer = Viewer.Of(http.User);
        return Html.Of($"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>{title} · The Exchange</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <link rel="icon" href="{Assets.Path("icon.svg")}" type="image/svg+xml">
            <link rel="stylesheet" href="{Assets.Path("exchange.css")}">{Scripts(body)}</head><body>
            <a class="skip" href="#main">Skip to the content</a>
            <header class="bar"><a class="brand" href="/">The Exchange</a>
            {Html.If(viewer is not null, () => Navigation(http, viewer!))}</header>
            <main id="main"><h1>{title}</h1>
            {Html.If(viewer is not null, () => Damage(http, viewer!))}
            {body}</main>
            <footer class="foot">All months and times are UTC. Amounts are in US dollars.
            {Html.If(http.RequestServices.GetRequiredService<Personas>().All.Count > 0, () => Html.Of($"""
            This is a demonstration: everyone in it is invented.
            """))}</footer></body></html>

            """).Text;
    }

    /// <summary>Whose usage is told in part, on every page that may show a figure of it.</summary>
    private static Html Damage(HttpContext http, Viewer viewer)
    {
        var blocks = http.RequestServices.GetRequiredService<Meter>().Unfolded;
        var notice = UnfoldedBlock.Notice(blocks, viewer.Landlord);
        return Html.If(notice is not null, () => Html.Of($"""
            <div class="note-box warn" role="status"><p>{notice}</p></div>
            """));
    }

    /// <summary>Nothing waits for scripts, and each comes only with what it serves.</summary>
    private static Html Scripts(Html body) => Html.Of($"""
        {Html.If(body.Needs.HasFlag(PageNeeds.Tables), () => Html.Of($"""
        <script defer src="{Assets.Path("tables.js")}"></script>
        """))}{ChartScripts(body)}
        """);

    private static Html ChartScripts(Html body) => Html.If(
        Assets.Has("uplot.js") && body.Needs.HasFlag(PageNeeds.Charts), () => Html.Of($"""
        <link rel="stylesheet" href="{Assets.Path("uplot.css")}">
        <script defer src="{Assets.Path("uplot.js")}"></script>
        <script defer src="{Assets.Path("charts.js")}"></script>
        """));

    private static Html Navigation(HttpContext http, Viewer viewer) => Html.Of($"""
        <nav aria-label="Main"><ul>{Html.Join(Places.Of(viewer.Role), place => Html.Of($"""
        <li><a href="{place.Path}"{Current(http, place.Path)}>{place.Name}</a></li>
        """))}</ul></nav>
        <form class="seek" method="get" action="/search" role="search" aria-label="The exchange">
        <label class="aside" for="seek">Search</label>
        <input id="seek" name="q" type="search" maxlength="100" placeholder="Search"
        value="{(http.Request.Path == "/search" ? http.Request.Query["q"].ToString() : "")}"><button>Search</button>
        </form>
        <form class="who" method="post" action="/sign-out">{FormToken.Field(http)}<span>{viewer.Name}</span>
        <button>Sign out</button></form>
        """);

    private static Html Current(HttpContext http, string path) =>
        Html.Attribute("aria-current", "page", http.Request.Path == path);
}

/// <summary>The pages that each role is offered.</summary>
internal static class Places
{
    /// <summary>A page in the navigation.</summary>
    public sealed record Entry(string Name, string Path);

    public static IReadOnlyList<Entry> Of(Role role) => role switch
    {
        Role.Pi => [new("Spending", "/pi"), new("Cost explorer", "/costs"), new("Savings", "/pi/savings"),
            new("Invoices", "/invoices"), new("Awards", "/pi/awards"), new("Catalog", "/catalogue"),
            new("Quotes", "/quotes"), new("Orders", "/orders")],
        Role.Finance => [new("Billing periods", "/finance"), new("Cost explorer", "/costs"),
            new("Invoices", "/invoices"),
            new("Institutions", "/finance/parties"), new("Customers", "/finance/customers"),
            new("Awards", "/finance/awards"),
            new("Payouts", "/finance/payouts"), new("Peers", "/finance/peers"), new("Accounts", "/finance/accounts"),
            new("Reports", "/finance/reports"), new("Settings", "/finance/settings"),
            new("Jobs", "/jobs"), new("Mail", "/mail"),
            new("Quotes", "/quotes"), new("Leases", "/leases"), new("Webhooks", "/webhooks"),
            new("Audit", "/operator/audit")],
        Role.Landlord => [new("Revenue", "/landlord"), new("Cost explorer", "/costs"),
            new("Statements", "/landlord/statements"),
            new("Price sheets", "/landlord/sheets"),
            new("Service levels", "/landlord/levels"),
            new("Quotes", "/quotes"), new("Leases", "/leases"), new("Keys", "/landlord/keys"),
            new("Webhooks", "/webhooks")],
        Role.Subsidy => [new("Subsidy", "/subsidy"), new("Cost explorer", "/costs"), new("Quotes", "/quotes")],
        Role.Operator => [new("Data sources", "/operator"), new("Quarantine", "/operator/quarantine"),
            new("Jobs", "/jobs"), new("Mail", "/mail"), new("Keys", "/operator/keys"),
            new("Database", "/operator/database"), new("Audit", "/operator/audit")],
        _ => [],
    };
}
