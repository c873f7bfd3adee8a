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
public sealed partial class SourcesPage
{
    internal const string Path = "/operator/sources";
    private const int MaxOffered = 500;

    /// <summary>The sources that were heard, and what is reported by two of them.</summary>
    /// <param name="Names">Those of which may be said how often they are expected.</param>
    public sealed record Heard(IListing Sources, IListing Twice, IReadOnlyList<string> Names)
    {
        public required Instant At { get; init; }

        public required long Count { get; init; }

        public required long Silent { get; init; }

        /// <summary>The source that the address names; empty where it names none.</summary>
        public required string Chosen { get; init; }

        public required string Edition { get; init; }
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.SeeMeters).ExcludeFromDescription();
        app.MapPost(Path, Expect).RequireAuthorization(Permissions.KeepSources).ChecksForm()
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
            ? Results.Redirect(Path)
            : await Draw(http, exchange, clock.GetCurrentInstant(), form, name, ct);
    }

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, Instant now, Form form, string? chosen, CancellationToken ct)
    {
        var sources = await WatchSources.All(exchange, ct);
        var keys = (await exchange.Keys.List(ct)).ToDictionary(key => $"key:{key.Id}", key => key.Name);
        var listing = List(sources, keys, now);
        if (listing.Answer(http) is { } file)
        {
            return file;
        }

        var month = BillingMonth.Of(now);
        var twice = Twice(await exchange.Meter.ReportedTwice(new(month.Previous.Start, month.End), ct));
        var edition = await ETag.Of(exchange, [SourceBook.Fold.StreamOf(SourceBook.Id)], ct);
        return twice.Answer(http) ?? Page.Of<SourcesPage, Heard>(http, "Sources", new(
            listing, twice,
            [.. sources.OrderByDescending(one => one.Name == chosen).Take(MaxOffered).Select(one => one.Name)])
        {
            At = now,
            Count = sources.Count,
            Silent = sources.Count(one => one.IsSilent(now)),
            Chosen = chosen ?? "",
            Edition = edition.Version,
        }, form);
    }

    private static Listing<HeardSource> List(
        IReadOnlyList<HeardSource> sources, Dictionary<string, string> keys, Instant now) => new(
        "sources", "Sources of usage", [.. sources.OrderByDescending(one => one.IsSilent(now))],
        [
            Column<HeardSource>.Link("Source", SourceOf, one => $"{Path}?name={Uri.EscapeDataString(one.Name)}"),
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
