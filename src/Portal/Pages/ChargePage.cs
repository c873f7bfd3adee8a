using Exchange.Metering;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;

namespace Exchange.Portal.Pages;

/// <summary>
/// GET /charge — why a line is what it is: quantity times price, the sheet version that says so, and the segments of
/// usage behind it, each leading to its readings.
/// </summary>
internal static class ChargePage
{
    private const int Shown = 500;

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/charge", Get)
        .RequireAuthorization(Permissions.SeeCharge).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, BillingMonth month, string id, CancellationToken ct)
    {
        if (await Charges.Find(view, new(month, Id: id, Limit: 1), ct) is not [var charge])
        {
            return new NotThere();
        }

        if (await Confidential.For(http, exchange, ct) is { } names)
        {
            charge = names.Of(charge);
        }

        var query = new UsageQuery(charge.Period, charge.Landlord, charge.Cluster, charge.Project);
        var segments = new List<Segment>();
        await foreach (var segment in exchange.Meter.Segments(query, ct))
        {
            segments.Add(segment);
            if (segments.Count > Shown)
            {
                break;
            }
        }

        return Layout.Page(http, $"{charge.Sku} of {charge.ProjectName}", Html.Of($"""
            {Back(http, charge)}
            {Sum(charge)}
            {Facts(charge)}
            <h2>Usage behind it</h2>
            {Html.If(segments.Count > Shown, () => Html.Of($"""
            <p class="lead">The first {Shown} segments; the whole list is what
            <code>exchange explain</code> prints.</p>
            """))}
            {new Listing<Segment>("segments", "What the project used in this cluster in this time",
                segments.Take(Shown).ToList(), [
                Column<Segment>.Link("Resource", s => s.Resource.Subject, s => Readings(charge, s)),
                Column<Segment>.Words("Kind", s => s.Resource.Kind),
                Column<Segment>.Time("From", s => s.Period.Start),
                Column<Segment>.Time("To", s => s.Period.End),
                Column<Segment>.Words("State", s => s.State.ToString().ToLowerInvariant()),
                Column<Segment>.Number("Hours", s => Hours(s.Period)),
                Column<Segment>.Words("Shape", s => ShapeWords.Of(s.Shape)),
            ], "No segments: the line was brought in as it is, already rated elsewhere.").Of(http)}
            """));
    }

    /// <summary>Where the reader came from, by what they are.</summary>
    private static Html Back(HttpContext http, ShownCharge charge) => Viewer.Needed(http).Role switch
    {
        Role.Pi => Html.Of($"""
            <p class="crumbs"><a href="/pi?month={charge.Month}">Spending in {Show.Of(charge.Month)}</a>
            <a href="/pi/project?month={charge.Month}&amp;cluster={Uri.EscapeDataString(
                charge.Cluster.Value)}&amp;project={Uri.EscapeDataString(
                    charge.Project.Value)}">{charge.ProjectName}</a></p>
            """),
        Role.Landlord => Html.Of($"""
            <p class="crumbs"><a href="/landlord?month={charge.Month}">Revenue in {Show.Of(charge.Month)}</a></p>
            """),
        _ => Html.Of($"""<p class="crumbs"><a href="/invoices">Invoices</a></p>"""),
    };

    private static Html Sum(ShownCharge charge) => Html.Of($"""
        <p class="sum"><span><b>{Show.Of(charge.Quantity.Amount)}</b> {charge.Quantity.Unit.Name}</span>
        <span class="op">×</span> <span><b>${Exchange.Text.Of(charge.Rate.Amount)}</b> each</span>
        <span class="op">=</span> <span><b class="figure">{Show.Of(charge.Amount)}</b> rounded once</span></p>
        """);

    private static Html Facts(ShownCharge charge) => Html.Of($"""
        <dl class="facts">
        <dt>Project</dt><dd>{charge.ProjectName} <small>({charge.Project} in {charge.Cluster})</small></dd>
        {Html.If(charge.Customer is not null, () => Html.Of($"""
        <dt>Customer</dt><dd>{charge.Customer!}</dd>
        """))}<dt>Provider</dt><dd>{charge.Landlord}, {charge.Service}</dd>
        <dt>Month</dt><dd>{Show.Of(charge.Month)}</dd>
        <dt>Price sheet</dt><dd><a href="/sheet?id={Uri.EscapeDataString(charge.Sheet)}">{charge.Sheet}</a></dd>
        {Html.If(Charge.AgreementOf(charge.Id) is not null, () => Html.Of($"""
        <dt>Agreement</dt><dd><a href="{SavedQuotesPage.Href(Charge.AgreementOf(charge.Id)!)}">{
            Charge.AgreementOf(charge.Id)!}</a></dd>
        """))}<dt>In force</dt><dd>{Show.Of(charge.Period.Start)} to {Show.Of(charge.Period.End)}</dd>
        {Html.If(charge.Avoided is not null, () => Html.Of($"""
        <dt>Elsewhere</dt><dd>{Show.Of(charge.Avoided!.Value)} at public list prices; nothing here</dd>
        """))}<dt>Line</dt><dd><code>{charge.Id}</code></dd></dl>
        """);

    private static string Readings(ShownCharge charge, Segment segment) =>
        $"/charge/readings?month={charge.Month}&id={Uri.EscapeDataString(charge.Id)}" +
        $"&resource={Uri.EscapeDataString(segment.Resource.ToString())}";

    private static decimal Hours(Period period) => period.Length.ToInt64Nanoseconds() / 3_600_000_000_000m;
}
