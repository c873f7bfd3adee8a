using System.Runtime.CompilerServices;
using System.Text.Json;
using NodaTime;
using Npgsql;

namespace Exchange.Metering;

/// <summary>Takes readings, each once for ever, and says what they come to.</summary>
public sealed class Meter(NpgsqlDataSource database, IClock clock)
{
    private const int ReadingsABlock = 5_000;
    private readonly Intake _intake = new(database);
    private readonly SegmentStore _segments = new(database);

    /// <summary>
    /// Takes readings; what is counted in the answer is durable, and to repeat the call counts nothing twice.
    /// </summary>
    public async Task<IngestOutcome> Ingest(IEnumerable<Collected> readings, CancellationToken ct)
    {
        var outcome = new IngestOutcome(0, 0, 0);
        foreach (var batch in readings.Chunk(ReadingsABlock))
        {
            outcome += await Take(batch, ct);
        }

        return outcome;
    }

    /// <summary>Takes the events of a file: one event, a JSON array of them, or one a line.</summary>
    /// <exception cref="RefusedException">The file is not JSON; what stood before that place may be taken.</exception>
    public async Task<IngestOutcome> IngestCloudEvents(Stream events, string file, CancellationToken ct)
    {
        var outcome = new IngestOutcome(0, 0, 0);
        var batch = new List<Collected>();
        await foreach (var json in CloudEvents.Read(events, file, ct))
        {
            batch.Add(UsageEvent.Read(json));
            if (batch.Count == ReadingsABlock)
            {
                outcome += await Take(batch, ct);
                batch.Clear();
            }
        }

        return batch.Count == 0 ? outcome : outcome + await Take(batch, ct);
    }

    /// <summary>Takes these readings in one transaction, all or none.</summary>
    internal Task<IngestOutcome> Take(IReadOnlyCollection<Collected> readings, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        return _intake.Take([.. readings.Select(r => Bounds.Check(r, now))], now, ct);
    }

    /// <summary>Brings the segments up to what is durable.</summary>
    public Task Fold(CancellationToken ct) => _segments.Fold(ct);

    /// <summary>The usage asked for, by resource and time, cut to the period; folds first.</summary>
    public async IAsyncEnumerable<Segment> Segments(UsageQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        await Fold(ct);
        await foreach (var segment in _segments.Segments(query, ct))
        {
            yield return segment;
        }
    }

    /// <summary>What was counted on the days that begin in the period; folds first.</summary>
    public async Task<IReadOnlyList<DailyTotal>> Totals(UsageQuery query, CancellationToken ct)
    {
        await Fold(ct);
        return await _segments.Totals(query, ct);
    }

    /// <summary>The readings of a resource that speak of a period, each with the block that holds it.</summary>
    public async Task<IReadOnlyList<ReadingBehind>> ReadingsBehind(
        ResourceId resource, Period period, CancellationToken ct)
    {
        const string Sql = "select block, line from metering.reading where resource = $1 order by block, key";
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new() { Value = resource.ToString() });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<ReadingBehind>();
        while (await rows.ReadAsync(ct))
        {
            var reading = Block.Reading(rows.GetString(1));
            if (reading.From < period.End && (reading.Type == ReadingType.State || reading.To >= period.Start))
            {
                found.Add(new(reading.Source, reading.Id, rows.GetInt64(0), rows.GetString(1)));
            }
        }

        return found;
    }

    /// <summary>Drops what was made from the blocks and makes it again.</summary>
    public async Task Replay(CancellationToken ct)
    {
        await _intake.Rebuild(ct);
        await Fold(ct);
    }

    /// <summary>What was set aside, newest first, at most so many.</summary>
    public async Task<IReadOnlyList<Misfit>> Quarantine(int limit, CancellationToken ct)
    {
        const string Sql = """
            select reason, why, source, id, landlord, text
            from metering.quarantine
            order by at desc, key
            limit $1
            """;
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new() { Value = limit });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var misfits = new List<Misfit>();
        while (await rows.ReadAsync(ct))
        {
            misfits.Add(new(
                rows.GetString(0), rows.GetString(1), rows.GetString(2), rows.GetString(3),
                rows.IsDBNull(4) ? null : new LandlordId(rows.GetString(4)), rows.GetString(5)));
        }

        return misfits;
    }
}

/// <summary>A reading that a segment rests on, and the number of the block that holds it.</summary>
public sealed record ReadingBehind(string Source, string Id, long Block, string Text);

/// <summary>Finds the JSON values of a stream: one, an array of them, or one after the other.</summary>
internal static class CloudEvents
{
    public static async IAsyncEnumerable<JsonElement> Read(
        Stream stream, string file, [EnumeratorCancellation] CancellationToken ct)
    {
        using var buffered = new BufferedStream(stream, 65_536);
        var first = buffered.ReadByte();
        while (first is ' ' or '\n' or '\r' or '\t')
        {
            first = buffered.ReadByte();
        }

        if (first < 0)
        {
            throw NotJson("It is empty.", file);
        }

        using var whole = new PushedBack((byte)first, buffered);
        await using var values = JsonSerializer
            .DeserializeAsyncEnumerable<JsonElement>(whole, first != '[', Text.Json, ct).GetAsyncEnumerator(ct);
        while (await Next(values, file))
        {
            yield return values.Current;
        }
    }

    private static async ValueTask<bool> Next(IAsyncEnumerator<JsonElement> values, string file)
    {
        try
        {
            return await values.MoveNextAsync();
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw NotJson(e.Message, file);
        }
    }

    private static RefusedException NotJson(string why, string file) => new(new(
        "file/not-json", $"This is not CloudEvents in JSON: {why} Repair it, or name its format.", file));
}
