using NodaTime;

namespace Exchange.Metering;

/// <summary>Takes readings, each once for ever; here what was set aside is decided about.</summary>
public sealed partial class Meter
{
    /// <summary>What waits in quarantine, newest first, at most so many.</summary>
    public async Task<IReadOnlyList<RejectedReading>> Quarantine(int limit, CancellationToken ct) =>
        [.. (await Quarantine("waiting", limit, ct)).Select(s => s.Misfit)];

    /// <summary>What was set aside and what became of it, newest first; with an empty fate all of it.</summary>
    public Task<IReadOnlyList<QuarantinedReading>> Quarantine(string fate, int limit, CancellationToken ct) =>
        SetAside(new(fate, limit), ct);

    /// <summary>What was set aside and what became of it, newest first.</summary>
    public async Task<IReadOnlyList<QuarantinedReading>> SetAside(QuarantineQuery query, CancellationToken ct)
    {
        var map = await _lanes.Now(ct);
        if (map.IsSingle)
        {
            return await _home.Quarantine.List(query, ct);
        }

        var found = new List<QuarantinedReading>();
        foreach (var lane in map.Lanes)
        {
            found.AddRange(await lane.Quarantine.List(query, ct));
        }

        // What was set aside of somebody who moved later is in both.
        return
        [
            .. found.DistinctBy(one => one.Name).OrderByDescending(one => one.At)
                .ThenBy(one => one.Name, StringComparer.Ordinal).Take(query.Limit),
        ];
    }

    /// <summary>How many wait in quarantine, counted up to so many; nothing of what they hold is read.</summary>
    public async Task<int> WaitingInQuarantine(int most, CancellationToken ct) =>
        (await WaitingByReason(most, ct)).Sum(one => one.Readings);

    /// <summary>The same by the reason that each waits for, the most first.</summary>
    public async Task<IReadOnlyList<(string Reason, int Readings)>> WaitingByReason(int most, CancellationToken ct)
    {
        var waiting = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var lane in (await _lanes.Now(ct)).Lanes)
        {
            foreach (var (name, reason) in await lane.Quarantine.Waiting(most, ct))
            {
                waiting[name] = reason;
            }
        }

        return
        [
            .. waiting.Values.Take(most).GroupBy(reason => reason, StringComparer.Ordinal)
                .Select(of => (of.Key, of.Count()))
                .OrderByDescending(of => of.Item2).ThenBy(of => of.Key, StringComparer.Ordinal),
        ];
    }

    /// <summary>Takes a reading out of quarantine: as it came, its cause repaired, or as corrected.</summary>
    /// <exception cref="RefusedException">It is unknown, was discarded, or still cannot be taken.</exception>
    public async Task<IngestOutcome> Release(string name, string? corrected, string by, CancellationToken ct)
    {
        var text = corrected ?? (await Find(name, ct)).Misfit.Text;
        var now = _clock.GetCurrentInstant();
        if (QuarantineStatus.Release(await _home.Quarantine.FateOf(name, ct), text, by, now).Refusal is { } refusal)
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

        await Decide(name, fate => QuarantineStatus.Release(fate, text, by, now), ct);
        return new(taken.Fate == ItemFate.Accepted ? 1 : 0, taken.Fate == ItemFate.Duplicate ? 1 : 0, 0);
    }

    /// <summary>
    /// Takes what was set aside because its id had other content as the correction of what was taken first.
    /// </summary>
    /// <returns>The id of the correction.</returns>
    /// <exception cref="RefusedException">It is unknown, decided, no such reading, or cannot be taken.</exception>
    public async Task<string> CorrectBy(string name, string reason, string by, CancellationToken ct)
    {
        var (found, now) = (await Find(name, ct), _clock.GetCurrentInstant());
        if (!found.IsOtherContent)
        {
            throw new RefusedException(new(
                "quarantine/not-other-content", $"'{name}' was set aside with {found.Misfit.Reason}. Only a reading " +
                $"of {QuarantinedReading.OtherContent} corrects another; release or discard this one."));
        }

        if (Text.IsBlank(reason))
        {
            throw new RefusedException(new(
                "quarantine/no-reason", "Say why the reading that was taken is wrong: the reason is kept for ever."));
        }

        var at = await DecidedAt(name, now, ct);
        var correction = ReadAgain.Of(found.Misfit.Text) switch
        {
            { Reading: { } right } =>
                Corrections.Of(right.Resource.Landlord, right.Source, right.Id, reason, right, at),
            { Correction: { } other } => Corrections.Again(other, reason, at),
            _ => throw new RefusedException(new("quarantine/still-wrong", "It still cannot be read.")),
        };
        var text = correction.ToEvent();
        if (QuarantineStatus.Release(await _home.Quarantine.FateOf(name, ct), text, by, now).Refusal is { } refusal)
        {
            throw new RefusedException(refusal);
        }

        var taken = (await IngestEach([correction], ct)).Single();
        if (taken.Fate == ItemFate.Quarantined)
        {
            throw new RefusedException(new("quarantine/still-wrong", $"It still cannot be taken: {taken.Why}"));
        }

        await Decide(name, fate => QuarantineStatus.Release(fate, text, by, now), ct);
        await Fold(ct);
        return correction.Id;
    }

    /// <summary>When it was decided; to ask again makes the same correction, and counts nothing twice.</summary>
    private async Task<Instant> DecidedAt(string name, Instant now, CancellationToken ct) =>
        await _home.Quarantine.FateOf(name, ct) is QuarantineStatus.Released released ? released.At : now;

    /// <summary>Decides that a reading in quarantine never counts.</summary>
    /// <exception cref="RefusedException">It is unknown, was released, or no reason is given.</exception>
    public async Task Discard(string name, string because, string by, CancellationToken ct)
    {
        await Find(name, ct);
        var now = _clock.GetCurrentInstant();
        await Decide(name, fate => QuarantineStatus.Discard(fate, because, by, now), ct);
    }

    /// <summary>
    /// Shows in the databases of all other lanes again what was decided, as the journal shows it now: after somebody
    /// was erased it says a token where it said who decided, or of whom they wrote. A replay does so too.
    /// </summary>
    /// <exception cref="RefusedException">The settings do not say how to reach one of them; the others are done.
    /// </exception>
    public async Task ShowDecisions(CancellationToken ct)
    {
        var map = await _lanes.Now(ct);
        foreach (var lane in map.Reachable.Skip(1))
        {
            await lane.Quarantine.Rebuild(ct);
        }

        _ = map.Lanes;
    }

    private async Task<QuarantinedReading> Find(string name, CancellationToken ct)
    {
        foreach (var lane in (await _lanes.Now(ct)).Lanes)
        {
            if (await lane.Quarantine.List(new("", 1) { Name = name }, ct) is [var found])
            {
                return found;
            }
        }

        throw new RefusedException(new(
            "quarantine/unknown", $"Nothing set aside is called '{name}'. See 'exchange quarantine list'."));
    }

    private async Task Decide(
        string name, Func<QuarantineStatus, Decision<QuarantineEvent>> rule, CancellationToken ct)
    {
        await _home.Quarantine.Decide(name, rule, ct);
        foreach (var lane in (await _lanes.Now(ct)).Lanes.Skip(1))
        {
            await lane.Quarantine.Show(name, ct);
        }
    }
}
