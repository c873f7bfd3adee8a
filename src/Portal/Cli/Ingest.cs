using System.CommandLine;
using Exchange.Metering;
using Exchange.Metering.Collectors;
using Exchange.Metering.Collectors.Live;
using NodaTime;

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
        var acceptLess = new Option<bool>("--accept-less")
        {
            Description = "Takes a bill that asks for less than the one that stands; the difference was looked at.",
        };
        var step = new Option<string?>("--step")
        {
            Description = "What a sample stands for, like 15m, where a file of format prometheus does not tell.",
            HelpName = "TIME",
        };
        return new Command("ingest", "Reads usage files into the meter.")
        {
            files, format, landlord, cluster, acceptLess, step,
        }.Does((verb, ct) => Run(
            verb, verb.Get(files), new(verb.Get(format), verb.Get(landlord), verb.Get(cluster), null),
            verb.Get(acceptLess), verb.Get(step), ct));
    }

    private static async Task<Answer> Run(
        Verb verb, string[] files, Input what, bool acceptLess, string? step, CancellationToken ct)
    {
        if (what.Format != CloudEvents && what.Landlord is null)
        {
            throw new RefusedException(new(
                "usage/no-landlord",
                $"Format {what.Format} does not say whose usage it is. Add --landlord NAME."));
        }

        await using var exchange = await verb.Open(ct);
        if (Bills.Formats.Contains(what.Format))
        {
            return AnswerFor(await verb.Terminal.Progress(
                "Reading …", _ => Issue(exchange, verb, files, what, acceptLess, ct)));
        }

        what = what with { Step = Step(step) };
        var sum = new IngestOutcome(0, 0, 0);
        foreach (var file in files)
        {
            sum += await verb.Terminal.Progress($"Reading {file} …", _ => One(exchange, verb, file, what, ct));
        }

        await verb.Terminal.Progress("Folding …", async _ =>
        {
            await exchange.Meter.Fold(ct);
            return 0;
        });
        return AnswerFor(sum);
    }

    private static Answer AnswerFor(IngestOutcome sum) => new(sum, terminal => terminal.Say(
        $"{sum.Accepted} accepted, {sum.Duplicate} duplicate, {sum.Quarantined} quarantined"));

    /// <summary>A bill may come in several files: those of one call are one issue of it.</summary>
    private static async Task<IngestOutcome> Issue(
        Composition exchange, Verb verb, string[] files, Input what, bool acceptLess, CancellationToken ct)
    {
        var inputs = new List<(Stream Stream, CollectorContext Context)>();
        try
        {
            foreach (var file in files)
            {
                inputs.Add((Opened(verb, file), what.Context(verb, file)));
            }

            return await new Bills(exchange.Database).Take(
                what.Format, inputs, new() { AcceptsLess = acceptLess }, ct);
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
        Composition exchange, Verb verb, string file, Input what, CancellationToken ct)
    {
        await using var input = Opened(verb, file);
        if (what.Format == CloudEvents)
        {
            return await exchange.Meter.IngestCloudEvents(input, file, ct);
        }

        return await new FullDumps(exchange.Database).Ingest(
            exchange.Meter, what.Format, input, what.Context(verb, file), ct);
    }

    private static Duration? Step(string? text) => text is null ? null
        : Collecting.CollectorFile.TryTime(text) ?? throw new RefusedException(new(
            "usage/step", $"'{text}' is not a time. Write a number and s, m, h or d, like '15m'."));

    /// <summary>What the command line says of the files.</summary>
    private sealed record Input(string Format, LandlordId? Landlord, ClusterId? Cluster, Duration? Step)
    {
        public CollectorContext Context(Verb verb, string file) =>
            new(Landlord!.Value, Cluster, verb.Clock.GetCurrentInstant(), file) { Step = Step };
    }
}
