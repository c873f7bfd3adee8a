using System.CommandLine;
using System.Text.Json;
using Exchange.Metering;

namespace Exchange.Portal.Cli;

/// <summary>exchange correct — takes readings back or says what is right: ids, or a window of a source.</summary>
internal static class Correct
{
    public static Command Command()
    {
        var ids = new Argument<string[]>("id")
        {
            Description = "The ids of the readings, or of corrections, that are wrong; none for a window.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var landlord = Settings.Value<LandlordId>("--landlord", "L", "Whose readings they are.");
        var source = Named("--source", "SOURCE", "The source that reported them.");
        var reason = Named("--reason", "TEXT", "Why; kept for ever and shown beside the reading.");
        var with = new Option<string?>("--with")
        {
            Description = "A file with what is right as CloudEvents: one for an id, all of the window for a window. " +
                "Without it they are taken back.",
            HelpName = "FILE",
        };
        var from = Settings.Instant("--from", "Where the window begins.");
        var to = Settings.Instant("--to", "Where the window ends, exclusive.");
        return new Command("correct", "Retracts or replaces a reading; the old one stays visible.")
        {
            ids, landlord, source, reason, with, from, to,
        }.Does(async (verb, ct) =>
        {
            var whose = verb.Get(landlord) ?? throw Wrong("Add --landlord NAME: ids are the landlord's own.");
            var right = verb.Get(with) is { } file ? Read(await Files.Read(file, ct), file) : [];
            var window = (verb.Get(from), verb.Get(to)) switch
            {
                ({ } start, { } end) when start < end => new Period(start, end),
                (null, null) => (Period?)null,
                _ => throw Wrong("--from comes before --to, and both are given or none."),
            };
            if (window is null == (verb.Get(ids).Length == 0) || (window is null && right.Count > 1) ||
                (right.Count > 0 && verb.Get(ids).Length > 1))
            {
                throw Wrong("Name ids, or a window by --from and --to; with a file one id and one event.");
            }

            await using var exchange = await verb.Open(ct);
            var now = verb.Clock.GetCurrentInstant();
            var done = window is { } period
                ? await exchange.Meter.Corrections.TellAgain(
                    whose, verb.Get(source), period, right, verb.Get(reason), now, ct)
                : await Single(exchange, verb.Get(ids).Select(id => Corrections.Of(
                    whose, verb.Get(source), id, verb.Get(reason), right.FirstOrDefault(), now)), right.Count, ct);
            await exchange.Audit.Note(Verb.By, "correct", $"{verb.Get(source)} {window?.ToString() ??
                string.Join(' ', verb.Get(ids))}", verb.Get(reason), "local", ct);
            return new(done, terminal => terminal.Say(
                $"{done.Retracted} retracted, {done.Replaced} replaced, {done.Added} added, " +
                $"{done.Unchanged} unchanged"));
        });
    }

    private static async Task<WindowCorrected> Single(
        Composition exchange, IEnumerable<UsageCorrection> corrections, int right, CancellationToken ct)
    {
        var items = await exchange.Meter.IngestEach([.. corrections.Select(one => (Collected)one)], ct);
        if (items.FirstOrDefault(item => item.Fate == ItemFate.Quarantined) is { Reason: { } code, Why: { } why })
        {
            throw new RefusedException(new("correct/not-taken", $"It cannot be taken ({code}): {why}"));
        }

        await exchange.Meter.Fold(ct);
        return right > 0 ? new(0, items.Count, 0, 0) : new(0, 0, items.Count, 0);
    }

    private static List<Reading> Read(string text, string file)
    {
        try
        {
            return
            [
                .. EventFile.Read(text).Select(collected => collected.Reading ?? throw new RefusedException(new(
                    collected.Misfit?.Reason ?? "correct/usage",
                    collected.Misfit?.Why ?? "A reading is replaced by a reading. Give one, or take it back.", file))),
            ];
        }
        catch (JsonException e)
        {
            throw new RefusedException(new(
                "file/not-json", $"These are no CloudEvents: {e.Message} Repair it.", file));
        }
    }

    private static Option<string> Named(string name, string help, string what) =>
        new(name) { Description = what, HelpName = help, Required = true };

    private static RefusedException Wrong(string how) => new(new("correct/usage", how));
}
