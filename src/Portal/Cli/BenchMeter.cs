using System.CommandLine;
using System.Text.Json.Nodes;
using Exchange.Portal.Bench;

namespace Exchange.Portal.Cli;

/// <summary>exchange bench ingest | hours | fold — how fast readings are taken and become segments.</summary>
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
        var derived = new Option<bool>("--derived-ids")
        {
            Description = "Ids are the VM and the hour, which no filter in memory need know; else they are random.",
        };
        return new Command("ingest", "Readings over HTTP: durable, each once, folded at the end.")
        {
            readings, clients, duplicates, vms, batch, rate, derived,
        }.Does((verb, ct) => Bench.Alone(verb, async exchange =>
        {
            var options = new IngestBench.Options(
                verb.Get(readings), verb.Get(clients), verb.Get(duplicates), verb.Get(vms), verb.Get(batch),
                verb.Get(rate))
            { DerivedIds = verb.Get(derived) };
            var result = await verb.Terminal.Progress("Measuring …", _ => IngestBench.Run(exchange, options, ct));
            return result.Answer();
        }, ct));
    }

    public static Command Hours()
    {
        var vms = Number("--vms", 1_000_000, "How many VMs report, each once an hour.");
        var hours = Number("--hours", 2, "How many hours, one after the other; only the first brings names.");
        var clients = Number("--clients", 4, "How many clients send at once.");
        var batch = Number("--batch", 1_000, "How many readings are in a request.");
        return new Command("hours", "A cloud's hours over HTTP: how long each takes, durable and folded.")
        {
            vms, hours, clients, batch,
        }.Does((verb, ct) => Bench.Alone(verb, async exchange =>
        {
            var options = new IngestBench.Options(
                verb.Get(vms), verb.Get(clients), 0, verb.Get(vms), verb.Get(batch), 0);
            return Answer(await verb.Terminal.Progress(
                "Measuring …", _ => HoursBench.Run(exchange, options, verb.Get(hours), ct)));
        }, ct));
    }

    private static Answer Answer(HoursBench.Result result) => new(
        new BenchFigures(result.Work, result.Hours.Sum(hour => hour.Seconds), result.Hours[^1].PeakMib).With(new()
        {
            ["bytes_per_reading"] = result.BytesPerReading,
            ["hours"] = new JsonArray([.. result.Hours.Select(hour => new JsonObject
            {
                ["seconds"] = hour.Seconds,
                ["folding"] = hour.Folding,
                ["microseconds_a_vm"] = hour.MicrosecondsAVm,
                ["peak_mib"] = hour.PeakMib,
            })]),
        }),
        terminal =>
        {
            terminal.Say($"{result.Work}; {result.BytesPerReading} bytes a reading.");
            terminal.Table(["hour", "seconds", "of them folding", "µs a VM", "peak MiB"], result.Hours.Select(
                (hour, i) => (IReadOnlyList<string>)[
                    $"{i + 1}", $"{hour.Seconds}", $"{hour.Folding}", $"{hour.MicrosecondsAVm}", $"{hour.PeakMib}"]));
        });

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
