using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Metering;

/// <summary>What an operator decided about what was set aside. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Released), "quarantine-released/1")]
[JsonDerivedType(typeof(Discarded), "quarantine-discarded/1")]
public abstract record QuarantineEvent
{
    private QuarantineEvent() { }

    /// <param name="Text">What was taken in its place: the reading as it was, or as the operator corrected it.</param>
    public sealed record Released(string Text, string By, Instant At) : QuarantineEvent;

    public sealed record Discarded(string Because, string By, Instant At) : QuarantineEvent;
}

/// <summary>A reading that was set aside waits until an operator releases or discards it, once.</summary>
public abstract record QuarantineStatus
{
    private QuarantineStatus() { }

    public sealed record Waiting : QuarantineStatus;
    public sealed record Released(string By, Instant At) : QuarantineStatus;
    public sealed record Discarded(string By, Instant At, string Because) : QuarantineStatus;

    public static readonly Fold<QuarantineStatus, QuarantineEvent> Fold = new("quarantine", new Waiting(), Evolve);

    private static QuarantineStatus Evolve(QuarantineStatus fate, QuarantineEvent happened) => (fate, happened) switch
    {
        (Waiting, QuarantineEvent.Released e) => new Released(e.By, e.At),
        (Waiting, QuarantineEvent.Discarded e) => new Discarded(e.By, e.At, e.Because),
        _ => throw new CorruptStreamException(fate, happened),
    };

    public static Decision<QuarantineEvent> Release(QuarantineStatus fate, string text, string by, Instant now) =>
        fate switch
        {
            Waiting => [new QuarantineEvent.Released(text, by, now)],
            Released => [],
            _ => new Refusal(
                "quarantine/discarded", "It was discarded. Send the reading again under an id of its own."),
        };

    public static Decision<QuarantineEvent> Discard(QuarantineStatus fate, string because, string by, Instant now) =>
        fate switch
        {
            Waiting when Text.IsBlank(because) =>
                new Refusal("quarantine/no-reason", "Say why it is discarded: the reason is kept for ever."),
            Waiting => [new QuarantineEvent.Discarded(because, by, now)],
            Discarded => [],
            _ => new Refusal("quarantine/released", "It was released and is counted."),
        };
}

/// <summary>A reading that was set aside, how people call it, and what became of it.</summary>
/// <param name="Fate">'waiting', 'released' or 'discarded'.</param>
public sealed record QuarantinedReading(
    string Name, RejectedReading Misfit, Instant At, string Fate, string? By, Instant? DecidedAt, string? Because)
{
    /// <summary>Why a reading is set aside of whose id another was taken first.</summary>
    public const string OtherContent = "reading/same-id-other-content";

    /// <summary>Whether it may be taken as the correction of what was taken first.</summary>
    public bool IsOtherContent => Misfit.Reason == OtherContent;
}
