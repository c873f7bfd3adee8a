using System.CommandLine;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Portal.Collecting;
using Exchange.Portal.Commands;
using NodaTime;

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
            var right = verb.Get(with) is { } file ? CorrectedEvents.Read(await Files.Read(file, ct), file) : [];
            var window = WindowOf(verb.Get(from), verb.Get(to));
            RefuseBoth(window, verb.Get(ids), right.Count);
            await using var exchange = await verb.Open(ct);
            ICommand<WindowCorrected> command = window is { } period
                ? new CorrectWindow(exchange.Meter, whose, verb.Get(source), period, right, verb.Get(reason))
                : new CorrectReadings(
                    exchange.Meter, whose, verb.Get(source),
                    [.. verb.Get(ids).Select(id => (id, right.FirstOrDefault()))], verb.Get(reason));
            var done = await exchange.Commands.Execute(command, Actors.Local(Verb.By), ct);
            return new(done, terminal => terminal.Say(
                $"{done.Retracted} retracted, {done.Replaced} replaced, {done.Added} added, " +
                $"{done.Unchanged} unchanged"));
        });
    }

    private static Period? WindowOf(Instant? from, Instant? to) => (from, to) switch
    {
        ({ } start, { } end) when start < end => new Period(start, end),
        (null, null) => null,
        _ => throw Wrong("--from comes before --to, and both are given or none."),
    };

    private static void RefuseBoth(Period? window, string[] ids, int right)
    {
        if (window is null == (ids.Length == 0) || (window is null && right > 1) || (right > 0 && ids.Length > 1))
        {
            throw Wrong("Name ids, or a window by --from and --to; with a file one id and one event.");
        }
    }

    private static Option<string> Named(string name, string help, string what) =>
        new(name) { Description = what, HelpName = help, Required = true };

    private static RefusedException Wrong(string how) => new(new("correct/usage", how));
}
