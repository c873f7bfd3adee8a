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
public sealed partial class CorrectionsPage
{
    /// <summary>What can be corrected, what would be, and what was.</summary>
    public sealed record Corrections(IReadOnlyList<(string Value, string Text)> Collectors)
    {
        public Preview? Preview { get; init; }

        public WindowCorrected? Done { get; init; }
    }

    /// <summary>What would be done, and what was typed to do it.</summary>
    public sealed record Preview(int Retracted, int Replaced, string Source, string Reason)
    {
        public required ITable First { get; init; }

        public required IReadOnlyList<(string Name, string Value)> Typed { get; init; }
    }

    public const string Path = "/operator/corrections";
    internal const string AgainPath = $"{Path}/window";
    private const int MaxShown = 20;

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

    private static IResult Get(HttpContext http, CollectorChoice choice) => Draw(http, choice, Form.Empty);

    private static async Task<IResult> Correct(
        HttpContext http, Composition exchange, CollectorChoice choice, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        if (Read(form) is not { } wanted)
        {
            return Draw(http, choice, form);
        }

        if (form.Typed("do") != "commit")
        {
            return Draw(http, choice, form, PreviewOf(form, wanted));
        }

        var command = new CorrectReadings(
            exchange.Meter, wanted.Landlord, wanted.Source, wanted.What, wanted.Reason);
        if (await exchange.Commands.Try(command, http, ct) is { } refusal)
        {
            form.Wrong("events", refusal.Message);
            return Draw(http, choice, form);
        }

        var replaced = wanted.What.Count(one => one.Right is not null);
        return Draw(
            http, choice, Form.Empty, done: new(0, replaced, wanted.What.Count - replaced, 0));
    }

    private static async Task<IResult> Again(
        HttpContext http, Composition exchange, CollectorChoice choice, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        if (ReadWindow(form, choice) is not var (collector, window, reason))
        {
            return Draw(http, choice, form);
        }

        try
        {
            var runner = new RunCollectors(exchange.Database, exchange.Meter, exchange.Clock);
            var done = await exchange.Commands.Execute(
                new CollectWindowAgain(runner, collector, window, reason), Actors.Of(http), ct);
            return Draw(http, choice, Form.Empty, done: done);
        }
        catch (RefusedException e)
        {
            form.Wrong("collector", e.Refusal.Message);
            return Draw(http, choice, form);
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

    private static Preview PreviewOf(Form form, Wanted wanted)
    {
        var retracted = wanted.What.Count(one => one.Right is null);
        return new(retracted, wanted.What.Count - retracted, wanted.Source, wanted.Reason)
        {
            First = new TableOf<(string Id, Reading? Right)>(
                "The first of them", wanted.What.Take(MaxShown).ToList(),
                [
                    Column<(string Id, Reading? Right)>.Words("Id", one => one.Id),
                    Column<(string Id, Reading? Right)>.Words("Correction", one => one.Right is { } right
                        ? $"{right.Resource.Subject} of {right.Project}, {right.From} to {right.To}" : "retracted"),
                ], ""),
            Typed = [.. ((string[])["landlord", "source", "ids", "events", "reason"]).Select(
                name => (name, form.Typed(name)))],
        };
    }

    private static IResult Draw(
        HttpContext http, CollectorChoice choice, Form form, Preview? preview = null, WindowCorrected? done = null) =>
        Page.Of<CorrectionsPage, Corrections>(http, "Correct usage", new(
            [.. Offered(choice).Select(one =>
                (one.Identity.Name, $"{one.Identity.Name} of {one.Identity.Landlord}"))])
        {
            Preview = preview,
            Done = done,
        }, form);
}
