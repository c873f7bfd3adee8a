using System.Collections.Concurrent;
using Exchange.Journal;

namespace Exchange.Portal;

/// <summary>
/// What long streams that many pages read have become, kept between requests. Each time a stream is read on from where
/// it was left, so what is answered is as new as the journal; what is kept only spares reading the rest again.
/// </summary>
internal sealed class StateCache(PostgresJournal journal)
{
    private readonly ConcurrentDictionary<string, Kept> _kept = new(StringComparer.Ordinal);
    private readonly AsyncLocal<Reader?> _reader = new();

    /// <summary>How many streams are kept.</summary>
    public int Count => _kept.Count;

    /// <summary>
    /// What follows only reads: it asks once where the journal ends, and what is kept up to there is not asked for
    /// again. A page of ten states waits for the database once for all of them.
    /// </summary>
    public void ReadOnly() => _reader.Value = new();

    /// <summary>What a stream has become. Not for those of each PI: too many.</summary>
    public async Task<TState> State<TState, TEvent>(Fold<TState, TEvent> fold, object id, CancellationToken ct)
        where TState : class => (await Versioned(fold, id, ct)).State;

    /// <summary>The same, and how many events made it so.</summary>
    public async Task<(TState State, long Version)> Versioned<TState, TEvent>(
        Fold<TState, TEvent> fold, object id, CancellationToken ct)
        where TState : class
    {
        var stream = fold.StreamOf(id);
        var end = _reader.Value is { } reader ? await (reader.End ??= journal.End(ct)) : 0;
        var kept = _kept.GetValueOrDefault(stream) ?? new(0, fold.Initial, -1, 0);
        if (end > 0 && kept.End >= end)
        {
            return ((TState)kept.State, kept.Version);
        }

        var (happened, erasures) = await journal.ReadSince<TEvent>(stream, kept.Version, ct);
        if (erasures != kept.Erasures)
        {
            kept = new(0, fold.Initial, -1, erasures); // Somebody was erased: what is kept may hold them.
            (happened, _) = await journal.ReadSince<TEvent>(stream, 0, ct);
        }

        var state = happened.Aggregate((TState)kept.State, fold.Evolve);
        var next = new Kept(kept.Version + happened.Count, state, Math.Max(end, kept.End), erasures);
        if (next.Version > 0 || _reader.Value is not null)
        {
            // Of what is not there only what pages ask for is kept: strangers may ask for any name.
            _kept.AddOrUpdate(stream, next, (_, other) => other.IsAfter(next) ? other : next);
        }

        return (state, next.Version);
    }

    /// <summary>What a stream has become.</summary>
    /// <param name="End">The position in the journal up to which nothing of it is missing.</param>
    /// <param name="Erasures">How many people had been erased.</param>
    private sealed record Kept(long Version, object State, long End, long Erasures)
    {
        public bool IsAfter(Kept other) =>
            (Erasures, Version, End).CompareTo((other.Erasures, other.Version, other.End)) > 0;
    }

    /// <summary>Where the journal ended when one request first asked.</summary>
    private sealed class Reader
    {
        public Task<long>? End { get; set; }
    }
}
