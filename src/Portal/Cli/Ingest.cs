using System.CommandLine;
using Exchange.Metering;
using Exchange.Metering.Collectors;

namespace Exchange.Portal.Cli;

/// <summary>exchange ingest — reads files of usage into the meter; reading one twice counts nothing twice.</summary>
internal static class Ingest
{
    private const string CloudEvents = "cloudevents";
    private static readonly IReadOnlyList<string> Formats =
        [CloudEvents, .. CollectorFormats.All.Keys.Concat(Bills.Formats).Order(StringComparer.Ordinal)];

    public static Command Command()
    {
        var files = new Argument<string[]>("file")
        {
            Description = "Files to read; '-' is the standard input, gzip is unwrapped.",
            Arity = ArgumentArity.OneOrMore,
        };
        var format = new Option<string>("--format")
        {
            Description = $"What is in the files: {string.Join(", ", Formats)}.",
            HelpName = "F",
            DefaultValueFactory = _ => CloudEvents,
        };
        format.AcceptOnlyFromAmong([.. Formats]);
        var landlord = Settings.Value<LandlordId>("--landlord", "L",
            "Whose usage it is, where the format does not say.");
        var cluster = Settings.Value<ClusterId>("--cluster", "C", "Where it was used, where the format does not say.");
        var command = new Command("ingest", "Reads files of usage into the meter.") { files, format, landlord,
            cluster };
        return command.Does(async (verb, ct) =>
        {
            if (verb.Get(format) != CloudEvents && verb.Get(landlord) is null)
            {
                throw new RefusedException(new(
                    "usage/no-landlord",
                    $"Format {verb.Get(format)} does not say whose usage it is. Add --landlord NAME."));
            }

            await using var exchange = await verb.Open(ct);
            var sum = new IngestOutcome(0, 0, 0);
            if (Bills.Formats.Contains(verb.Get(format)))
            {
                return Told(await verb.Terminal.Progress("Reading …", _ => Issue(
                    exchange, verb, verb.Get(files), verb.Get(format), verb.Get(landlord), verb.Get(cluster), ct)));
            }

            foreach (var file in verb.Get(files))
            {
                sum += await verb.Terminal.Progress($"Reading {file} …", _ => One(
                    exchange, verb, file, verb.Get(format), verb.Get(landlord), verb.Get(cluster), ct));
            }

            await verb.Terminal.Progress("Folding …", async _ =>
            {
                await exchange.Meter.Fold(ct);
                return 0;
            });
            return Told(sum);
        });
    }

    private static Answer Told(IngestOutcome sum) => new(sum, terminal => terminal.Say(
        $"{sum.Accepted} accepted, {sum.Duplicate} duplicate, {sum.Quarantined} quarantined"));

    /// <summary>A bill may come in several files: those of one call are one issue of it.</summary>
    private static async Task<IngestOutcome> Issue(
        Composition exchange, Verb verb, string[] files, string format, LandlordId? landlord, ClusterId? cluster,
        CancellationToken ct)
    {
        var inputs = new List<(Stream Stream, CollectorContext Context)>();
        try
        {
            foreach (var file in files)
            {
                inputs.Add((Opened(verb, file), new(landlord!.Value, cluster, verb.Clock.GetCurrentInstant(), file)));
            }

            return await new Bills(exchange.Database, exchange.Meter).Take(format, inputs, ct);
        }
        finally
        {
            foreach (var (stream, _) in inputs)
            {
                await stream.DisposeAsync();
            }
        }
    }

    private static Stream Opened(Verb verb, string file) =>
        file == "-" ? InputFile.Unwrap(verb.Terminal.Input()) : InputFile.Open(file);

    private static async Task<IngestOutcome> One(
        Composition exchange, Verb verb, string file, string format, LandlordId? landlord, ClusterId? cluster,
        CancellationToken ct)
    {
        await using var input = Opened(verb, file);
        if (format == CloudEvents)
        {
            return await exchange.Meter.IngestCloudEvents(input, file, ct);
        }

        var context = new CollectorContext(landlord!.Value, cluster, verb.Clock.GetCurrentInstant(), file);
        return await exchange.Meter.Ingest(CollectorFormats.Read(format, input, context), ct);
    }
}
