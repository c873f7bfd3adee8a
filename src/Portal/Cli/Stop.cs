using System.CommandLine;
using Exchange.Journal;

namespace Exchange.Portal.Cli;

/// <summary>exchange stop — stops the embedded database of a data directory.</summary>
internal static class Stop
{
    public static Command Command() =>
        new Command("stop", "Stops the embedded database of --data, if it runs.").Does(async (verb, ct) =>
        {
            var stopped = await EmbeddedPostgres.Stop(verb.Data, ct);
            return new(new { stopped }, terminal => terminal.Say(stopped ? "Stopped." : "It was not running."));
        });
}
