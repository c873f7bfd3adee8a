using System.Collections;
using System.Runtime.CompilerServices;

namespace Exchange;

/// <summary>
/// A rule said no: what is wrong, where, why, and what to do. The code is part of the API and never changes.
/// </summary>
public sealed record Refusal(string Code, string Message, string? Where = null)
{
    public override string ToString() => Where is null ? $"{Code}: {Message}" : $"{Where}: {Code}: {Message}";
}

/// <summary>
/// Carries a refusal through code that cannot answer with one; the command line and the API unwrap it.
/// </summary>
public sealed class RefusedException(Refusal refusal) : Exception(refusal.ToString())
{
    public Refusal Refusal => refusal;

    /// <summary>Everything that is wrong, where more than one thing is; the first is <see cref="Refusal"/>.</summary>
    public IReadOnlyList<Refusal> All { get; private init; } = [refusal];

    /// <exception cref="RefusedException">Something is wrong; all of it is told.</exception>
    public static void ThrowIfAny(IReadOnlyList<Refusal> refusals)
    {
        if (refusals.Count > 0)
        {
            throw new RefusedException(refusals[0]) { All = refusals };
        }
    }
}

/// <summary>What a rule answered: events to append — perhaps none — or a refusal.</summary>
[CollectionBuilder(typeof(Decision), nameof(Decision.Accept))]
public sealed class Decision<TEvent>(IReadOnlyList<TEvent> events, Refusal? refusal = null) : IEnumerable<TEvent>
{
    public IReadOnlyList<TEvent> Events => events;
    public Refusal? Refusal => refusal;

    /// <summary>The events, where a refusal goes to whoever asked.</summary>
    /// <exception cref="RefusedException">The rule said no.</exception>
    public IReadOnlyList<TEvent> OrThrow() => refusal is null ? events : throw new RefusedException(refusal);

    public static implicit operator Decision<TEvent>(Refusal refusal) => new([], refusal);

    public IEnumerator<TEvent> GetEnumerator() => events.GetEnumerator();
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>Lets a rule answer with a collection expression.</summary>
public static class Decision
{
    public static Decision<TEvent> Accept<TEvent>(ReadOnlySpan<TEvent> events) => new(events.ToArray());
}
