using System.CommandLine;
using Exchange.Metering;
using Exchange.Portal.Commands;

namespace Exchange.Portal.Cli;

/// <summary>exchange quarantine list | release | correct | discard — the readings that were set aside.</summary>
internal static class Quarantine
{
    public static Command Command() =>
        new("quarantine", "Lists, releases and discards quarantined readings.")
        {
            List(), Release(), Correct(), Discard(),
        };

    private static Command List()
    {
        var all = new Option<bool>("--all") { Description = "Also what was released or discarded." };
        var limit = new Option<int>("--limit")
        {
            Description = "How many to show, the newest first.",
            HelpName = "N",
            DefaultValueFactory = _ => 100,
        };
        return new Command("list", "Lists what was set aside, with the reasons.") { all, limit }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                var found = await exchange.Meter.Quarantine(verb.Get(all) ? "" : "waiting", verb.Get(limit), ct);
                return new(found, terminal =>
                {
                    terminal.Table(["name", "reason", "source", "id", "at", "fate", "by"], found.Select(s =>
                        (IReadOnlyList<string>)[
                            s.Name, s.Misfit.Reason, s.Misfit.Source, s.Misfit.Id, Exchange.Text.Of(s.At),
                            s.Fate, s.By ?? ""]));
                    foreach (var reason in found.GroupBy(s => s.Misfit.Reason).OrderByDescending(g => g.Count()))
                    {
                        terminal.Say($"{reason.Count()} × {reason.Key}: {reason.First().Misfit.Why}");
                    }
                });
            });
    }

    private static Command Release()
    {
        var name = Name();
        var with = new Option<string?>("--with")
        {
            Description = "A file with the corrected CloudEvent; without it the reading is taken as it came.",
            HelpName = "FILE",
        };
        return new Command("release", "Takes a reading that was set aside, now that its cause is repaired.")
        {
            name, with,
        }.Does(async (verb, ct) =>
        {
            var corrected = verb.Get(with) is { } file ? await Files.Read(file, ct) : null;
            await using var exchange = await verb.Open(ct);
            var outcome = await exchange.Commands.Execute(
                new ReleaseReading(exchange.Meter, verb.Get(name), corrected, Verb.By), Actors.Local(Verb.By), ct);
            return new(outcome, terminal => terminal.Say(
                $"{verb.Get(name)} is released: {outcome.Accepted} accepted, {outcome.Duplicate} duplicate."));
        });
    }

    private static Command Correct()
    {
        var name = Name();
        var reason = new Option<string>("--reason")
        {
            Description = "Why the reading that was taken first is wrong; kept for ever.",
            HelpName = "TEXT",
            Required = true,
        };
        return new Command(
            "correct", "Takes a reading of an id that was taken with other content as its correction.")
        {
            name, reason,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var id = await exchange.Commands.Execute(
                new CorrectFromQuarantine(exchange.Meter, verb.Get(name), verb.Get(reason), Verb.By),
                Actors.Local(Verb.By), ct);
            return new(
                new { corrected = verb.Get(name), correction = id },
                terminal => terminal.Say($"{verb.Get(name)} is taken as correction {id}."));
        });
    }

    private static Command Discard()
    {
        var name = Name();
        var because = new Option<string>("--because")
        {
            Description = "Why it never counts; kept for ever.",
            HelpName = "TEXT",
            Required = true,
        };
        return new Command("discard", "Decides that a reading that was set aside never counts.") { name, because }
            .Does(async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                _ = await exchange.Commands.Execute(
                    new DiscardReading(exchange.Meter, verb.Get(name), verb.Get(because), Verb.By),
                    Actors.Local(Verb.By), ct);
                return new(new { discarded = verb.Get(name) }, terminal => terminal.Say(
                    $"{verb.Get(name)} is discarded."));
            });
    }

    private static Argument<string> Name() =>
        new("name") { Description = "What it is called, as 'quarantine list' shows it." };
}
