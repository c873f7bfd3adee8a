using System.Text.Json;

namespace Exchange.Metering.Collectors.Live;

/// <summary>
/// Takes files that someone puts into a directory, in the order of their names, each once by what is in it. A file
/// that cannot be taken is named and tried again; it does not hold up the others.
/// </summary>
/// <param name="take">Takes one file whole; what it answers is durable.</param>
public sealed class FileDrop(
    CollectorIdentity identity, string directory, string pattern, FileDrop.TakeFile take) : ICollector
{
    /// <summary>Takes one file.</summary>
    public delegate Task<IngestOutcome> TakeFile(string path, CollectorContext context, CancellationToken ct);

    public CollectorIdentity Identity => identity;

    /// <summary>Files of a format that gives readings.</summary>
    public static FileDrop Of(
        CollectorIdentity identity, string directory, string pattern, string format, Meter meter,
        FullDumps dumps) =>
        new(identity, directory, pattern, async (path, context, ct) =>
        {
            await using var input = InputFile.Open(path);
            return format == "cloudevents"
                ? await meter.IngestCloudEvents(input, path, ct, context.By, context.Landlord)
                : await dumps.Ingest(meter, format, input, context, ct);
        });

    /// <summary>Signed bundles of meters without a network.</summary>
    /// <param name="keyOf">The public key of a meter, in PEM.</param>
    public static FileDrop OfBundles(
        CollectorIdentity identity, string directory, string pattern, Func<string, string?> keyOf, Meter meter,
        BundleLog log) =>
        new(identity, directory, pattern, async (path, context, ct) =>
        {
            await using var input = File.OpenRead(path);
            var bundle = MeterBundle.Read(input, path, keyOf);
            if (await log.Knows(bundle, path, ct))
            {
                return new(0, bundle.Events.Count, 0);
            }

            var outcome = await meter.Ingest(
                bundle.Events.Select(line => Event(line, bundle, context)), ct, context.By);
            await log.MarkAccepted(bundle, path, context.Now, ct);
            return outcome;
        });

    private static Collected Event(string line, MeterBundle bundle, CollectorContext context)
    {
        RejectedReading Bad(string reason, string why) => new(
            reason, $"{why} It is in bundle {bundle.Sequence} of meter '{bundle.Meter}'.", $"urn:meter:{bundle.Meter}",
            Record.Hash(line), context.Landlord, Record.Kept(line));
        try
        {
            using var json = JsonDocument.Parse(line);
            var collected = UsageEvent.Read(json.RootElement);
            var landlord = collected.Reading?.Resource.Landlord ?? collected.Correction?.Landlord;
            return landlord is { } other && other != context.Landlord
                ? Bad("bundle/not-its-landlord", $"The event is of '{other}', the meter is not.")
                : collected;
        }
        catch (JsonException)
        {
            return Bad("bundle/not-json", "The event is not JSON.");
        }
    }

    public async Task Collect(Collecting collecting, bool stay, CancellationToken ct)
    {
        List<Refusal> refused = [];
        foreach (var path in DropFolder.Files(directory, pattern))
        {
            try
            {
                await Take(path, collecting, ct);
            }
            catch (RefusedException e)
            {
                refused.Add(e.Refusal);
            }
        }

        DropFolder.Refuse(refused);
        await collecting.Move(
            collecting.Position ?? "no file yet", collecting.Now, 0, new(0, 0, 0), new Tally(), ct);
    }

    private async Task Take(string path, Collecting collecting, CancellationToken ct)
    {
        var sha256 = await DropFolder.Sha256(directory, path, ct);
        if (!await collecting.HasTaken(sha256, ct))
        {
            var name = Path.GetFileName(path);
            var context = collecting.Context(name);
            var outcome = await take(path, context, ct);
            await collecting.MarkAccepted(sha256, name, ct);
            await collecting.Move(name, null, null, outcome, context.Tally, ct);
        }
    }
}
