using NodaTime;

namespace Exchange.Metering.Collectors.Live;

/// <summary>One run of a collector: where it stands, and how it hands over what it has read.</summary>
public sealed class Collecting
{
    private readonly Meter _meter;
    private readonly CollectorLog _log;
    private readonly IClock _clock;
    private readonly CollectorIdentity _who;

    internal Collecting(Meter meter, CollectorLog log, IClock clock, CollectorIdentity who, CollectorState state)
    {
        (_meter, _log, _clock, _who) = (meter, log, clock, who);
        (Position, ReadUntil, Gaps) = (state.Position, state.ReadUntil, state.Gaps);
    }

    public Instant Now => _clock.GetCurrentInstant();

    /// <summary>Where the collector stopped, in its own words; null before the first time.</summary>
    public string? Position { get; private set; }
    public Instant? ReadUntil { get; private set; }
    public IReadOnlyList<CollectorGap> Gaps { get; }

    /// <summary>What was taken in this run.</summary>
    public IngestOutcome Sum { get; private set; } = new(0, 0, 0);

    /// <summary>What a format's reader is told; one for each batch, so that its tally is the batch's.</summary>
    public CollectorContext Context(string from) => new(_who.Landlord, _who.Cluster, Now, from) { By = By };

    /// <summary>How sources are heard by this collector.</summary>
    private string By => $"collector:{_who.Name}";

    /// <summary>
    /// Takes a batch for good and then moves the position: after a crash in between, the batch comes again and is
    /// known.
    /// </summary>
    public async Task Take(
        IEnumerable<Collected> batch, string position, Instant? readUntil, long? waiting, Tally tally,
        CancellationToken ct)
    {
        var outcome = await _meter.Ingest(batch, ct, By);
        await Move(position, readUntil, waiting, outcome, tally, ct);
    }

    /// <summary>Notes that the collector's source was heard, where it tells no readings.</summary>
    internal Task Heard(string source, CancellationToken ct) => _meter.Hear(_who.Landlord, By, source, ct);

    /// <summary>Moves the position after something was taken in another way.</summary>
    internal async Task Move(
        string position, Instant? readUntil, long? waiting, IngestOutcome outcome, Tally tally, CancellationToken ct)
    {
        await _log.Move(_who.Name, new(position, readUntil, waiting, outcome, tally.Ignored), ct);
        (Position, ReadUntil) = (position, readUntil ?? ReadUntil);
        Sum += outcome;
    }

    /// <summary>Says what of a window that was read now is missing; of other times nothing changes.</summary>
    public Task Missing(Period window, IEnumerable<Period> missing, CancellationToken ct) =>
        _log.Noted(_who.Name, window, missing, Now, ct);

    internal Task<bool> HasTaken(byte[] sha256, CancellationToken ct) => _log.HasTaken(_who.Name, sha256, ct);

    internal Task MarkAccepted(byte[] sha256, string file, CancellationToken ct) =>
        _log.MarkAccepted(_who.Name, sha256, file, Now, ct);
}
