namespace Exchange.Journal;

/// <summary>What is kept beside an event: who did it, by which command, and in which request.</summary>
public sealed record EventHeaders(string? Who = null, string? Command = null, string? Correlation = null)
{
    private static readonly AsyncLocal<EventHeaders?> Ambient = new();

    /// <summary>What the events appended from here get; null where nobody said.</summary>
    public static EventHeaders? Current => Ambient.Value is { IsEmpty: false } said ? said : null;

    private bool IsEmpty => Who is null && Command is null && Correlation is null;

    /// <summary>
    /// Says it for all that is appended until the answer is disposed, in this flow of calls and those it begins.
    /// </summary>
    public static IDisposable Use(EventHeaders headers)
    {
        var before = Ambient.Value;
        Ambient.Value = headers;
        return new Scope(before);
    }

    private sealed class Scope(EventHeaders? before) : IDisposable
    {
        public void Dispose() => Ambient.Value = before;
    }
}
