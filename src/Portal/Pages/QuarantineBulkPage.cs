using System.Security.Cryptography;
using System.Text;
using Exchange.Metering;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;

namespace Exchange.Portal.Pages;

/// <summary>
/// /operator/quarantine-by-reason — all readings that wait for one reason, decided at once: released as they came,
/// released with a word put right in each, or discarded. First what it would do, then doing it.
/// </summary>
public sealed partial class QuarantineBulkPage
{
    private const string Path = "/operator/quarantine-by-reason";
    private const int MaxReadings = 1_000;
    private const long MaxLetters = 8 << 20;
    private const int MaxShown = 20;

    /// <summary>What waits for a reason, what would be done with it, and what was done.</summary>
    public sealed record Readings(string Reason, IReadOnlyList<QuarantinedReading> Waiting)
    {
        /// <summary>Null until somebody asks what a decision would do.</summary>
        public Preview? Preview { get; init; }

        /// <summary>Null until readings were decided.</summary>
        public Decided? Decided { get; init; }
    }

    /// <summary>What a decision would do with the readings that wait.</summary>
    /// <param name="Seen">Which readings it would be done with: it is done with no others.</param>
    public sealed record Preview(Wanted Wanted, string Sentence, string Seen, ITable Newest);

    /// <summary>How many were decided, and why others were not.</summary>
    /// <param name="Word">released or discarded.</param>
    public sealed record Decided(int Done, string Word, IReadOnlyList<(string Name, string Why)> Left);

    /// <summary>What is to be done with each of them.</summary>
    /// <param name="Find">Of a release: the text to put right; empty to take them as they came.</param>
    public sealed record Wanted(string Reason, string Act, string Find, string Put, string Because)
    {
        public string? Corrected(QuarantinedReading one) => Find.Length == 0 || !one.Misfit.Text.Contains(
            Find, StringComparison.Ordinal) ? null : one.Misfit.Text.Replace(Find, Put, StringComparison.Ordinal);

        internal DecideByReason Command(Meter meter, IReadOnlyList<QuarantinedReading> waiting, string by) =>
            new(meter, Reason, waiting, Act == "discard" ? Because : null, Corrected, by);
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
        Draw(http, new(reason ?? "", await Waiting(meter, reason ?? "", ct)), Form.Empty);

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

        var preview = form.IsRight ? Of(wanted, waiting) : null;
        var isDone = form.Typed("do") == "commit";
        if (preview is not null && isDone && form.Typed("seen") != preview.Seen)
        {
            form.Wrong(Form.Whole, "Other readings wait for this reason than were shown. Look at what would be done " +
                "with these, then apply it.");
        }

        if (!form.IsRight || !isDone)
        {
            return Draw(http, new(wanted.Reason, waiting) { Preview = preview }, form);
        }

        var outcome = await exchange.Commands.Execute(
            wanted.Command(exchange.Meter, waiting, Viewer.Needed(http).Actor), Actors.Of(http), ct);
        return Draw(http, new(wanted.Reason, await Waiting(exchange.Meter, wanted.Reason, ct))
        {
            Decided = new(outcome.Done, act == "release" ? "released" : "discarded", outcome.Left),
        }, Form.Empty);
    }

    private static async Task<IReadOnlyList<QuarantinedReading>> Waiting(Meter meter, string reason,
        CancellationToken ct) =>
        reason.Length == 0 ? []
            : await meter.SetAside(new("waiting", MaxReadings) { Reason = reason, AllLetters = MaxLetters }, ct);

    private static IResult Draw(HttpContext http, Readings readings, Form form) =>
        Page.Of<QuarantineBulkPage, Readings>(http, "Quarantine, all of one reason", readings, form);

    private static Preview Of(Wanted wanted, IReadOnlyList<QuarantinedReading> waiting)
    {
        var changed = waiting.Count(one => wanted.Corrected(one) is not null);
        return new(
            wanted, wanted.Act == "release"
                ? $"{waiting.Count} readings would be released, {changed} of them with the text put right."
                : $"{waiting.Count} readings would be discarded for good, because: {wanted.Because}",
            Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
                string.Join('\n', waiting.Select(one => one.Name).Order(StringComparer.Ordinal))))),
            new TableOf<QuarantinedReading>("The newest of them", [.. waiting.Take(MaxShown)],
            [
                Column<QuarantinedReading>.Words("Name", one => one.Name),
                Column<QuarantinedReading>.Words("Reporter", one => one.Misfit.Source),
                new("As it would be", one => Cell.Code(wanted.Corrected(one) ?? one.Misfit.Text)),
            ], ""));
    }
}
