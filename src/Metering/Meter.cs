using System.Runtime.CompilerServices;
using NodaTime;
using Npgsql;

namespace Exchange.Metering;

/// <summary>Takes readings, each once for ever, and says what they come to.</summary>
public sealed class Meter(NpgsqlDataSource database, IClock clock)
{
    private const int ReadingsABlock = 5_000;
    private readonly Intake _intake = new(database);
    private readonly SegmentStore _segments = new(database);
    private readonly QuarantineTable _quarantine = new(database, clock);

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

    /// <summary>Takes these readings in one transaction, all or none, and says what became of each.</summary>
    public Task<IReadOnlyList<ItemOutcome>> IngestEach(IReadOnlyList<Collected> readings, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        return _intake.Take([.. readings.Select(r => Bounds.Check(r, now))], now, ct);
    }

    private async Task<IngestOutcome> Take(IReadOnlyList<Collected> readings, CancellationToken ct) =>
        IngestOutcome.Of(await IngestEach(readings, ct));

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

    /// <summary>How far the meter is and when its usage begins and ends; null while there is none.</summary>
    public async Task<UsageExtent?> Extent(CancellationToken ct)
    {
        await Fold(ct);
        return await _segments.Extent(ct);
    }

    /// <summary>What was counted on the days that begin in the period; folds first.</summary>
    public async Task<IReadOnlyList<DailyTotal>> Totals(UsageQuery query, CancellationToken ct)
    {
        await Fold(ct);
        return await _segments.Totals(query, ct);
    }

    /// <summary>
    /// The readings of a resource that speak of a period, each with the block that holds it. Of the states told before
    /// it only the last speaks of it.
    /// </summary>
    public async Task<IReadOnlyList<ReadingBehind>> ReadingsBehind(
        ResourceId resource, Period period, CancellationToken ct)
    {
        const string Sql = "select block, line from metering.reading where resource = $1 order by block, key";
        await using var command = database.CreateCommand(Sql);
        command.Parameters.Add(new() { Value = resource.ToString() });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<ReadingBehind>();
        (Instant At, ReadingBehind? Reading) standing = (Instant.MinValue, null);
        while (await rows.ReadAsync(ct))
        {
            var reading = Block.Reading(rows.GetString(1));
            var behind = new ReadingBehind(reading.Source, reading.Id, rows.GetInt64(0), rows.GetString(1));
            if (reading.Type == ReadingType.State && reading.From <= period.Start)
            {
                standing = reading.From >= standing.At ? (reading.From, behind) : standing;
            }
            else if (reading.From < period.End && (reading.Type == ReadingType.State || reading.To >= period.Start))
            {
                found.Add(behind);
            }
        }

        return standing.Reading is { } last ? [last, .. found] : found;
    }

    /// <summary>Drops what was made from the blocks and makes it again.</summary>
    public async Task Replay(CancellationToken ct)
    {
        await _intake.Rebuild(ct);
        await Fold(ct);
        await _quarantine.Rebuild(ct);
    }

    /// <summary>Walks the chain of blocks and folds it again; says what differs, the first of each kind.</summary>
    public Task<IReadOnlyList<Refusal>> Verify(CancellationToken ct) => new MeterCheck(database).Run(ct);

    /// <summary>What waits in quarantine, newest first, at most so many.</summary>
    public async Task<IReadOnlyList<Misfit>> Quarantine(int limit, CancellationToken ct) =>
        [.. (await _quarantine.List("", "waiting", limit, ct)).Select(s => s.Misfit)];

    /// <summary>What was set aside and what became of it, newest first; with an empty fate all of it.</summary>
    public Task<IReadOnlyList<SetAside>> Quarantine(string fate, int limit, CancellationToken ct) =>
        _quarantine.List("", fate, limit, ct);

    /// <summary>
    /// Takes a reading out of quarantine: as it came, now that its cause is repaired, or as corrected.
    /// </summary>
    /// <exception cref="RefusedException">It is unknown, was discarded, or still cannot be taken.</exception>
    public async Task<IngestOutcome> Release(string name, string? corrected, string by, CancellationToken ct)
    {
        var text = corrected ?? (await _quarantine.Find(name, ct)).Misfit.Text;
        var now = clock.GetCurrentInstant();
        if (Fate.Release(await _quarantine.FateOf(name, ct), text, by, now).Refusal is { } refusal)
        {
            throw new RefusedException(refusal);
        }

        // The reading first: if we die before the decision is kept, releasing again counts nothing twice.
        var reading = Bounds.Check(ReadAgain.Of(text), now);
        var taken = reading.Misfit is { } misfit ? null : (await IngestEach([reading], ct)).Single();
        if (taken is null or { Fate: ItemFate.Quarantined })
        {
            throw new RefusedException(new(
                "quarantine/still-wrong", $"It still cannot be taken: {reading.Misfit?.Why ?? taken!.Why}"));
        }

        await _quarantine.Decide(name, fate => Fate.Release(fate, text, by, now), ct);
        return new(taken.Fate == ItemFate.Accepted ? 1 : 0, taken.Fate == ItemFate.Duplicate ? 1 : 0, 0);
    }

    /// <summary>Decides that a reading in quarantine never counts.</summary>
    /// <exception cref="RefusedException">It is unknown, was released, or no reason is given.</exception>
    public async Task Discard(string name, string because, string by, CancellationToken ct)
    {
        await _quarantine.Find(name, ct);
        await _quarantine.Decide(name, fate => Fate.Discard(fate, because, by, clock.GetCurrentInstant()), ct);
    }
}

/// <summary>When all usage of a meter begins and ends.</summary>
/// <param name="Block">The newest block; the same block means the same usage.</param>
/// <param name="To">Null while something runs on.</param>
public sealed record UsageExtent(long Block, Instant From, Instant? To);

/// <summary>A reading that a segment rests on, and the number of the block that holds it.</summary>
public sealed record ReadingBehind(string Source, string Id, long Block, string Text);
