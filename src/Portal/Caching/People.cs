using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>Everybody who answers for a project at an instant, with their institution; each of them once.</summary>
internal sealed class People(StateCache states, Func<Institutions> institutions)
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
        foreach (var from in directory.Facts.Values.SelectMany(facts => facts.Select(fact => fact.From))
            .Concat(directory.Affiliations.Values.SelectMany(of => of.Select(one => one.From))))
        {
            if (from > at)
            {
                until = Instant.Min(until, from); // From then on somebody else may answer, or work elsewhere.
            }
        }

        var found = new Attribution(directory, all).PeopleAt(at);
        return new(directory, all, at, until, [.. found.Select(pi => (new PiId(pi.Key), pi.Value))]);
    }
}
