using System.Text.Json;
using NodaTime;
using Npgsql;

namespace Exchange.Metering;

/// <summary>Takes readings, each once for ever, and says what they come to.</summary>
public sealed partial class Meter
{
    private readonly NpgsqlDataSource _database;
    private readonly IClock _clock;
    private readonly Lane _home;
    private readonly LaneSet _lanes;
    private readonly RawShapes _shapes = new();
    private readonly EventLayouts _layouts = new();
    private readonly ByteAllowance _names;
    private readonly SourceLog _heard;

    /// <param name="memory">What there is of it for the process: how much is kept in it follows.</param>
    /// <param name="lanes">Databases beside this one in which landlords may live.</param>
    public Meter(
        NpgsqlDataSource database, IClock clock, long memory = long.MaxValue, LaneDatabases? lanes = null)
        : this(database, clock, DedupIndex.ReadingsIn(memory), lanes: lanes) { }

    internal Meter(NpgsqlDataSource database, IClock clock, int readingsInMemory, ByteAllowance? names = null,
        TimeSpan? patience = null, LaneDatabases? lanes = null)
    {
        (_database, _clock, _names, _heard) = (database, clock, names ?? ByteAllowance.OfNames(), new(database));
        var host = new LaneHost(database, clock, readingsInMemory, patience);
        _home = new(0, LaneBook.Home, database, host);
        _lanes = new(_home, lanes ?? LaneDatabases.None, host);
    }

    /// <summary>What landlords may have set aside of what they send.</summary>
    internal ByteAllowance Misfits { get; init; } = ByteAllowance.OfMisfits();

    /// <summary>
    /// Takes readings; what is counted in the answer is durable, and to repeat the call counts nothing twice.
    /// </summary>
    /// <param name="by">Who brings them: sources are heard by it.</param>
    public async Task<IngestOutcome> Ingest(
        IEnumerable<Collected> readings, CancellationToken ct, string by = HeardSource.Files)
    {
        var outcome = new IngestOutcome(0, 0, 0);
        await using var takes = Takes(by, ct);
        foreach (var batch in readings.Chunk(Block.MaxReadings))
        {
            outcome += await Take(await BatchOf(batch, ct), takes, _clock.GetCurrentInstant(), by, ct);
        }

        return outcome + await takes.Done();
    }

