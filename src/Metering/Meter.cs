using System.Runtime.CompilerServices;
using System.Text.Json;
using Exchange.Journal;
using Exchange.Metering.Collectors;
using NodaTime;
using Npgsql;

namespace Exchange.Metering;

/// <summary>Takes readings, each once for ever, and says what they come to.</summary>
public sealed partial class Meter
{
    private readonly NpgsqlDataSource _database;
    private readonly IClock _clock;
    private readonly Intake _intake;
    private readonly RawShapes _shapes = new();
    private readonly EventLayouts _layouts = new();
    private readonly NameAllowance _names;
    private readonly Folding _folding;
    private readonly UsageStore _usage;
    private readonly QuarantineTable _quarantine;
    private readonly SourceLog _heard;

    /// <param name="memory">What there is of it for the process: how much is kept in it follows.</param>
    public Meter(NpgsqlDataSource database, IClock clock, long memory = long.MaxValue)
        : this(database, clock, DedupIndex.ReadingsIn(memory)) { }

    internal Meter(NpgsqlDataSource database, IClock clock, int readingsInMemory, NameAllowance? names = null,
        TimeSpan? patience = null)
    {
        (_database, _clock, _names) = (database, clock, names ?? new());
        _intake = new(database, readingsInMemory, patience);
        (_folding, _usage, _heard) = (new(database, _intake), new(database, _intake), new(database));
        _quarantine = new(database, clock);
    }

    /// <summary>
    /// Takes readings; what is counted in the answer is durable, and to repeat the call counts nothing twice.
    /// </summary>
    /// <param name="by">Who brings them: sources are heard by it.</param>
    public async Task<IngestOutcome> Ingest(
        IEnumerable<Collected> readings, CancellationToken ct, string by = HeardSource.Files)
    {
        var outcome = new IngestOutcome(0, 0, 0);
        foreach (var batch in readings.Chunk(Block.MaxReadings))
        {
            var taken = await Take(batch, ct);
            await _heard.Note(taken.Batch, by, _clock.GetCurrentInstant(), ct);
            outcome += taken.Outcome;
        }

        return outcome;
    }

    /// <summary>Takes the events of a file: one event, a JSON array of them, or one after the other.</summary>
    /// <exception cref="RefusedException">The file is not JSON; what stood before that place may be taken.</exception>
    public async Task<IngestOutcome> IngestCloudEvents(
        Stream events, string file, CancellationToken ct, string by = HeardSource.Files)
    {
        var outcome = new IngestOutcome(0, 0, 0);
        var now = _clock.GetCurrentInstant();
        var parser = new EventParser(_shapes, _layouts, null, now);
        try
        {
            var rest = await EventStream.Read(
                events, parser, new(await _intake.Names()), long.MaxValue, async full =>
                {
                    outcome += (await Take(full, now, by, ct)).Outcome;
                    return new(await _intake.Names());
                }, ct);
            return outcome + (await Take(rest!, now, by, ct)).Outcome;
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            throw new RefusedException(new(
                "file/not-json", $"This is not CloudEvents in JSON: {e.Message} Repair it, or name its format.", file));
        }
    }

    /// <summary>Takes the events of one request, all or none: of this landlord only, and no more bytes.</summary>
    public async Task<Received> Receive(
        Stream events, LandlordId landlord, long most, bool withItems, CancellationToken ct,
        string by = HeardSource.Files)
    {
        var now = _clock.GetCurrentInstant();
        var parser = new EventParser(_shapes, _layouts, landlord, now);
        try
        {
            var batch = await EventStream.Read(events, parser, new(await _intake.Names()), most, null, ct);
            if (batch is null || !(parser.HasEvent || parser.IsEmptyArray) || parser.HasForeign)
            {
                return batch is null ? new Received.TooLarge()
                    : parser.HasForeign ? new Received.Foreign()
                    : new Received.NotEvents("The body holds no CloudEvent.");
            }

            if (batch.NewNameBytes is > 0 and var bytes && _names.SecondsUntil(landlord, bytes) is > 0 and var seconds)
            {
                return new Received.TooManyNames(seconds);
            }

            var done = new Received.Done(await Take(batch, now, by, ct), withItems);
            batch.Release();
            return done;
        }
        catch (JsonException e)
        {
            return new Received.NotEvents($"The body is not JSON: {e.Message}");
        }
    }

    /// <summary>Takes these readings in one transaction, all or none, and says what became of each.</summary>
    public async Task<IReadOnlyList<ItemOutcome>> IngestEach(IReadOnlyList<Collected> readings, CancellationToken ct) =>
        [.. (await Take(readings, ct)).Items()];

    private async Task<BatchOutcome> Take(Batch batch, Instant now, string by, CancellationToken ct)
    {
        var taken = await _intake.Take(batch, now).WaitAsync(ct);
        await _heard.Note(batch, by, now, ct);
        return taken;
    }

    /// <summary>Notes that a source was heard that tells no readings.</summary>
    internal Task Hear(LandlordId landlord, string by, string source, CancellationToken ct) =>
        _heard.Note(landlord, by, source, _clock.GetCurrentInstant(), ct);

    /// <summary>Every source that was heard, by who brings it.</summary>
    public Task<IReadOnlyList<HeardSource>> Heard(CancellationToken ct) => _heard.All(ct);

