using Exchange.Invoicing.Explaining;
using Exchange.Invoicing.Kept;
using Exchange.Metering;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// GET /charge — why a line is what it is: quantity times price, the sheet version that says so, and what each
/// resource adds to it, each leading to its readings.
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

        var usage = await UsageOf(exchange, charge, ct);
        if (await Confidential.For(http, exchange, ct) is { } names)
        {
            charge = names.Of(charge);
        }

        return Layout.Page(http, $"{charge.Sku} of {charge.ProjectName}", Html.Of($"""
            {Back(http, charge)}
            {Sum(charge)}
            {Facts(charge)}
            <h2>Usage behind it</h2>
            {Html.If(usage.Parts.Count > Shown, () => Html.Of($"""
            <p class="lead">The first {Shown} parts; the whole list is what
            <code>exchange explain</code> prints.</p>
            """))}
            {Of(charge, usage).Of(http)}
            {Html.If(usage.Parts.Count > 0, () => Added(charge, usage))}
            """));
    }

    /// <summary>What the charge rests on: as it was billed, or as the open month rates.</summary>
    internal static Task<UsageOfCharge> UsageOf(Composition exchange, ShownCharge charge, CancellationToken ct)
    {
        var month = BillingMonth.Parse(charge.Id.Split(':')[0]);
        return UsageOfCharge.Of(
            exchange.Sources, charge.Month, charge.Id, new(charge.Pi),
            new(month)
            {
                AsOf = Instant.Min(month.End, exchange.Clock.GetCurrentInstant()),
                Landlord = charge.Landlord,
                Cluster = charge.Cluster,
                Project = charge.Project,
            }, ct);
    }

    private static Listing<KeptPart> Of(ShownCharge charge, UsageOfCharge usage) => new(
        "parts", "What each resource adds to this line", usage.Parts.Take(Shown).ToList(),
        [
            Column<KeptPart>.Link("Resource", p => p.Resource.Subject, p => Readings(charge, p)),
            Column<KeptPart>.Words("Kind", p => p.Resource.Kind),
            Column<KeptPart>.Time("From", p => p.Period.Start),
            Column<KeptPart>.Time("To", p => p.Period.End),
            Column<KeptPart>.Words("State", p => p.State),
            Column<KeptPart>.Number("Units", p => p.Units),
            Column<KeptPart>.Number("Hours", p => p.Hours is { } hours ? Show.Of(hours) : "", p => p.Hours),
            Column<KeptPart>.Number("Adds", UsageOfCharge.Adds),
            Column<KeptPart>.Words("Why", p => p.Arithmetic),
            Column<KeptPart>.Words("Shape", p => ShapeWords.Of(Shape.Parse(p.Shape))),
        ], "No usage: it is owed whether or not anything is used, or came already rated.")
    {
        Foot = Table.Foot("Total", 7, Html.Of($"{Show.Of(usage.Sum)}"), Html.None, Html.None),
    };

    private static string Sum(ShownCharge charge, UsageOfCharge usage) =>
        $"Total {Show.Of(usage.Sum)}; the line has {Show.Of(charge.Quantity.Amount)} {charge.Quantity.Unit.Name}" +
        (usage.Sum == charge.Quantity.Amount ? "" : ", as the price sheet rounds, steps and shares it");

    private static Html Added(ShownCharge charge, UsageOfCharge usage) => Html.Of($"""
        <p>{Sum(charge, usage)}.
        {Html.If(usage.Billable.Length > 0, () => Html.Of($"""
         Only what is {string.Join(" or ", usage.Billable.Select(state => $"{state}".ToLowerInvariant()))} is billed;
        time in every other state is free and is not listed.
        """))}</p>
        """);

    /// <summary>Where the reader came from, by what they are.</summary>
    private static Html Agreement(string id) => Charge.AgreementOf(id) is { } agreement
        ? Html.Of($"""<dt>Agreement</dt><dd><a href="{SavedQuotesPage.Href(agreement)}">{agreement}</a></dd>""")
        : Html.None;

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
        {Agreement(charge.Id)}<dt>In force</dt><dd>{Show.Of(charge.Period.Start)} to {Show.Of(charge.Period.End)}</dd>
        {Html.If(charge.Avoided is not null, () => Html.Of($"""
        <dt>Elsewhere</dt><dd>{Show.Of(charge.Avoided!.Value)} at public list prices; nothing here</dd>
        """))}<dt>Line</dt><dd><code>{charge.Id}</code></dd></dl>
        """);

    private static string Readings(ShownCharge charge, KeptPart part) =>
        $"/charge/readings?month={charge.Month}&id={Uri.EscapeDataString(charge.Id)}" +
        $"&resource={Uri.EscapeDataString(part.Resource.ToString())}";
}
