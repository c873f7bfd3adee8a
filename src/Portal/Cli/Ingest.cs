using System.CommandLine;
using Exchange.Metering;
using Exchange.Metering.Collectors;

namespace Exchange.Portal.Cli;

/// <summary>exchange ingest — reads files of usage into the meter; reading one twice counts nothing twice.</summary>
internal static class Ingest
{
    private const string CloudEvents = "cloudevents";

    public static Command Command()
    {
        var files = new Argument<string[]>("file")
        {
            Description = "Files to read; '-' is the standard input, gzip is unwrapped.",
            Arity = ArgumentArity.OneOrMore,
        };
        var format = new Option<string>("--format")
        {
            Description = $"What is in the files: {CloudEvents}, {string.Join(", ", CollectorFormats.All.Keys)}.",
            HelpName = "F",
            DefaultValueFactory = _ => CloudEvents,
        };
        format.AcceptOnlyFromAmong([CloudEvents, .. CollectorFormats.All.Keys]);
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
            return new(sum, terminal => terminal.Say(
                $"{sum.Accepted} accepted, {sum.Duplicate} duplicate, {sum.Quarantined} quarantined"));
        });
    }

    private static async Task<IngestOutcome> One(
        Composition exchange, Verb verb, string file, string format, LandlordId? landlord, ClusterId? cluster,
        CancellationToken ct)
    {
        await using var input = file == "-" ? InputFile.Unwrap(verb.Terminal.Input()) : InputFile.Open(file);
        if (format == CloudEvents)
        {
            return await exchange.Meter.IngestCloudEvents(input, file, ct);
        }

        var context = new CollectorContext(landlord!.Value, cluster, verb.Clock.GetCurrentInstant(), file);
        return await exchange.Meter.Ingest(CollectorFormats.Read(format, input, context), ct);
    }
}
