using System.Diagnostics.CodeAnalysis;
using NodaTime;

namespace Exchange;

/// <summary>A stretch of time that includes its start and excludes its end. It may be empty, never negative.</summary>
public readonly record struct Period : IParsable<Period>
{
    public Period(Instant start, Instant end)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(end, start);
        Start = start;
        End = end;
    }

    public Instant Start { get; }
    public Instant End { get; }
    public Duration Length => End - Start;
    public bool IsEmpty => Start == End;

    public bool Contains(Instant instant) => Start <= instant && instant < End;

    public bool Overlaps(Period other) => Start < other.End && other.Start < End;

    /// <summary>What both periods share, or null when they share no instant.</summary>
    public Period? Clip(Period other)
    {
        var start = Instant.Max(Start, other.Start);
        var end = Instant.Min(End, other.End);
        return start < end ? new Period(start, end) : null;
    }

    public override string ToString() => $"{Text.Of(Start)}/{Text.Of(End)}";

    public static Period Parse(string s, IFormatProvider? provider = null)
    {
        if (s.Split('/') is not [var start, var end])
        {
            throw new FormatException(
                $"'{s}' is not a period. Write it like '2026-11-01T00:00:00Z/2026-12-01T00:00:00Z'.");
        }

        var (from, until) = (Text.Instant(start), Text.Instant(end));
        return from <= until ? new(from, until) : throw new FormatException($"'{s}' ends before it starts.");
    }

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out Period result) =>
        Text.TryParse(s, Parse, out result);
}
