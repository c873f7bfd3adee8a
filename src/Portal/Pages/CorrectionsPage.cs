using Exchange.Metering;
using Exchange.Metering.Collectors.Live;
using Exchange.Portal.Collecting;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// /operator/corrections — retracts or replaces readings of a source, many at once, or asks a collector's source again
/// for a window. First what it would do, then doing it.
/// </summary>
internal static class CorrectionsPage
{
    public const string Path = "/operator/corrections";
    private const string AgainPath = $"{Path}/window";
    private const int Shown = 20;

    /// <summary>What is to be corrected, as it was typed and understood.</summary>
    private sealed record Wanted(
        LandlordId Landlord, string Source, string Reason, IReadOnlyList<(string Id, Reading? Right)> What);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.SeeMeters).ExcludeFromDescription();
        // Corrections are readings: nothing that was seen is overwritten, and the latest holds.
        app.MapPost(Path, Correct).RequireAuthorization(Permissions.CorrectUsage).ChecksForm().Makes()
            .TakesUpTo(BodySizes.Pasted).ExcludeFromDescription();
        app.MapPost(AgainPath, Again).RequireAuthorization(Permissions.CorrectUsage).ChecksForm().Makes()
            .ExcludeFromDescription();
    }

    private static IResult Get(HttpContext http, CollectorChoice choice) => Draw(http, choice, Form.Empty, Html.None);

    private static async Task<IResult> Correct(
        HttpContext http, Composition exchange, CollectorChoice choice, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        if (Read(form) is not { } wanted)
        {
            return Draw(http, choice, form, Html.None);
        }

        if (form.Typed("do") != "commit")
        {
            return Draw(http, choice, form, Preview(http, form, wanted));
        }

        var command = new CorrectReadings(
            exchange.Meter, wanted.Landlord, wanted.Source, wanted.What, wanted.Reason);
        if (await exchange.Commands.Try(command, http, ct) is { } refusal)
        {
            form.Wrong("events", refusal.Message);
            return Draw(http, choice, form, Html.None);
        }

        var replaced = wanted.What.Count(one => one.Right is not null);
        return Draw(http, choice, Form.Empty, Done(new(0, replaced, wanted.What.Count - replaced, 0)));
    }

    private static async Task<IResult> Again(
        HttpContext http, Composition exchange, CollectorChoice choice, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        if (ReadWindow(form, choice) is not var (collector, window, reason))
        {
            return Draw(http, choice, form, Html.None);
        }

        try
        {
            var runner = new RunCollectors(exchange.Database, exchange.Meter, exchange.Clock);
            var done = await exchange.Commands.Execute(
                new CollectWindowAgain(runner, collector, window, reason), Actors.Of(http), ct);
            return Draw(http, choice, Form.Empty, Done(done));
        }
        catch (RefusedException e)
        {
            form.Wrong("collector", e.Refusal.Message);
            return Draw(http, choice, form, Html.None);
        }
    }

    /// <summary>Null where something is wrong; then the form says what.</summary>
    private static Wanted? Read(Form form)
    {
        var landlord = form.Value<LandlordId>("landlord", "The landlord");
        var (source, reason) = (form.Line("source", "The source"), form.Line("reason", "The reason", 500));
        var what = form.Typed("ids").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(id => (Id: id, Right: (Reading?)null)).ToList();
        if (what.Find(one => !Name.IsOne(one.Id)) is { Id: { } odd })
        {
            form.Wrong("ids", $"'{(odd.Length > 40 ? odd[..40] : odd)}' is no id.");
        }

        try
        {
            what.AddRange(CorrectedEvents.Read(form.Typed("events"), "line")
                .Select(right => (right.Id, (Reading?)right)));
        }
        catch (RefusedException e)
        {
            form.Wrong("events", e.Refusal.Message);
        }

        if (what.Count is 0 or > CorrectReadings.MaxReadings)
        {
            form.Wrong("ids", $"Name from 1 to {CorrectReadings.MaxReadings} readings; these are {what.Count}.");
        }
        else if (what.GroupBy(one => one.Id).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            form.Wrong("ids", $"'{twice.Key}' is named twice. Retract it, or say what is right of it.");
        }

        return form.IsRight ? new(landlord!.Value, source, reason, what) : null;
    }

    private static (ICollector Collector, Period Window, string Reason)? ReadWindow(Form form, CollectorChoice choice)
    {
        var reason = form.Line("because", "The reason", 500);
        var (from, to) = (At(form, "from"), At(form, "to"));
        var collector = Offered(choice).FirstOrDefault(one => one.Identity.Name == form.Typed("collector"));
        if (collector is null)
        {
            form.Wrong("collector", "Choose a collector whose source can be asked again.");
        }

        if (from is { } start && to is { } end && start >= end)
        {
            form.Wrong("to", "The window ends after it begins.");
        }

        return form.IsRight ? (collector!, new(from!.Value, to!.Value), reason) : null;
    }

    private static Instant? At(Form form, string name)
    {
        var text = form.Line(name, "The time");
        try
        {
            return Exchange.Text.Instant(text.Length == "2026-10-01".Length ? $"{text}T00:00:00Z" : text);
        }
        catch (FormatException)
        {
            form.Wrong(name, "Write a day like 2026-10-01, or an instant like 2026-10-01T06:00:00Z.");
            return null;
        }
    }

    private static IEnumerable<ICollector> Offered(CollectorChoice choice) =>
        choice.Collectors.Where(one => one is ICollectsAgain);

    private static Html Done(WindowCorrected done) => Html.Of($"""
        <div class="note-box good" role="status"><p>{Show.Of((long)done.Retracted)} retracted, {Show.Of(
            (long)done.Replaced)} replaced, {Show.Of((long)done.Added)} added, {Show.Of(
            (long)done.Unchanged)} unchanged. What belongs to a closed month becomes adjustments with the next close.
        </p></div>
        """);

    private static Html Preview(HttpContext http, Form form, Wanted wanted) => Html.Of($"""
        <div class="note-box warn"><p>{Show.Of((long)wanted.What.Count(one => one.Right is null))} readings of
        '{wanted.Source}' would be retracted, {Show.Of((long)wanted.What.Count(one => one.Right is not null))} replaced,
        because: {wanted.Reason}. An id that was never reported waits for its reading.</p></div>
        {Table.Of("The first of them", wanted.What.Take(Shown).ToList(), [
            Column<(string Id, Reading? Right)>.Words("Id", one => one.Id),
            Column<(string Id, Reading? Right)>.Words("Correction", one => one.Right is { } right
                ? $"{right.Resource.Subject} of {right.Project}, {right.From} to {right.To}" : "retracted"),
        ], "")}
        {Form.Post(http, Path, Html.Of($"""
        {Html.Join((string[])["landlord", "source", "ids", "events", "reason"], name =>
            Form.Hidden(name, form.Typed(name)))}
        <p><button class="main" name="do" value="commit">Apply corrections</button></p>
        """))}
        <h2>Choose other corrections</h2>
        """);

    private static IResult Draw(HttpContext http, CollectorChoice choice, Form form, Html above) =>
        Layout.Page(http, "Correct usage", Html.Of($"""
            <p class="crumbs"><a href="/operator">Data sources</a></p>
            {form.Summary()}
            {above}
            <p class="lead">A corrected reading stays stored, and is shown with what replaced it and why.</p>
            <h2>Readings of a source</h2>
            {Form.Post(http, Path, Html.Of($"""
            {form.Input("landlord", "Landlord", "Ids are the landlord's own.")}
            {form.Input("source", "Source", "As the reporter names it, such as urn:nerc:stack.")}
            {form.Area("ids", "Ids to retract", "One a line; empty where all are replaced.", rows: 5)}
            {form.Area("events", "Replacements", "CloudEvents, one a line: each replaces the reading of its own id.",
                rows: 8)}
            {form.Input("reason", "Reason", "Kept for ever, beside each reading.", longest: 500)}
            <p><button class="main" name="do" value="look">Preview corrections</button></p>
            """))}
            <h2>A window of a collector</h2>
            {(Offered(choice).Any() ? Html.Of($"""
            <p>Its source is asked again. What it tells otherwise is replaced, what it tells no more is retracted.</p>
            {Form.Post(http, AgainPath, Html.Of($"""
            {form.Choice("collector", "Collector", Offered(choice).Select(one =>
                (one.Identity.Name, $"{one.Identity.Name} of {one.Identity.Landlord}")), "")}
            {form.Input("from", "From", "A day like 2026-10-01, or an instant like 2026-10-01T06:00:00Z.")}
            {form.Input("to", "To", "Where the window ends, exclusive.")}
            {form.Input("because", "Reason", "Kept for ever, beside each reading.", longest: 500)}
            <p><button class="main">Collect again</button></p>
            """))}
            """) : Html.Of($"""
            <p class="empty">No collector of this server can be asked again. Name collectors in collectors.yaml.</p>
            """))}
            """), form.Status);
}