    /// <summary>Forgets sources that were heard for a short while, long ago.</summary>
    public Task ForgetOldSources(CancellationToken ct) => _heard.Tidy(_clock.GetCurrentInstant(), ct);

    private async Task<BatchOutcome> Take(IReadOnlyCollection<Collected> readings, CancellationToken ct)
    {
        var now = _clock.GetCurrentInstant();
        var batch = new Batch(await _intake.Names().WaitAsync(ct));
        foreach (var reading in readings)
        {
            batch.Add(reading, now);
        }

        return await _intake.Take(batch, now).WaitAsync(ct);
    }

    /// <summary>Until no runs of readings are being merged.</summary>
    internal Task Merged => _intake.Merged;
    /// <summary>Why runs of known readings could not be merged when it was last tried; null when they could.</summary>
    public string? NotMerged => _intake.NotMerged;
    public long FilterBytes => _intake.FilterBytes;
    /// <summary>What stops everybody's readings; null where nothing does.</summary>
    public Refusal? Stopped => _intake.Unreadable;

    /// <summary>Blocks that cannot be read, and whose readings are not taken until they are restored.</summary>
    public IReadOnlyList<string> Damaged =>
        [.. _intake.Damaged.Union(Unfolded.Select(block => block.ToString())).Order(StringComparer.Ordinal)];

    /// <summary>Blocks without which usage is told, as of the last fold: theirs is incomplete.</summary>
    public IReadOnlyList<UnfoldedBlock> Unfolded => _folding.Unfolded;

    /// <summary>Brings the segments up to what is durable.</summary>
    public Task Fold(CancellationToken ct) => _folding.Fold(ct);

    /// <summary>The usage asked for, by resource and time, cut to the period; folds first.</summary>
    public async IAsyncEnumerable<Segment> Segments(UsageQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        await Fold(ct);
        await foreach (var segment in _usage.Segments(query, ct))
        {
            yield return segment;
        }
    }

    /// <summary>
    /// Tells all usage asked for in one walk that holds little of it: what a resource used together and in the order
    /// of time, resources in no order that means anything unless they are asked for by name; folds first.
    /// </summary>
    public async Task Read(
        UsageQuery query, bool byName, Action<Segment> onSegment, Action<DailyTotal> onTotal, CancellationToken ct)
    {
        await Fold(ct);
        await _usage.Read(query, byName, onSegment, onTotal, ct);
    }

    public MeterProgress Progress => new(_database, this);
    public UsagePages Pages => new(_database, _intake, this);
    /// <summary>Rows that others have rated already, kept beside the readings.</summary>
    public Bills Bills => new(_database);

    /// <summary>Takes back or replaces what was reported.</summary>
    public Corrections Corrections => new(_database, _intake, this);

    /// <summary>What two landlords report as used at the same time; folds first.</summary>
    public async Task<IReadOnlyList<ReportedTwice>> ReportedTwice(Period period, CancellationToken ct)
    {
        await Fold(ct);
        return await new FindReportedTwice(_usage, _intake).In(period, ct);
    }

    /// <summary>How far the meter is and when its usage begins and ends; null while there is none.</summary>
    public async Task<UsageExtent?> Extent(CancellationToken ct)
    {
        await Fold(ct);
        return await Bills.Widen(await _usage.Extent(ct), ct);
    }

    /// <summary>What was counted on the days that begin in the period; folds first.</summary>
    public async Task<IReadOnlyList<DailyTotal>> Totals(UsageQuery query, CancellationToken ct)
    {
        await Fold(ct);
        return await _usage.Totals(query, ct);
    }

    /// <summary>
    /// The readings of a resource that speak of a period, each with the block that holds it. Of the states told before
    /// it only the last speaks of it. Folds first.
    /// </summary>
    /// <param name="upTo">The last block that counts: what came later is no part of what was known then.</param>
    public async Task<IReadOnlyList<ReadingBehind>> ReadingsBehind(
        ResourceId resource, Period period, CancellationToken ct, long upTo = long.MaxValue)
    {
        await Fold(ct);
        return await new Evidence(_database, _intake).Of(resource, period, upTo, ct);
    }

    /// <summary>Drops what was made from the blocks and makes it again.</summary>
    public async Task Replay(CancellationToken ct)
    {
        const string Sql = """
            select number from metering.folded for update;
            update metering.head set flushed = 0, epoch = epoch + 1; update metering.folded set number = 0;
            truncate metering.page, metering.place, metering.block_pages, metering.key_run, metering.key_page,
                metering.key_filter, metering.correction_block, metering.corrected, metering.damaged_block,
                metering.unfolded_block
            """;
        await using (var connection = await _database.OpenConnectionAsync(ct))
        {
            await connection.Execute(Sql, [], ct); // One statement after the other, in one transaction.
            await BlockNote.Mend(connection, ct);
        }

        _intake.Forget();
        await _intake.Names();
        await Fold(ct);
        await _quarantine.Rebuild(ct);
    }

    /// <summary>Walks the chain of blocks and folds it again; says what differs, the first of each kind.</summary>
    public Task<IReadOnlyList<Refusal>> Verify(CancellationToken ct) => new MeterCheck(_database).Run(ct);
}
