using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Funds;

/// <summary>Everybody who answers for a project at an instant, with their institution; each of them once.</summary>
internal sealed class People(KeptStates states, Func<Institutions> institutions)
{
    private Known? _known;

    /// <summary>What was worked out from a directory, and during which time it holds.</summary>
    private sealed record Known(
        ProjectDirectory Directory, Institutions Institutions, Instant From, Instant Until,
        IReadOnlyList<(PiId Pi, string? Institution)> Pis);

    public async Task<IReadOnlyList<(PiId Pi, string? Institution)>> At(Instant at, CancellationToken ct)
    {
        var directory = await states.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var known = _known;
        if (known is null || !ReferenceEquals(known.Directory, directory) ||
            !ReferenceEquals(known.Institutions, institutions()) || at < known.From || at >= known.Until)
        {
            _known = known = WorkOut(directory, at);
        }

        return known.Pis;
    }

    private Known WorkOut(ProjectDirectory directory, Instant at)
    {
        var (all, until) = (institutions(), BillingMonth.Of(at).End); // Institutions are published by the month.
        var found = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        foreach (var facts in directory.Facts.Values)
        {
            foreach (var later in facts.Where(fact => fact.From > at))
            {
                until = Instant.Min(until, later.From); // From then on somebody else may answer.
            }

            if (facts.FindLast(fact => fact.From <= at)?.Pi is { } address)
            {
                var pi = directory.PiOf(address).Value;
                if (!found.ContainsKey(pi))
                {
                    found[pi] = all.At(BillingMonth.Of(at)).OfAddress(pi)?.Name;
                }
            }
        }

        return new(directory, all, at, until, [.. found.Select(pi => (new PiId(pi.Key), pi.Value))]);
    }
}
