using System.CommandLine;
using Exchange.Portal.Bench;

namespace Exchange.Portal.Cli;

/// <summary>exchange bench ingest | fold — how fast readings are taken, and how fast they become segments.</summary>
internal static class BenchMeter
{
    public static Command Ingest()
    {
        var readings = Number("--readings", 2_000_000, "How many distinct readings are sent.");
        var clients = Number("--clients", 4, "How many clients send at once.");
        var duplicates = new Option<decimal>("--duplicates")
        {
            Description = "Which part of the readings is sent twice, from 0 to 1.",
            HelpName = "PART",
        };
        var vms = Number("--vms", 20_000, "How many VMs report, each once an hour.");
        var batch = Number("--batch", 1_000, "How many readings are in a request.");
        var rate = Number("--rate", 0, "At most so many readings a second; 0 is as many as can be.");
        return new Command("ingest", "Readings over HTTP: durable, each once, folded at the end.")
        {
            readings, clients, duplicates, vms, batch, rate,
        }.Does((verb, ct) => Bench.Alone(verb, async exchange =>
        {
            var options = new IngestBench.Options(
                verb.Get(readings), verb.Get(clients), verb.Get(duplicates), verb.Get(vms), verb.Get(batch),
                verb.Get(rate));
            var result = await verb.Terminal.Progress("Measuring …", _ => IngestBench.Run(exchange, options, ct));
            return result.Answer();
        }, ct));
    }

    public static Command Fold()
    {
        var readings = Number("--readings", 5_000_000, "How many readings are folded.");
        var vms = Number("--vms", 50_000, "Of how many VMs, each reporting once an hour.");
        return new Command("fold", "Stored readings to segments.") { readings, vms }.Does(
            (verb, ct) => Bench.Alone(verb, async exchange => (await verb.Terminal.Progress("Measuring …", _ =>
                FoldBench.Run(exchange, verb.Get(readings), verb.Get(vms), ct))).Answer(), ct));
    }

    public static Option<int> Number(string name, int usual, string what)
    {
        var option = Bench.Number(name, usual, what);
        option.Validators.Add(typed =>
        {
            if (typed.GetValueOrDefault<int>() < (usual == 0 ? 0 : 1))
            {
                typed.AddError($"{name} is a whole number above 0.");
            }
        });
        return option;
    }
}
