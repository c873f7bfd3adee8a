namespace Exchange.Metering;

/// <summary>Takes readings, each once for ever; here what was set aside is decided about.</summary>
public sealed partial class Meter
{
    /// <summary>What waits in quarantine, newest first, at most so many.</summary>
    public async Task<IReadOnlyList<RejectedReading>> Quarantine(int limit, CancellationToken ct) =>
        [.. (await _quarantine.List("", "waiting", limit, ct)).Select(s => s.Misfit)];

    /// <summary>What was set aside and what became of it, newest first; with an empty fate all of it.</summary>
    public Task<IReadOnlyList<QuarantinedReading>> Quarantine(string fate, int limit, CancellationToken ct) =>
        _quarantine.List("", fate, limit, ct);

    /// <summary>Takes a reading out of quarantine: as it came, its cause repaired, or as corrected.</summary>
    /// <exception cref="RefusedException">It is unknown, was discarded, or still cannot be taken.</exception>
    public async Task<IngestOutcome> Release(string name, string? corrected, string by, CancellationToken ct)
    {
        var text = corrected ?? (await _quarantine.Find(name, ct)).Misfit.Text;
        var now = _clock.GetCurrentInstant();
        if (QuarantineStatus.Release(await _quarantine.FateOf(name, ct), text, by, now).Refusal is { } refusal)
        {
            throw new RefusedException(refusal);
        }

        // The reading first: if we die before the decision is kept, releasing again counts nothing twice.
        var reading = Bounds.Check(ReadAgain.Of(text), now);
        var taken = reading.Misfit is { } misfit ? null : (await IngestEach([reading], ct)).Single();
        if (taken is null or { Fate: ItemFate.Quarantined })
        {
            throw new RefusedException(new(
                "quarantine/still-wrong", $"It still cannot be taken: {reading.Misfit?.Why ?? taken!.Why}"));
        }

        await _quarantine.Decide(name, fate => QuarantineStatus.Release(fate, text, by, now), ct);
        return new(taken.Fate == ItemFate.Accepted ? 1 : 0, taken.Fate == ItemFate.Duplicate ? 1 : 0, 0);
    }

    /// <summary>Decides that a reading in quarantine never counts.</summary>
    /// <exception cref="RefusedException">It is unknown, was released, or no reason is given.</exception>
    public async Task Discard(string name, string because, string by, CancellationToken ct)
    {
        await _quarantine.Find(name, ct);
        var now = _clock.GetCurrentInstant();
        await _quarantine.Decide(name, fate => QuarantineStatus.Discard(fate, because, by, now), ct);
    }
}
