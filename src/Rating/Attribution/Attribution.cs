using System.Collections.Immutable;
using Exchange.Metering;
using NodaTime;

namespace Exchange.Rating;

/// <summary>Who a project's usage is billed to; without a PI it goes to the suspense account.</summary>
/// <param name="Name">The project's name, or its id when nothing is known of it.</param>
/// <param name="Institution">The name of the PI's institution; null for a PI of none that is known.</param>
/// <param name="IsKnown">Whether the directory knew the project at that instant.</param>
public sealed record Attributed(
    string Name, PiId? Pi, string? Institution, string? Code, bool IsCourse, bool IsKnown)
{
    /// <summary>What the project is about, by the last word on it; null where nobody said.</summary>
    public string? Title { get; init; }

    /// <summary>The name of the PI as a person, by the last word on it; null where nobody said.</summary>
    public string? PiName { get; init; }

    /// <summary>Why its usage is not billed; null where it is.</summary>
    public string? NotBilled { get; init; }

    /// <summary>What decides whom usage is billed to; how things are called is no part of it.</summary>
    internal Attributed Owner => this with { Title = null, PiName = null };
}

/// <summary>Says who answers for a project at an instant: the directory and the institutions together.</summary>
public sealed class Attribution(
    ProjectDirectory directory, Institutions institutions, Billability? billability = null)
{
    private readonly Billability _billability = billability ?? Billability.Everything;

    public Institutions Institutions => institutions;

    /// <summary>
    /// Whose usage a segment is: its project's, or that of the part that a label names, as 'notebooks:cs101'; what has
    /// no label is of 'notebooks:noclass'.
    /// </summary>
    public ProjectId UserOf(in Segment segment) =>
        directory.At(segment.Resource.Cluster, segment.Project, segment.Period.Start)?.SplitBy is { } label
            ? new($"{segment.Project}:{segment.Shape.Word(label) ?? $"no{label}"}")
            : segment.Project;

    /// <summary>Whether labels divide a project, in some cluster and at some time.</summary>
    public bool IsSplit(ProjectId project) => directory.Facts.Any(
        facts => facts.Key.Project == project && facts.Value.Exists(fact => fact.SplitBy is not null));

    public Attributed Of(ClusterId cluster, ProjectId project, Instant at)
    {
        var (owner, month) = (OwnerOf(cluster, project, at), BillingMonth.Of(at));
        return owner with
        {
            NotBilled = _billability.WhyNot(
                cluster, project, owner, institutions.At(month).Named(owner.Institution), month, directory.PiOf),
        };
    }

    private Attributed OwnerOf(ClusterId cluster, ProjectId project, Instant at)
    {
        if ((directory.At(cluster, project, at) ?? PartAt(cluster, project, at)) is not { } fact)
        {
            return new(project.Value, null, null, null, false, false);
        }

        var told = directory.Facts.GetValueOrDefault((cluster, fact.Project), []);
        var pi = fact.Pi is { } address ? directory.PiOf(address) : (PiId?)null;
        return new(
            fact.Name, pi, pi is { } person ? InstitutionOf(person, fact.Pi!.Value, at) : null,
            fact.Code, fact.IsCourse, true)
        {
            Title = told.LastOrDefault()?.Title,
            PiName = told.FindLast(one => one.Pi == fact.Pi && one.PiName is not null)?.PiName,
        };
    }

    /// <summary>
    /// For whom a person worked at an instant on what they were billed for: by the address that the project had then,
    /// where it was theirs.
    /// </summary>
    public string? InstitutionOf(PiId person, ClusterId cluster, ProjectId project, Instant at)
    {
        var address = (directory.At(cluster, project, at) ?? PartAt(cluster, project, at))?.Pi;
        person = directory.PiOf(person);
        return InstitutionOf(
            person, address is { } known && directory.PiOf(known) == person ? known : person, at);
    }

    /// <summary>
    /// For whom a person works at an instant, by any project that they answer for then, or else by what is said of them
    /// and their address.
    /// </summary>
    public string? InstitutionOf(PiId pi, Instant at)
    {
        var person = directory.PiOf(pi);
        foreach (var facts in directory.Facts.Values)
        {
            if (facts.FindLast(fact => fact.From <= at)?.Pi is { } address && directory.PiOf(address) == person &&
                InstitutionOf(person, address, at) is { } known)
            {
                return known;
            }
        }

        return InstitutionOf(person, person, at);
    }

    /// <summary>The instants inside a period at which a project's owner, name or institution changes.</summary>
    public ImmutableArray<Instant> MovesOf(ClusterId cluster, ProjectId project, Period period)
    {
        var colon = project.Value.IndexOf(':', StringComparison.Ordinal);
        var facts = directory.Facts.GetValueOrDefault((cluster, project), []);
        var ofWhole = colon < 0 ? [] : directory.Facts.GetValueOrDefault((cluster, new(project.Value[..colon])), []);
        return
        [
            .. facts.Concat(ofWhole).Select(fact => fact.From)
                .Concat(directory.Affiliations.Values.SelectMany(of => of.Select(one => one.From))).Distinct().Order()
                .Where(from => from > period.Start && from < period.End)
                .Where(from => Of(cluster, project, from).Owner !=
                    Of(cluster, project, from - Duration.Epsilon).Owner),
        ];
    }

    /// <summary>
    /// What of a period's usage is divided and how: projects that change hands in it, and those that labels divide.
    /// What is not named here is whole.
    /// </summary>
    public IEnumerable<(ClusterId Cluster, ProjectId Project, string How)> Divided(Period period)
    {
        var isMoved = directory.Affiliations.Values.Any(of => of.Exists(one => period.Contains(one.From)));
        foreach (var ((cluster, project), facts) in directory.Facts)
        {
            var isSplit = facts.Exists(fact => fact.SplitBy is not null);
            if (isMoved || isSplit || facts.Exists(fact => period.Contains(fact.From)))
            {
                var how = string.Join(' ', MovesOf(cluster, project, period).Select(Text.Of).Concat(
                    isSplit ? facts.Select(fact => $"{Text.Of(fact.From)}:{fact.SplitBy}") : []));
                if (how.Length > 0)
                {
                    yield return (cluster, project, how);
                }
            }
        }
    }

    /// <summary>Everybody who answers for a project at an instant, by address, with their institution.</summary>
    public SortedDictionary<string, string?> PeopleAt(Instant at)
    {
        var found = new SortedDictionary<string, string?>(StringComparer.Ordinal);
        foreach (var facts in directory.Facts.OrderBy(of => of.Key.Cluster.Value, StringComparer.Ordinal)
            .ThenBy(of => of.Key.Project.Value, StringComparer.Ordinal))
        {
            if (facts.Value.FindLast(fact => fact.From <= at)?.Pi is { } address)
            {
                var person = directory.PiOf(address);
                found.TryAdd(person.Value, InstitutionOf(person, address, at));
            }
        }

        return found;
    }

    /// <summary>For whom people work at an instant, whether or not they answer for a project then.</summary>
    public Func<PiId, string?> InstitutionsAt(Instant at)
    {
        var people = PeopleAt(at);
        return pi => people.TryGetValue(directory.PiOf(pi).Value, out var known)
            ? known
            : InstitutionOf(directory.PiOf(pi), pi, at);
    }

    /// <summary>
    /// For whom a person works at an instant: as was said of them; else by the address that the project had then, or,
    /// where that is of no institution, by the one that the person is known under.
    /// </summary>
    private string? InstitutionOf(PiId person, PiId address, Instant at)
    {
        if (directory.AffiliationOf(person, at) is { } said)
        {
            return said.Institution;
        }

        var list = institutions.At(BillingMonth.Of(at));
        return (list.OfAddress(ProjectDirectory.Spelled(address).Value) ?? list.OfAddress(person.Value))?.Name;
    }

    /// <summary>Whoever answers for the whole of a project answers for its parts, unless they are told apart.</summary>
    private ProjectFact? PartAt(ClusterId cluster, ProjectId part, Instant at)
    {
        var colon = part.Value.IndexOf(':', StringComparison.Ordinal);
        return colon > 0 && directory.At(cluster, new(part.Value[..colon]), at) is { SplitBy: not null } whole
            ? whole with { Name = $"{whole.Name}{part.Value[colon..]}" }
            : null;
    }
}
