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
        return outcome + await Compare(meter, format, context, seen, ct);
    }

    private async Task<IngestOutcome> Compare(
        Meter meter, string format, CollectorContext context, Seen seen, CancellationToken ct)
    {
        const string Keep = """
            insert into metering.full_dump (landlord, format, cluster, as_of, open)
            values ($1, $2, $3, $4, $5)
            on conflict (landlord, format, cluster) do update set as_of = $4, open = $5
            """;
        object[] key = [context.Landlord.Value, format, context.Cluster?.Value ?? ""];
        var asOf = format == NovaDatabase.Format && seen.Latest is { } latest
            ? Instant.Min(latest, context.Now)
            : context.Now;
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var (since, before) = await Last(connection, key, ct) ?? (asOf, []);
        if (asOf < since)
        {
            return new(0, 0, 0); // An older dump says nothing of what came after it.
        }

        // What is asked first, then what was seen: who dies between asks the same again.
        var leftOut = new LeftOut(meter, format, context);
        var missing = before.Where(one => !seen.Holds(one.Resource)).Select(one => leftOut.Asks(one, since)).ToList();
        var back = await leftOut.CameBack(seen.LastOf, ct);
        List<Collected> asked = [.. missing, .. back];
        var outcome = asked.Count == 0 ? new(0, 0, 0) : await meter.Ingest(asked, ct, context.By);
        var open = seen.Open.Select(one => JsonSerializer.Serialize(one, Text.Json));
        await connection.Execute(Keep, [.. key, asOf, PackedLines.Pack(open)], ct);
        await transaction.CommitAsync(ct);
        return outcome;
    }

    private static async Task<(Instant Since, List<OpenResource> Open)?> Last(
        NpgsqlConnection connection, object[] key, CancellationToken ct)
    {
        const string Sql = """
            select as_of, open
            from metering.full_dump
            where landlord = $1 and format = $2 and cluster = $3
            for update
            """;
        await using var command = connection.Statement(Sql, key);
        await using var row = await command.ExecuteReaderAsync(ct);
        return await row.ReadAsync(ct)
            ? (row.GetFieldValue<Instant>(0), PackedLines.Unpack(row.GetFieldValue<byte[]>(1))
                .ConvertAll(line => JsonSerializer.Deserialize<OpenResource>(line, Text.Json)!))
            : null;
    }

    /// <summary>What a dump holds, while it is read.</summary>
    private sealed class Seen
    {
        private readonly Dictionary<ResourceId, Reading> _last = [];

        public Instant? Latest { get; private set; }

        public IEnumerable<OpenResource> Open => _last.Values.Where(last => last.State != ResourceState.Deleted)
            .Select(last => new OpenResource(last.Resource, last.Project, last.From));

        public bool Holds(ResourceId resource) => _last.ContainsKey(resource);

        public Reading? LastOf(ResourceId resource) => _last.GetValueOrDefault(resource);

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
