using Exchange.Metering;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>
/// /operator/quarantine-by-reason — all readings that wait for one reason, decided at once: released as they came,
/// released with a word put right in each, or discarded. First what it would do, then doing it.
/// </summary>
internal static class QuarantineBulkPage
{
    private const string Path = "/operator/quarantine-by-reason";
    private const int MaxReadings = 1_000;
    private const long MaxLetters = 8 << 20;
    private const int Shown = 20;

    /// <summary>What is to be done with each of them.</summary>
    /// <param name="Find">Of a release: the text to put right; empty to take them as they came.</param>
    private sealed record Wanted(string Reason, string Act, string Find, string Put, string Because)
    {
        public string? Corrected(QuarantinedReading one) => Find.Length == 0 || !one.Misfit.Text.Contains(
            Find, StringComparison.Ordinal) ? null : one.Misfit.Text.Replace(Find, Put, StringComparison.Ordinal);
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.SeeMeters).ExcludeFromDescription();
        // Each reading is decided by itself, and one that was decided meanwhile is told and left.
        app.MapPost(Path, Post).RequireAuthorization(Permissions.DecideQuarantine).ChecksForm().Makes()
            .TakesUpTo(BodySizes.Pasted)
            .ExcludeFromDescription();
    }

    public static string Href(string reason) => $"{Path}?reason={Uri.EscapeDataString(reason)}";

    private static async Task<IResult> Get(HttpContext http, Meter meter, string? reason, CancellationToken ct) =>
        Draw(http, reason ?? "", await Waiting(meter, reason ?? "", ct), Form.Empty, Html.None);

    private static async Task<IResult> Post(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var act = form.Typed("act");
        var wanted = new Wanted(
            form.Typed("reason"), act, form.Typed("find"), form.Typed("put"),
            act == "discard" ? form.Line("because", "The reason", 500) : "");
        if (act is not ("release" or "discard"))
        {
            form.Wrong("act", "Say whether to release or to discard them.");
        }

        if (wanted.Find.Length > 200 || wanted.Put.Length > 200)
        {
            form.Wrong("find", "What is put right has at most 200 characters.");
        }

        var waiting = await Waiting(exchange.Meter, wanted.Reason, ct);
        if (act == "release" && wanted.Find.Length > 0 && waiting.All(one => wanted.Corrected(one) is null))
        {
            form.Wrong("find", $"None of them holds '{wanted.Find}'.");
        }

        if (!form.IsRight || form.Typed("do") != "commit")
        {
            return Draw(http, wanted.Reason, waiting, form,
                Html.If(form.IsRight, () => Preview(http, wanted, waiting)));
        }

        var outcome = await exchange.Commands.Execute(
            new DecideByReason(
                exchange.Meter, wanted.Reason, waiting, act == "discard" ? wanted.Because : null, wanted.Corrected,
                Viewer.Needed(http).Actor), Actors.Of(http), ct);
        return Draw(http, wanted.Reason, await Waiting(exchange.Meter, wanted.Reason, ct), Form.Empty, Html.Of($"""
            <div class="note-box {(outcome.Left.Count == 0 ? "good" : "warn")}" role="status"><p>{Show.Of(
                (long)outcome.Done)} {(act == "release" ? "released" : "discarded")}, {Show.Of(
                (long)outcome.Left.Count)} wait on.</p>
            <ul>{Html.Join(outcome.Left.Take(Shown), left => Html.Of($"<li>{left.Name}: {left.Why}</li>"))}</ul></div>
            """));
    }

    private static async Task<IReadOnlyList<QuarantinedReading>> Waiting(Meter meter, string reason,
        CancellationToken ct) =>
        reason.Length == 0 ? []
            : await meter.SetAside(new("waiting", MaxReadings) { Reason = reason, AllLetters = MaxLetters }, ct);

    private static IResult Draw(
        HttpContext http, string reason, IReadOnlyList<QuarantinedReading> waiting, Form form, Html above) =>
        Layout.Page(http, "Quarantine, all of one reason", Html.Of($"""
            <p class="crumbs"><a href="/operator/quarantine">Quarantine</a></p>
            {form.Summary()}
            {above}
            {(waiting.Count == 0 ? Html.Of($"""<p class="empty">Nothing waits for the reason “{reason}”.</p>""")
                : Html.Of($"""
                <p class="lead">{Show.Of(
                    (long)waiting.Count)} readings wait for <code>{reason}</code>. The newest of them:
                {waiting[0].Misfit.Why}</p>
                <pre tabindex="0">{waiting[0].Misfit.Text}</pre>
                {Form.Post(http, Path, Html.Of($"""
                {Form.Hidden("reason", reason)}
                {form.Choice("act", "What", [("release", "release them"), ("discard", "discard them")], "release")}
                {form.Input("find", "In each, put right this text",
                    "Of a release; empty to take them as they came, once their cause is repaired.")}
                {form.Input("put", "so that it reads", "For example the name that is known here.")}
                {form.Input("because", "Discard because", "Why they never count; kept for ever.", longest: 500)}
                <p><button class="main" name="do" value="look">See what it would do</button></p>
                """))}
                """))}
            """), form.Status);

    private static Html Preview(HttpContext http, Wanted wanted, IReadOnlyList<QuarantinedReading> waiting)
    {
        var changed = waiting.Count(one => wanted.Corrected(one) is not null);
        return Html.Of($"""
            <div class="note-box warn"><p>{(wanted.Act == "release"
                ? $"{waiting.Count} readings would be released, {changed} of them with the text put right."
                : $"{waiting.Count} readings would be discarded for good, because: {wanted.Because}")}</p></div>
            {Table.Of("The newest of them", waiting.Take(Shown).ToList(), [
                Column<QuarantinedReading>.Words("Name", one => one.Name),
                Column<QuarantinedReading>.Words("Reporter", one => one.Misfit.Source),
                new("As it would be", one => Html.Of($"<code>{wanted.Corrected(one) ?? one.Misfit.Text}</code>")),
            ], "")}
            {Form.Post(http, Path, Html.Of($"""
            {Form.Hidden("reason", wanted.Reason)}{Form.Hidden("act", wanted.Act)}{Form.Hidden("find", wanted.Find)}
            {Form.Hidden("put", wanted.Put)}{Form.Hidden("because", wanted.Because)}
            <p><button class="main" name="do" value="commit">Apply to all {waiting.Count}</button></p>
            """))}
            <h2>Choose another change</h2>
            """);
    }
}
