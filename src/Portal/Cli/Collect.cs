using System.CommandLine;
using Exchange.Metering;
using Exchange.Metering.Collectors.Live;
using Exchange.Portal.Collecting;
using Exchange.Portal.Commands;
using NodaTime;

namespace Exchange.Portal.Cli;

/// <summary>
/// exchange collect run | status | again | pack — fetches usage from where it arises, and says how far that is.
/// </summary>
internal static class Collect
{
    public static Option<string?> File() => new("--collectors")
    {
        Description = "Which collectors there are, YAML; otherwise collectors.yaml of the data directory.",
        HelpName = "FILE",
    };

    public static Command Command() =>
        new("collect", "Fetches usage from data sources, each from where it stopped.")
        {
            Run(), Status(), Again(), PackBundle.Command(),
        };

    private static Command Run()
    {
        var names = new Argument<string[]>("name")
        {
            Description = "Which collectors to run; none for all of them.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var file = File();
        return new Command("run", "Takes what the sources have now, once.") { names, file }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(2) };
            var all = await CollectorFile.Read(exchange, verb.Get(file), http, ct);
            var runner = new RunCollectors(exchange.Database, exchange.Meter, exchange.Clock);
            var done = new List<Ran>();
            foreach (var collector in Chosen(all, verb.Get(names), verb.Get(file) ?? CollectorFile.In(exchange.Place)))
            {
                done.Add(await verb.Terminal.Progress(
                    $"Collecting {collector.Identity.Name} …", _ => One(runner, collector, ct)));
            }

            return new(done, terminal => Tell(terminal, done),
                done.Exists(one => one.Failed is not null) ? ExitCode.Refused : ExitCode.Done);
        });
    }

    private static Command Again()
    {
        var name = new Argument<string>("name") { Description = "The collector whose source is asked again." };
        var from = Settings.Instant("--from", "Where the window begins.");
        var to = Settings.Instant("--to", "Where the window ends, exclusive.");
        var reason = new Option<string>("--reason")
        {
            Description = "Why; kept for ever and shown beside each reading that is corrected.",
            HelpName = "TEXT",
            Required = true,
        };
        var file = File();
        return new Command(
            "again", "Asks a source again for a window and corrects what the window told: what is told no more is " +
            "taken back.")
        {
            name, from, to, reason, file,
        }.Does(async (verb, ct) =>
        {
            if (verb.Get(from) is not { } start || verb.Get(to) is not { } end || start >= end)
            {
                throw new RefusedException(new(
                    "usage/window", "--from and --to are both needed, and --from comes before --to."));
            }

            await using var exchange = await verb.Open(ct);
            using var http = new HttpClient { Timeout = TimeSpan.FromMinutes(2) };
            var all = await CollectorFile.Read(exchange, verb.Get(file), http, ct);
            var collector = Chosen(
                all, [verb.Get(name)], verb.Get(file) ?? CollectorFile.In(exchange.Place)).Single();
            var again = new CollectWindowAgain(
                new(exchange.Database, exchange.Meter, exchange.Clock), collector, new(start, end), verb.Get(reason));
            var done = await verb.Terminal.Progress(
                $"Collecting {verb.Get(name)} again …",
                _ => exchange.Commands.Execute(again, Actors.Local(Verb.By), ct));
            return new(done, terminal => terminal.Say(
                $"{done.Retracted} retracted, {done.Replaced} replaced, {done.Added} added, " +
                $"{done.Unchanged} unchanged"));
        });
    }

    private static Command Status() =>
        new Command("status", "Shows how far every collector is.").Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var states = await new CollectorLog(exchange.Database).All(ct);
            var missing = await new BundleLog(exchange.Database).Missing(ct);
            var now = verb.Clock.GetCurrentInstant();
            return new(
                new { collectors = states, missingBundles = missing.Select(one => one.ToString()) },
                terminal =>
                {
                    terminal.Table(
                        ["name", "kind", "read until", "lag", "accepted", "quarantined", "gaps", "failures", "why"],
                        states.Select(s => (IReadOnlyList<string>)[
                            s.Name, s.Kind, s.ReadUntil is { } until ? Exchange.Text.Of(until) : "never",
                            Shown(s.LagAt(now)), $"{s.Accepted}", $"{s.Quarantined}", Gaps(s), $"{s.Failures}",
                            s.Why ?? ""]));
                    foreach (var one in missing)
                    {
                        terminal.Say($"Never came: bundle {one}.");
                    }
                });
        });

    private sealed record Ran(string Name, IngestOutcome? Taken, Refusal? Failed);

    private static async Task<Ran> One(RunCollectors runner, ICollector collector, CancellationToken ct)
    {
        try
        {
            return new(collector.Identity.Name, await runner.Once(collector, ct), null);
        }
        catch (RefusedException e)
        {
            return new(collector.Identity.Name, null, e.Refusal); // The others are collected all the same.
        }
    }

    private static IEnumerable<ICollector> Chosen(IReadOnlyList<ICollector> all, string[] names, string file)
    {
        if (all.Count == 0)
        {
            throw new RefusedException(new("collectors/none",
                "No collectors are known. Write them into this file, as docs/operating/collectors.md shows.",
                file));
        }

        if (names.FirstOrDefault(name => all.All(one => one.Identity.Name != name)) is { } unknown)
        {
            throw new RefusedException(new("collectors/unknown-name",
                $"There is no collector '{unknown}'. Known are " +
                $"{string.Join(", ", all.Select(one => one.Identity.Name))}.", file));
        }

        return names.Length == 0 ? all : all.Where(one => names.Contains(one.Identity.Name));
    }

    private static void Tell(Terminal terminal, List<Ran> done)
    {
        foreach (var one in done)
        {
            terminal.Say(one switch
            {
                { Failed: { } refusal } => $"{one.Name}: failed",
                { Taken: { } t } => $"{one.Name}: {t.Accepted} accepted, {t.Duplicate} duplicate, " +
                    $"{t.Quarantined} quarantined",
                _ => $"{one.Name}: another process is at it",
            });
        }

        terminal.Failed([.. done.Where(one => one.Failed is not null).Select(one => one.Failed!)], json: false);
    }

    private static string Gaps(CollectorState state) =>
        string.Join(' ', state.Gaps.Select(gap => gap.Period.ToString()));

    private static string Shown(Duration? lag) => lag is { } known ? $"{(long)known.TotalSeconds} s" : "";
}
