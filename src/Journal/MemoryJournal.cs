using NodaTime;

namespace Exchange.Journal;

/// <summary>The journal in memory, for tests: the same promises, no durability.</summary>
public sealed class MemoryJournal(IClock clock, Upcasts? upcasts = null) : IJournal
{
    private readonly Lock _gate = new();
    private readonly List<Recorded> _all = [];
    private readonly Dictionary<string, List<Recorded>> _streams = [];
    private readonly Upcasts _upcasts = upcasts ?? Upcasts.None;

    public Task<IReadOnlyList<TEvent>> Read<TEvent>(string stream, CancellationToken ct)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<TEvent>>(
                [.. _streams.GetValueOrDefault(stream, []).Select(e => e.Event.As<TEvent>(_upcasts))]);
        }
    }

    public Task Append(IReadOnlyList<StreamAppend> appends, CancellationToken ct)
    {
        lock (_gate)
        {
            Appends.CheckShape(appends);
            foreach (var append in appends)
            {
                if (_streams.GetValueOrDefault(append.Stream, []).Count != append.ExpectedVersion)
                {
                    throw new ConflictException(append.Stream);
                }
            }

            foreach (var append in appends)
            {
                foreach (var happened in append.Events)
                {
                    Appends.CheckText(append.Stream, happened);
                }
            }

            var at = Chain.Cut(clock.GetCurrentInstant());
            foreach (var append in appends)
            {
                foreach (var happened in append.Events)
                {
                    Record(append.Stream, happened, at);
                }
            }
        }

        return Task.CompletedTask;
    }

    public Task<IReadOnlyList<Recorded>> ReadAll(long after, int limit, CancellationToken ct)
    {
        lock (_gate)
        {
            return Task.FromResult<IReadOnlyList<Recorded>>([.. _all.Skip((int)after).Take(limit)]);
        }
    }

    private void Record(string stream, EventText happened, Instant at)
    {
        if (!_streams.TryGetValue(stream, out var events))
        {
            _streams[stream] = events = [];
        }

        var before = _all.Count == 0 ? Chain.Genesis : _all[^1].Hash;
        var recorded = new Recorded(_all.Count + 1, stream, events.Count, happened, at, Hash: default)
        {
            Headers = EventHeaders.Current,
        };
        recorded = recorded with { Hash = Chain.Link(before.Span, recorded) };
        events.Add(recorded);
        _all.Add(recorded);
    }
}