    /// <summary>Takes the events of a file: one event, a JSON array of them, or one after the other.</summary>
    /// <param name="only">Whose they are to be: what is another's is set aside.</param>
    /// <exception cref="RefusedException">The file is not JSON; what stood before that place may be taken.</exception>
    public async Task<IngestOutcome> IngestCloudEvents(
        Stream events, string file, CancellationToken ct, string by = HeardSource.Files, LandlordId? only = null)
    {
        var outcome = new IngestOutcome(0, 0, 0);
        var now = _clock.GetCurrentInstant();
        var parser = new EventParser(_shapes, _layouts, only, now, setsAside: true);
        await using var takes = Takes(by, ct);
        try
        {
            var rest = await EventStream.Read(
                events, parser, new(await _home.Intake.Names()), long.MaxValue, async full =>
                {
                    outcome += await Take(full, takes, now, by, ct);
                    return new(await _home.Intake.Names());
                }, ct);
            outcome += await Take(rest!, takes, now, by, ct);
            return outcome + await takes.Done();
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
        if (Misfits.SecondsUntil(landlord, 0) is > 0 and var seconds)
        {
            return new Received.TooManyMisfits(seconds); // Of what was known only when it was there.
        }

        var parser = new EventParser(_shapes, _layouts, landlord, now)
        {
            MaxEvents = withItems ? Received.MaxItems : EventStream.EventsAtOnce,
            MaxMisfitBytes = Misfits.Left(landlord),
        };
        var lane = (await _lanes.Known(ct)).Of(landlord);
        try
        {
            var batch = new Batch(await lane.Intake.Names());
            var isAll = await EventStream.Read(events, parser, batch, most, null, ct) is not null;
            if ((isAll ? NotTaken(parser, batch, landlord) : TooMuch(parser, batch, landlord)) is { } refused)
            {
                return refused;
            }

            var taken = await Take(batch, lane, landlord, now, ct);
            Misfits.Spend(landlord, batch.MisfitBytes + taken.Conflicts.Values.Sum(Batch.BytesOf));
            var done = new Received.Done(taken, withItems);
            await _heard.Note(batch, by, now, ct);
            batch.Release();
            return done;
        }
        catch (JsonException e)
        {
            return new Received.NotEvents($"The body is not JSON: {e.Message}");
        }
    }

    /// <summary>Why nothing is taken of what was read to its end; null where it is.</summary>
    private Received? NotTaken(EventParser parser, Batch batch, LandlordId landlord) =>
        parser.HasForeign ? new Received.Foreign()
        : !(parser.HasEvent || parser.IsEmptyArray) ? new Received.NotEvents("The body holds no CloudEvent.")
        : batch.NewNameBytes is > 0 and var bytes && _names.SecondsUntil(landlord, bytes) is > 0 and var seconds
            ? new Received.TooManyNames(seconds)
        : null;

    /// <summary>Why it was not read to its end.</summary>
    private Received TooMuch(EventParser parser, Batch batch, LandlordId landlord) =>
        batch.MisfitBytes <= parser.MaxMisfitBytes ? new Received.TooLarge()
        : new Received.TooManyMisfits(int.Max(1, Misfits.SecondsUntil(landlord, batch.MisfitBytes)));

    /// <summary>
    /// Takes these readings, those of one landlord in one transaction, and says what became of each. An exchange on one
    /// database takes all of them in one.
    /// </summary>
    public async Task<IReadOnlyList<ItemOutcome>> IngestEach(IReadOnlyList<Collected> readings, CancellationToken ct)
    {
        var (map, now) = (await _lanes.Known(ct), _clock.GetCurrentInstant());
        if (map.IsSingle)
        {
            return [.. (await Take(await BatchOf(readings, ct), _home, null, now, ct)).Items()];
        }

        var items = new ItemOutcome[readings.Count];
        foreach (var part in readings.Index().GroupBy(one => WhoseOf(one.Item)))
        {
            var lane = part.Key is { } whose ? map.Of(whose) : _home;
            var taken = await Take(await BatchOf([.. part.Select(one => one.Item)], ct), lane, part.Key, now, ct);
            foreach (var (one, item) in part.Zip(taken.Items()))
            {
                items[one.Index] = item;
            }
        }

        return items;
    }

    private static LandlordId? WhoseOf(Collected one) =>
        one.Reading?.Resource.Landlord ?? one.Correction?.Landlord ?? one.Misfit?.Landlord;

    /// <summary>
    /// Takes what may be of several landlords: where there are lanes each part where it lives, and it is told later
    /// what that came to.
    /// </summary>
    private async Task<IngestOutcome> Take(
        Batch batch, LandlordTakes takes, Instant now, string by, CancellationToken ct)
    {
        if ((await _lanes.Known(ct)).IsSingle)
        {
            var all = await Take(batch, _home, null, now, ct);
            await _heard.Note(batch, by, now, ct);
            return all.Outcome;
        }

        foreach (var (whose, part) in batch.Split(landlord => landlord ?? ""))
        {
            await takes.Add(whose, part, ct);
        }

        return new(0, 0, 0);
    }

    private LandlordTakes Takes(string by, CancellationToken ct) => new(async (whose, part) =>
    {
        var now = _clock.GetCurrentInstant();
        LandlordId? landlord = whose.Length > 0 ? new LandlordId(whose) : null;
        var lane = landlord is { } one ? _lanes.Last.Of(one) : _home;
        var outcome = (await Take(part, lane, landlord, now, ct)).Outcome;
        await _heard.Note(part, by, now, ct);
        part.Release();
        return outcome;
    });

    /// <summary>Takes what is of one landlord; where that has moved meanwhile, where it lives now.</summary>
    private async Task<BatchOutcome> Take(
        Batch batch, Lane lane, LandlordId? whose, Instant now, CancellationToken ct)
    {
        for (var (map, tried) = (_lanes.Last, 1); ; tried++)
        {
            try
            {
                return await lane.Intake.Take(batch, now).WaitAsync(ct);
            }
            catch (MovedAwayException)
            {
                map = await _lanes.After(map, tried, ct);
                lane = whose is { } landlord ? map.Of(landlord) : throw LaneSet.IsMoving();
            }
        }
    }

    private async Task<Batch> BatchOf(IReadOnlyCollection<Collected> readings, CancellationToken ct)
    {
        var now = _clock.GetCurrentInstant();
        var batch = new Batch(await _home.Intake.Names().WaitAsync(ct));
        foreach (var reading in readings)
        {
            batch.Add(reading, now);
        }

        return batch;
    }

    /// <summary>Notes that a source was heard that tells no readings.</summary>
    internal Task Hear(LandlordId landlord, string by, string source, CancellationToken ct) =>
        _heard.Note(landlord, by, source, _clock.GetCurrentInstant(), ct);

    /// <summary>Every source that was heard, by who brings it.</summary>
    public Task<IReadOnlyList<HeardSource>> Heard(CancellationToken ct) => _heard.All(ct);

    /// <summary>Forgets sources that were heard for a short while, long ago.</summary>
    public Task ForgetOldSources(CancellationToken ct) => _heard.Tidy(_clock.GetCurrentInstant(), ct);
}
