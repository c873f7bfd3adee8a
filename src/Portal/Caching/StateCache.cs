using System.Collections.Concurrent;
using Exchange.Journal;

namespace Exchange.Portal;

/// <summary>
/// What long streams that many pages read have become, kept between requests. Each time a stream is read on from where
/// it was left, so what is answered is as new as the journal; what is kept only spares reading the rest again.
/// </summary>
internal sealed class StateCache(PostgresJournal journal)
{
    private readonly ConcurrentDictionary<string, (long Version, object State)> _kept = new(StringComparer.Ordinal);

    /// <summary>What a stream has become. Not for those of each PI: too many.</summary>
    public async Task<TState> State<TState, TEvent>(Fold<TState, TEvent> fold, object id, CancellationToken ct)
        where TState : class => (await Versioned(fold, id, ct)).State;

    /// <summary>The same, and how many events made it so.</summary>
    public async Task<(TState State, long Version)> Versioned<TState, TEvent>(
        Fold<TState, TEvent> fold, object id, CancellationToken ct)
        where TState : class
    {
        var stream = fold.StreamOf(id);
        var (version, kept) = _kept.GetValueOrDefault(stream, (0, fold.Initial));
        var state = (TState)kept;
        var happened = await journal.Read<TEvent>(stream, version, ct);
        if (happened.Count > 0)
        {
            state = happened.Aggregate(state, fold.Evolve);
            var next = (version + happened.Count, (object)state);
            _kept.AddOrUpdate(stream, next, (_, other) => other.Version > next.Item1 ? other : next);
        }

        return (state, version + happened.Count);
    }
}
