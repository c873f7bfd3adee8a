using System.Text.Json;
using NodaTime;

namespace Exchange.Metering;

/// <summary>The four things a reporter can say about a resource (CONTRACT section 3).</summary>
public enum ReadingType
{
    /// <summary>The resource had this shape and state during [From, To).</summary>
    Interval,

    /// <summary>From From on, until the next state reading of the resource.</summary>
    State,

    /// <summary>Seen at From; stands for [From, To), one step.</summary>
    Sample,

    /// <summary>So much of a meter was used, at From or during [From, To).</summary>
    Count,
}

/// <summary>
/// One reported fact about a resource, understood and in bounds. (Source, Id) counts once, for ever.
/// Instants are whole microseconds; a finer instant is cut.
/// </summary>
public sealed record Reading
{
    public required string Source { get; init; }
    public required string Id { get; init; }
    public required ReadingType Type { get; init; }
    public required ResourceId Resource { get; init; }
    public required ProjectId Project { get; init; }

    /// <summary>When the fact begins: of an interval its start, of a state, sample or count its time.</summary>
    public required Instant From { get; init; }

    /// <summary>When it ends, exclusive; equal to From for states and for counts at an instant.</summary>
    public required Instant To { get; init; }

    public ResourceState State { get; init; }
    public Shape Shape { get; init; } = Shape.Empty;

    /// <summary>What is counted ('egress', 'tokens'); null unless Type is Count.</summary>
    public string? Meter { get; init; }

    /// <summary>How much was counted; 0 unless Type is Count.</summary>
    public decimal Quantity { get; init; }

    /// <summary>As it is shown and kept where somebody decides about it: one line of JSON.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, Text.Json);
}

/// <summary>What could not be understood: kept as it came, with the reason, until an operator decides.</summary>
/// <param name="Reason">A stable code listed in docs/refusals.md, such as 'reading/negative-quantity'.</param>
/// <param name="Why">A sentence: what is wrong, where, and what to do.</param>
/// <param name="Text">The reading as it came.</param>
public sealed record RejectedReading(string Reason, string Why, string Source, string Id, LandlordId? Landlord,
    string Text)
{
    /// <summary>How much of a text is kept: nobody reads or corrects a longer one here.</summary>
    public const int MaxTextLength = 1 << 16;
}

/// <summary>What a collector made of one record of its input: a reading, a misfit, or a correction.</summary>
public readonly record struct Collected(Reading? Reading, RejectedReading? Misfit, UsageCorrection? Correction = null)
{
    public static implicit operator Collected(UsageCorrection correction) => new(null, null, correction);
    public static implicit operator Collected(Reading reading) => new(reading, null);
    public static implicit operator Collected(RejectedReading misfit) => new(null, misfit);
}
