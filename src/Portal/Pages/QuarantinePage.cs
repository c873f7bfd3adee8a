using Exchange.Metering;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>
/// /operator/quarantine — readings that were set aside, with the reasons; each is released, corrected or as it came, or
/// discarded for good.
/// </summary>
internal static class QuarantinePage
{
    private const int MaxShown = 5_000;
    private const int MaxReadingLength = 100_000;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/operator/quarantine", Get).RequireAuthorization(Permissions.SeeMeters).ExcludeFromDescription();
        app.MapGet("/operator/quarantine/{name}", One).RequireAuthorization(Permissions.SeeMeters)
            .ExcludeFromDescription();
        app.MapPost("/operator/quarantine/{name}", Decide).RequireAuthorization(Permissions.DecideQuarantine)
            .ChecksForm()
            .Edits((http, _) => [Stream(http)]).ExcludeFromDescription();
    }

    private static async Task<IResult> Get(HttpContext http, Meter meter, CancellationToken ct)
    {
        var shown = QueryValue.OneOf(http, "fate", "waiting", "released", "discarded", "all") ?? "waiting";
        var found = await meter.SetAside(
            new(shown == "all" ? "" : shown, MaxShown) { Letters = 0 }, ct);
        var listing = List(found);
        return listing.IsAskedFor(http) ? listing.Csv(http) : Layout.Page(http, "Quarantine", Html.Of($"""
            <nav class="crumbs" aria-label="Status">
            {Html.Join((string[])["waiting", "released", "discarded", "all"], f =>
                Html.Of($"""
                <a href="?fate={f}"{Html.Attribute("aria-current", "page", f == shown)}>{f}</a>
                """))}</nav>
            {Html.If(found.Count == MaxShown, () =>
                Html.Of($"""<p class="lead">The newest {Show.Of((long)MaxShown)}.</p>"""))}
            {new Listing<IGrouping<string, QuarantinedReading>>("reasons", "By reason",
                [.. found.GroupBy(s => s.Misfit.Reason).OrderByDescending(g => g.Count())], [
                new("Reason", g => shown == "waiting"
                    ? Html.Of($"""<a href="{QuarantineBulkPage.Href(g.Key)}">{g.Key}</a>""") : Html.Of($"{g.Key}"),
                    Plain: g => g.Key, Key: g => g.Key),
                Column<IGrouping<string, QuarantinedReading>>.Number("Readings", g => (decimal)g.Count()),
                Column<IGrouping<string, QuarantinedReading>>.Words("Such as", g => g.First().Misfit.Why),
            ], "Nothing is set aside.").Of(http)}
            {Html.If(found.Count > 0, () => listing.Of(http))}
            """));
    }

    private static string Stream(HttpContext http) => $"quarantine-{http.Request.RouteValues["name"]}";

    private static async Task<IResult> One(HttpContext http, Composition exchange, string name, CancellationToken ct) =>
        await Find(exchange.Meter, name, ct) is { } found ? await Draw(http, exchange, found, Form.Empty, ct)
            : new NotThere();

    private static async Task<IResult> Decide(
        HttpContext http, Composition exchange, string name, CancellationToken ct)
    {
        if (await Find(exchange.Meter, name, ct) is not { } found)
        {
            return new NotThere();
        }

        var form = await Form.Read(http, ct);
        return form.Typed("do") == "correct"
            ? await Correct(http, exchange, found, form, ct)
            : await ReleaseOrDiscard(http, exchange, found, form, ct);
    }

    private static async Task<IResult> ReleaseOrDiscard(
        HttpContext http, Composition exchange, QuarantinedReading found, Form form, CancellationToken ct)
    {
        var (name, by, act) = (found.Name, Viewer.Needed(http).Actor, form.Typed("do"));
        var because = act == "discard" ? form.Line("because", "The reason", 500) : "";
        if (act is not ("release" or "discard"))
        {
            form.Wrong("text", "Say whether to release it, to take it as a correction or to discard it.");
        }
        else if (act == "release" && form.Typed("text").Length > MaxReadingLength)
        {
            form.Wrong("text", $"A reading has at most {MaxReadingLength} characters.");
        }

        if (form.IsRight)
        {
            var refusal = act == "release"
                ? await exchange.Commands.Try(
                    new ReleaseReading(exchange.Meter, name, Corrected(form, found), by), http, ct)
                : await exchange.Commands.Try(new DiscardReading(exchange.Meter, name, because, by), http, ct);
            if (refusal is null)
            {
                return Results.Redirect("/operator/quarantine");
            }

            form.Wrong(act == "release" ? "text" : "because", refusal.Message);
        }

        return await Draw(http, exchange, found, form, ct);
    }

    private static async Task<IResult> Correct(
        HttpContext http, Composition exchange, QuarantinedReading found, Form form, CancellationToken ct)
    {
        var reason = form.Line("reason", "The reason", 500);
        if (form.IsRight && await exchange.Commands.Try(
            new CorrectFromQuarantine(exchange.Meter, found.Name, reason, Viewer.Needed(http).Actor), http, ct)
                is { } refusal)
        {
            form.Wrong("reason", refusal.Message);
        }

        return form.IsRight
            ? Results.Redirect("/operator/quarantine")
            : await Draw(http, exchange, found, form, ct);
    }

    /// <summary>Null when nothing in it was changed: then it is taken as it came.</summary>
    private static string? Corrected(Form form, QuarantinedReading found)
    {
        var text = form.Typed("text").ReplaceLineEndings("\n").Trim();
        return text.Length == 0 || text == found.Misfit.Text.ReplaceLineEndings("\n").Trim() ? null : text;
    }

    private static async Task<QuarantinedReading?> Find(Meter meter, string name, CancellationToken ct) =>
        name.Length == 0 ? null
            : await meter.SetAside(new("", 1) { Name = name }, ct) is [var found, ..] ? found
            : null;

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, QuarantinedReading found, Form form, CancellationToken ct)
    {
        var edition = await ETag.Of(exchange, [Stream(http)], ct);
        return Layout.Page(http, $"Quarantine: {found.Name}", Html.Of($"""
            <p class="crumbs"><a href="/operator/quarantine">Quarantine</a>
            {Tag.Of(found.Fate, found.Fate == "waiting" ? "warn" : "good")}</p>
            {form.Summary()}
            <p class="note-box warn">{found.Misfit.Why} <small>({found.Misfit.Reason})</small></p>
            <dl class="facts"><dt>Reporter</dt><dd>{found.Misfit.Source}</dd><dt>Id</dt><dd>{found.Misfit.Id}</dd>
            <dt>Came</dt><dd>{Show.Of(found.At)}</dd>
            {Html.If(found.By is not null, () => Html.Of($"""
            <dt>Decided</dt><dd>{(found.DecidedAt is { } at ? Show.Of(at) : "")} by {found.By}</dd>
            <dt>Reason</dt><dd>{found.Because}</dd>
            """))}</dl>
            {(found.Fate == "waiting" ? Decision(http, found, form, edition)
                : Html.Of($"<pre>{found.Misfit.Text}</pre>"))}
            """), form.Status);
    }

    private static Html Decision(HttpContext http, QuarantinedReading found, Form form, ETag edition)
    {
        var action = $"/operator/quarantine/{Uri.EscapeDataString(found.Name)}";
        return Html.Of($"""
            {Form.Post(http, action, Html.Of($"""
            {Form.Hidden("do", "release")}{edition.Hidden}
            {form.Area("text", "The reading", "Correct it here, or leave it when its cause is repaired.",
                MaxReadingLength, found.Misfit.Text)}
            <p><button class="main">Release</button></p>
            """))}
            {Html.If(found.IsOtherContent, () => Html.Of($"""
            <h2>Correct with this reading</h2>
            <p>A reading of this id was taken before and counts. This one can replace it: the first stays stored and
            is shown with what replaced it. In a closed month the difference becomes an adjustment.</p>
            {Form.Post(http, action, Html.Of($"""
            {Form.Hidden("do", "correct")}{edition.Hidden}
            {form.Input("reason", "Reason", "Why the first is wrong; kept for ever.", longest: 500)}
            <p><button>Correct reading</button></p>
            """))}
            """))}
            <h2>Or discard it</h2>
            {Form.Post(http, action, Html.Of($"""
            {Form.Hidden("do", "discard")}{edition.Hidden}
            {form.Input("because", "Reason", "Why it never counts; kept for ever.", longest: 500)}
            <p><button>Discard</button></p>
            """))}
            """);
    }

    private static Listing<QuarantinedReading> List(IReadOnlyList<QuarantinedReading> found) =>
        new("readings", "Readings set aside", found,
    [
        Column<QuarantinedReading>.Link("Name", s => s.Name, s =>
            $"/operator/quarantine/{Uri.EscapeDataString(s.Name)}"),
        Column<QuarantinedReading>.Words("Reason", s => s.Misfit.Reason),
        Column<QuarantinedReading>.Words("Reporter", s => s.Misfit.Source),
        Column<QuarantinedReading>.Words("Id", s => s.Misfit.Id),
        Column<QuarantinedReading>.Time("Came", s => s.At),
        Column<QuarantinedReading>.State("Status", s => s.Fate, s => s.Fate != "waiting"),
    ], "");
}
