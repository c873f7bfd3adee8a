using NodaTime;

namespace Exchange.Journal;

/// <summary>Append-only streams of events. Two implementations: Postgres, and memory for tests.</summary>
public interface IJournal
{
    /// <summary>The events of one stream, oldest first; none for a stream that nobody appended to.</summary>
    Task<IReadOnlyList<TEvent>> Read<TEvent>(string stream, CancellationToken ct);

    /// <summary>Appends to any number of streams, all or nothing.</summary>
    /// <exception cref="ConflictException">
    /// Someone appended to one of the streams since its expected version.
    /// </exception>
    Task Append(IReadOnlyList<StreamAppend> appends, CancellationToken ct);

    /// <summary>
    /// The events of all streams after a position, in the order of their positions, at most <paramref name="limit"/>.
    /// An event that is not there yet can only ever get a higher position than every event that is there.
    /// </summary>
    Task<IReadOnlyList<Recorded>> ReadAll(long after, int limit, CancellationToken ct);
}

/// <summary>Events for one stream, and how many events the writer has seen in it.</summary>
public sealed record StreamAppend(string Stream, long ExpectedVersion, IReadOnlyList<EventText> Events)
{
    public static StreamAppend Of<TEvent>(string stream, long expectedVersion, IEnumerable<TEvent> events) =>
        new(stream, expectedVersion, [.. events.Select(EventText.Of)]);

    /// <summary>The same, where events become text when they are asked for: for whoever appends thousands.</summary>
    public static StreamAppend Later<TEvent>(string stream, long expectedVersion, IReadOnlyList<TEvent> events) =>
        new(stream, expectedVersion, new LaterTexts<TEvent>(events));
}

/// <summary>An event as the journal keeps it: its place, its text as stored, and its link of the hash chain.</summary>
/// <param name="Position">Its place among all events, from 1, without gaps.</param>
/// <param name="Version">Its place in its stream, from 0.</param>
/// <param name="Hash">SHA-256 over the hash before it, its place and time, and what it says.</param>
public sealed record Recorded(
    long Position, string Stream, long Version, EventText Event, Instant At, ReadOnlyMemory<byte> Hash)
{
    /// <summary>Who did it, by which command and in which request; null for events of before.</summary>
    public EventHeaders? Headers { get; init; }

    /// <summary>What was stored and hashed, where somebody was erased from it since; null elsewhere.</summary>
    public Recorded? AsStored { get; init; }

    /// <summary>What was random in the hash of what it says; null where it is linked by its text, or was taken out.
    /// </summary>
    public ReadOnlyMemory<byte>? Salt { get; init; }

    /// <summary>The hash of what it said before somebody was erased from it; null elsewhere.</summary>
    public ReadOnlyMemory<byte>? Content { get; init; }

    /// <summary>What stands before the first '-' of the stream's name: 'invoice' of 'invoice-PI-2026-0001'.</summary>
    public string Category => Stream.Split('-', 2)[0];
}

/// <summary>Someone else appended first.</summary>
public sealed class ConflictException(string stream)
    : Exception($"{stream} has moved on; read it again and decide again.");

/// <summary>The whole application layer: read, fold, ask the rule, append its answer.</summary>
public static class JournalDecisions
{
    public static string StreamOf<TState, TEvent>(this Fold<TState, TEvent> fold, object id) => $"{fold.Category}-{id}";

    /// <summary>Reads a stream, asks the rule, appends the answer at the version read.</summary>
    public static async Task<Decision<TEvent>> Decide<TState, TEvent>(
        this IJournal journal, Fold<TState, TEvent> fold, object id,
        Func<TState, Decision<TEvent>> rule, CancellationToken ct)
    {
        var stream = fold.StreamOf(id);
        var events = await journal.Read<TEvent>(stream, ct);
        var decision = rule(fold.Of(events));
        if (decision.Events.Count > 0)
        {
            await journal.Append([StreamAppend.Of(stream, events.Count, decision.Events)], ct);
        }

        return decision;
    }

    /// <summary>What a stream has become.</summary>
    public static async Task<TState> State<TState, TEvent>(
        this IJournal journal, Fold<TState, TEvent> fold, object id, CancellationToken ct) =>
        fold.Of(await journal.Read<TEvent>(fold.StreamOf(id), ct));
}
