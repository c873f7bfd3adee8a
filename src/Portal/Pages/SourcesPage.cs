using Exchange.Journal;
using Exchange.Metering;
using Exchange.Portal.Collecting;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// /operator/sources — when each source of usage was last heard, which are silent, and how often one is expected.
/// </summary>
internal static class SourcesPage
{
    private const int MaxOffered = 500;

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/operator/sources", Get).RequireAuthorization(Permissions.SeeMeters).ExcludeFromDescription();
        app.MapPost("/operator/sources", Expect).RequireAuthorization(Permissions.KeepSources).ChecksForm()
            .Edits((_, _) => [SourceBook.Fold.StreamOf(SourceBook.Id)]).ExcludeFromDescription();
    }

    private static Task<IResult> Get(
        HttpContext http, Composition exchange, IClock clock, string? name, CancellationToken ct) =>
        Draw(http, exchange, clock.GetCurrentInstant(), Form.Empty, name, ct);

    private static async Task<IResult> Expect(
        HttpContext http, Composition exchange, IClock clock, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var (name, typed) = (form.Typed("source"), form.Typed("every").Trim());
        if (SourceEvery.TryRead(typed, out var interval))
        {
            if (await exchange.Commands.Try(
                new ExpectSource(exchange.Meter, name, interval, Viewer.Needed(http).Actor), http, ct) is { } refusal)
            {
                form.Wrong(refusal.Code == "sources/unknown" ? "source" : "every", refusal.Message);
            }
        }
        else
        {
            form.Wrong("every", $"'{typed}' is no interval. Write '1h', '30m' or '2d'; 'learned', or 'never'.");
        }

        return form.IsRight
            ? Results.Redirect("/operator/sources")
            : await Draw(http, exchange, clock.GetCurrentInstant(), form, name, ct);
    }

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, Instant now, Form form, string? chosen, CancellationToken ct)
    {
        var sources = await WatchSources.All(exchange, ct);
        var keys = (await exchange.Keys.List(ct)).ToDictionary(key => $"key:{key.Id}", key => key.Name);
        var listing = List(sources, keys, now);
        if (listing.IsAskedFor(http))
        {
            return listing.Csv(http);
        }

        var month = BillingMonth.Of(now);
        var twice = await exchange.Meter.ReportedTwice(new(month.Previous.Start, month.End), ct);
        var edition = await ETag.Of(exchange, [SourceBook.Fold.StreamOf(SourceBook.Id)], ct);
        return Layout.Page(http, "Sources", Html.Of($"""
            <p class="crumbs"><a href="/operator">Data sources</a></p>
            {form.Summary()}
            <p class="lead">{Show.Of((long)sources.Count(one => one.IsSilent(now)))} of
            {Show.Of((long)sources.Count)} sources are silent as of {Show.Of(now)}. How often a source is expected is
            learned from when it was heard, unless it is set here.</p>
            {listing.Of(http)}
            {Twice(twice).Of(http)}
            {Html.If(sources.Count > 0, () => Html.Of($"""
            <h2>Expected interval</h2>
            {Form.Post(http, "/operator/sources", Html.Of($"""
            {edition.Hidden}
            {form.Choice("source", "Source", sources.OrderByDescending(one => one.Name == chosen)
                .Take(MaxOffered).Select(one => (one.Name, one.Name)), chosen ?? "")}
            {form.Input("every", "Expected every", "Like 1h, 30m or 2d; 'learned' to learn it, 'never' for a source " +
                "that ended.", longest: 20)}
            <p><button class="main">Set interval</button></p>
            """))}
            """))}
            """), form.Status);
    }

    private static Listing<HeardSource> List(
        IReadOnlyList<HeardSource> sources, Dictionary<string, string> keys, Instant now) => new(
        "sources", "Sources of usage", [.. sources.OrderByDescending(one => one.IsSilent(now))],
        [
            new("Source", one => Html.Of($"""
                <a href="/operator/sources?name={Uri.EscapeDataString(one.Name)}">{SourceOf(one)}</a>
                """), Plain: SourceOf, Key: SourceOf),
            Column<HeardSource>.Words("Landlord", one => one.Landlord.Value),
            Column<HeardSource>.Words("Reported by", one =>
                keys.TryGetValue(one.Reporter, out var key) ? $"{one.Reporter} ({key})" : one.Reporter),
            Column<HeardSource>.Time("Last heard", one => one.At),
            Column<HeardSource>.Words("Ago", one => Operating.Ago(now - one.At)),
            Column<HeardSource>.Words("Expected every", SourceEvery.Shown),
            Column<HeardSource>.State("State", one => one.IsSilent(now) ? "silent" : "heard",
                one => !one.IsSilent(now)),
        ], "No source was heard yet. Senders use an API key, collectors are named in collectors.yaml.");

    private static Listing<ReportedTwice> Twice(IReadOnlyList<ReportedTwice> twice) => new(
        "twice", "Reported by two landlords at the same time, this month or the last", twice,
        [
            Column<ReportedTwice>.Words("Resource", one => $"{one.First}"),
            Column<ReportedTwice>.Words("Also", one => $"{one.Second}"),
            Column<ReportedTwice>.Time("From", one => one.Period.Start),
            Column<ReportedTwice>.Time("To", one => one.Period.End),
        ], "No resource is reported by two landlords at the same time.");

    private static string SourceOf(HeardSource one) => one.Source.Length == 0 ? "(others)" : one.Source;
}
