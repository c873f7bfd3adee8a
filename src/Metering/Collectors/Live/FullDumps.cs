using System.Text.Json;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Metering.Collectors.Live;

/// <summary>
/// Compares a full dump with the one before: what was there and is not any more was deleted, or moved away, without a
/// word. It would be billed for ever, so each is set aside as the event that ends it, for an operator to release, which
/// ends it at the stated instant, or to discard, which lets it go on.
/// </summary>
public sealed class FullDumps(NpgsqlDataSource database)
{
    /// <summary>Formats whose files hold everything that there is, each time.</summary>
    private static readonly string[] Formats = [NovaDatabase.Format, EsiLeases.Format, StorageQuotas.Format];

    private sealed record Open(ResourceId Resource, ProjectId Project, Instant Since);

    /// <summary>Whether a file of this format is the whole of what there is.</summary>
    public static bool AreOf(string format) => Formats.Contains(format);

    /// <summary>Takes a file; of a full dump also what it leaves out of the one before.</summary>
    public async Task<IngestOutcome> Ingest(
        Meter meter, string format, Stream stream, CollectorContext context, CancellationToken ct)
    {
        var read = CollectorFormats.Read(format, stream, context);
        if (!AreOf(format))
        {
            return await meter.Ingest(read, ct, context.By);
        }

        var seen = new Seen();
        var outcome = await meter.Ingest(read.Select(seen.Look), ct, context.By);
        var missing = await Compare(format, context, seen, ct);
        return missing.Count == 0 ? outcome : outcome + await meter.Ingest(missing, ct);
    }

    private async Task<List<Collected>> Compare(
        string format, CollectorContext context, Seen seen, CancellationToken ct)
    {
        const string Last = """
            select as_of, open
            from metering.full_dump
            where landlord = $1 and format = $2 and cluster = $3
            for update
            """;
        const string Keep = """
            insert into metering.full_dump (landlord, format, cluster, as_of, open)
            values ($1, $2, $3, $4, $5)
            on conflict (landlord, format, cluster) do update set as_of = $4, open = $5
            """;
        object[] key = [context.Landlord.Value, format, context.Cluster?.Value ?? ""];
        var asOf = format == NovaDatabase.Format && seen.Latest is { } latest
            ? Instant.Min(latest, context.Now)
            : context.Now;
        List<Open> before = [];
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var since = asOf;
        await using (var command = connection.Statement(Last, key))
        await using (var row = await command.ExecuteReaderAsync(ct))
        {
            if (await row.ReadAsync(ct))
            {
                since = Instant.FromDateTimeUtc(row.GetDateTime(0));
                before = PackedLines.Unpack(row.GetFieldValue<byte[]>(1))
                    .ConvertAll(line => JsonSerializer.Deserialize<Open>(line, Text.Json)!);
            }
        }

        if (asOf < since)
        {
            return []; // An older dump says nothing of what came after it.
        }

        var open = seen.Open.Select(one => JsonSerializer.Serialize(one, Text.Json));
        await connection.Execute(Keep, [.. key, asOf.ToDateTimeUtc(), PackedLines.Pack(open)], ct);
        await transaction.CommitAsync(ct);
        return
        [
            .. before.Where(one => !seen.Holds(one.Resource))
                .Select(one => (Collected)Missing(one, since, format, context)),
        ];
    }

    /// <summary>What was last seen at an instant ended then at the earliest: that instant is stated.</summary>
    private static RejectedReading Missing(Open one, Instant seenAt, string format, CollectorContext context)
    {
        var at = Instant.Max(seenAt, one.Since);
        var (resource, source) = (one.Resource, context.Source(one.Resource.Cluster, format));
        var id = $"{resource.Subject}/left-out/{at.ToUnixTimeSeconds()}";
        var ends = JsonSerializer.Serialize(new
        {
            specversion = "1.0",
            id,
            source,
            type = "exchange.usage.state.v1",
            subject = resource.Subject,
            time = Text.Of(at),
            data = new
            {
                landlord = resource.Landlord.Value,
                cluster = resource.Cluster.Value,
                project = one.Project.Value,
                kind = resource.Kind,
                state = "deleted",
            },
        });
        return new("dump/left-out",
            $"{resource} of project '{one.Project}' was in the dump before and is not in '{context.File}'. It is " +
            $"billed on until somebody decides: release this to end it at {Text.Of(at)}, when it was last seen, or " +
            "correct the time; discard it if it goes on.",
            source, id, context.Landlord, ends);
    }

    /// <summary>What a dump holds, while it is read.</summary>
    private sealed class Seen
    {
        private readonly Dictionary<ResourceId, Reading> _last = [];

        public Instant? Latest { get; private set; }

        public IEnumerable<Open> Open => _last.Values.Where(last => last.State != ResourceState.Deleted)
            .Select(last => new Open(last.Resource, last.Project, last.From));

        public bool Holds(ResourceId resource) => _last.ContainsKey(resource);

        public Collected Look(Collected collected)
        {
            if (collected.Reading is { } reading)
            {
                Latest = Latest is { } latest ? Instant.Max(latest, reading.From) : reading.From;
                if (!_last.TryGetValue(reading.Resource, out var last) || last.From <= reading.From)
                {
                    _last[reading.Resource] = reading;
                }
            }

            return collected;
        }
    }
}
