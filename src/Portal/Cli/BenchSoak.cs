using System.CommandLine;
using System.Text.Json.Nodes;
using Exchange.Portal.Bench;

namespace Exchange.Portal.Cli;

/// <summary>exchange bench soak — whether every reading is there once after kills.</summary>
internal static class BenchSoak
{
    public static Command Command()
    {
        var seconds = Bench.Number("--seconds", 600, "For how long.");
        var rate = Bench.Number("--rate", 200_000, "So many readings a second.");
        var every = Bench.Number("--kill-every", 30, "How many seconds lie between two kills, more or less.");
        var clients = Bench.Number("--clients", 4, "How many clients send at once.");
        return new Command("soak", "Readings while the server, its database or both are killed; totals must be exact.")
        {
            seconds, rate, every, clients,
        }.Does((verb, ct) => Bench.Alone(verb, async exchange =>
        {
            var options = new SoakBench.Options(
                verb.Get(seconds), verb.Get(rate), verb.Get(every), verb.Get(clients));
            var result = await verb.Terminal.Progress("Measuring …", _ => SoakBench.Run(exchange, options, ct));
            return new(Document(result), terminal =>
            {
                terminal.Say($"{result.Readings} readings, each there once after {result.Kills} kills");
                terminal.Table(
                    ["seconds", "readings/s", "repeated requests", "slowest restart s", "p50 ms", "p99 ms"],
                    [[$"{result.Seconds}", $"{result.PerSecond}", $"{result.Repeated}", $"{result.SlowestRestart}",
                        $"{result.P50Ms}", $"{result.P99Ms}"]]);
            });
        }, ct));
    }

    private static JsonObject Document(SoakBench.Result result) => new()
    {
        ["work"] = $"{result.Readings} readings, each there once after {result.Kills} kills",
        ["seconds"] = result.Seconds,
        ["per_second"] = result.PerSecond,
        ["kills"] = result.Kills,
        ["repeated_requests"] = result.Repeated,
        ["slowest_restart_seconds"] = result.SlowestRestart,
        ["p50_ms"] = result.P50Ms,
        ["p99_ms"] = result.P99Ms,
    };
}
