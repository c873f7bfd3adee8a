using NodaTime;

namespace Exchange.Metering;

/// <summary>A batch that waits to be written; without one, somebody waits for what others wrote.</summary>
internal sealed record Call(Batch? Batch, Instant Now)
{
    /// <summary>Fingerprints of readings that are to be found among the stored.</summary>
    public IReadOnlySet<Fingerprint.Key>? Sought { get; init; }

    /// <summary>Whether these are brought from another database, where their landlord lived until now.</summary>
    public bool IsMoving { get; init; }

    public Dictionary<Fingerprint.Key, (long Block, Row Row)> Found { get; set; } = [];

    public TaskCompletionSource<BatchOutcome> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
