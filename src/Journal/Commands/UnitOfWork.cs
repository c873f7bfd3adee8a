namespace Exchange.Journal;

/// <summary>
/// What one command reads and means to write. Each stream is written at the version at which it was read, and all of
/// it is appended together or not at all.
/// </summary>
public sealed class UnitOfWork(IJournal journal)
{
    private readonly Dictionary<string, long> _versions = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<EventText>> _events = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];

    /// <summary>What is to be appended, in the order in which the command asked for it.</summary>
    public IReadOnlyList<StreamAppend> Appends =>
        [.. _order.Select(stream => new StreamAppend(stream, _versions[stream], _events[stream]))];

    /// <summary>The events of a stream as they are stored; what is appended here is not among them.</summary>
    /// <exception cref="ConflictException">The stream has moved on since this command read it first.</exception>
    public async Task<IReadOnlyList<TEvent>> Read<TEvent>(string stream, CancellationToken ct)
    {
        var events = await journal.Read<TEvent>(stream, ct);
        return _versions.TryAdd(stream, events.Count) || _versions[stream] == events.Count
            ? events
            : throw new ConflictException(stream);
    }

    /// <summary>What a stream has become.</summary>
    public async Task<TState> State<TState, TEvent>(Fold<TState, TEvent> fold, object id, CancellationToken ct) =>
        fold.Of(await Read<TEvent>(fold.StreamOf(id), ct));

    /// <summary>Adds events to a stream that this command has read.</summary>
    /// <exception cref="InvalidOperationException">It was not read: nobody knows what the events follow.</exception>
    public void Append<TEvent>(string stream, IEnumerable<TEvent> events) =>
        Append(stream, events.Select(EventText.Of).ToList());

    /// <inheritdoc cref="Append{TEvent}(string, IEnumerable{TEvent})"/>
    public void Append(string stream, IReadOnlyList<EventText> events)
    {
        if (!_versions.ContainsKey(stream))
        {
            throw new InvalidOperationException($"{stream} was not read, and so cannot be appended to.");
        }

        if (events.Count == 0)
        {
            return;
        }

        if (_events.TryGetValue(stream, out var known))
        {
            _events[stream] = [.. known, .. events];
        }
        else
        {
            _events.Add(stream, events);
            _order.Add(stream);
        }
    }

    /// <summary>Adds events to a stream that something else has read, at the version at which it did.</summary>
    /// <exception cref="ConflictException">This command has read it at another version.</exception>
    public void Append(StreamAppend append)
    {
        if (!_versions.TryAdd(append.Stream, append.ExpectedVersion) &&
            _versions[append.Stream] != append.ExpectedVersion)
        {
            throw new ConflictException(append.Stream);
        }

        Append(append.Stream, append.Events);
    }

    /// <summary>Begins a stream to which nobody has written.</summary>
    public void Create<TEvent>(string stream, IEnumerable<TEvent> events)
    {
        _versions.TryAdd(stream, 0);
        Append(stream, events);
    }
}
