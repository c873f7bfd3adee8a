using System.CommandLine;
using Exchange.Journal;
using Exchange.Portal.Demo;
using Exchange.Portal.Web;

namespace Exchange.Portal.Cli;

/// <summary>exchange demo — an invented quarter of a year from usage to invoice, then the portal over it.</summary>
internal static class Demonstration
{
    public static Command Command()
    {
        var once = new Option<bool>("--once") { Description = "End after the work instead of serving." };
        var year = new Option<bool>("--year")
        {
            Description = "Play a year: ten months before, and November until it waits to be closed.",
        };
        var urls = new Option<string>("--urls")
        {
            Description = "Where to serve; on this machine only.",
            HelpName = "URL",
            DefaultValueFactory = _ => ServerOptions.Default,
        };
        return new Command("demo", "Plays invented months from usage to invoice, and serves the portal.")
        {
            once, year, urls,
        }.Does((verb, ct) => Run(
            verb, verb.Get(once) ? null : verb.Get(urls), verb.Get(year), ct));
    }

    /// <param name="serves">Where to serve after the play; null to end.</param>
    private static async Task<Answer> Run(Verb verb, string? serves, bool isYear, CancellationToken ct)
    {
        var files = Path.GetFullPath(Path.Combine(verb.Data, "files", DemoPlay.October.ToString()));
        var outcome = await Play(verb, serves, isYear, files, ct);
        if (verb.Place.Database is null)
        {
            await EmbeddedPostgres.Stop(verb.Data, CancellationToken.None);
        }

        return new(
            new { data = Path.GetFullPath(verb.Data), files, outcome },
            terminal =>
            {
                if (serves is null)
                {
                    Tell(terminal, verb, outcome, files);
                }
            });
    }

    /// <summary>Plays the months over HTTP against the server, which then serves them until it is stopped.</summary>
    private static async Task<DemoOutcome> Play(
        Verb verb, string? serves, bool isYear, string files, CancellationToken ct)
    {
        var cast = new Cast(DemoPlay.Seed);
        var clock = new DemoClock(DemoPlay.Today);
        var options = new ServerOptions([serves ?? "http://127.0.0.1:0"])
        {
            Personas = DemoPeople.Of(cast),
        }.Checked();
        await using var exchange = await verb.Terminal.Progress(
            "Opening the database …", _ => Composition.Open(verb.Place, clock, ct));
        await using var app = Server.Build(exchange, options);
        await app.StartAsync(ct);
        var outcome = await verb.Terminal.Progress("Playing the demonstration …", async step =>
        {
            var played = await new DemoPlay(exchange, clock, new(app.Urls.First()), step, isYear).Run(cast, ct);
            await DemoFiles.Write(exchange, DemoPlay.October, files, step, ct);
            return played;
        });
        if (serves is not null)
        {
            Tell(verb.Terminal, verb, outcome, files);
            verb.Terminal.Say($"The portal is at {app.Urls.First()}; you may be anybody there. Ctrl-C stops it.");
            await app.WaitForShutdownAsync(ct);
        }

        await app.StopAsync(CancellationToken.None);
        return outcome;
    }

    private static void Tell(Terminal terminal, Verb verb, DemoOutcome outcome, string files)
    {
        terminal.Say($"{outcome.Accepted:N0} readings taken over HTTP, {outcome.Duplicate:N0} came twice, " +
            $"{outcome.Quarantined:N0} made no sense and wait in quarantine.");
        terminal.Table(["month", "invoices", "total"], outcome.Months.Select(m => (IReadOnlyList<string>)[
            m.Month.ToString(), m.Invoices.ToString(provider: null), m.Total.ToString()]));
        terminal.Say();
        terminal.Say($"Invoices and reports  {files}");
        terminal.Say($"Database and journal  {(verb.Place.Database is null ? Path.GetFullPath(verb.Data)
            : "the database that was named")}");
        var data = (verb.Data == ".exchange" ? "" : $" --data {verb.Data}") +
            (verb.Get(Settings.Database) is null ? "" : " --database …");
        foreach (var next in (string[])[
            "invoices list --month 2026-10", "explain PI-2026-0005#1", "rate --month 2026-11", "verify"])
        {
            terminal.Say($"Try                   ./exchange {next}{data}");
        }

        terminal.Say();
    }
}
