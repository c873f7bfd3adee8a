using System.Collections.Immutable;
using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// Who answers for which project: dated facts, and which addresses are one person. Addresses are compared in lower
/// case, so that two spellings are never two people.
/// </summary>
public sealed record ProjectDirectory
{
    /// <summary>The one directory of an exchange: its stream is 'directory-exchange'.</summary>
    public const string Id = "exchange";

    /// <summary>From when the first fact about a project holds, when nobody says: usage may be older.</summary>
    public static readonly Instant Always = NodaConstants.UnixEpoch;

    public static readonly Fold<ProjectDirectory, DirectoryEvent> Fold = new("directory", new(), Evolve);

    /// <summary>The facts of each project, oldest first.</summary>
    public ImmutableDictionary<(ClusterId Cluster, ProjectId Project), ImmutableList<ProjectFact>> Facts { get; init; }
        = ImmutableDictionary<(ClusterId, ProjectId), ImmutableList<ProjectFact>>.Empty;

    /// <summary>From every alias straight to the PI.</summary>
    public ImmutableDictionary<PiId, PiId> Aliases { get; init; } = ImmutableDictionary<PiId, PiId>.Empty;

    /// <summary>For whom people work whose address does not say it, oldest first.</summary>
    public ImmutableDictionary<PiId, ImmutableList<DirectoryEvent.Affiliated>> Affiliations { get; init; } =
        ImmutableDictionary<PiId, ImmutableList<DirectoryEvent.Affiliated>>.Empty;

    /// <summary>The directory as it was known at an instant.</summary>
    public static ProjectDirectory Known(IEnumerable<DirectoryEvent> events, Instant asOf) =>
        Fold.Of(events.Where(happened => happened switch
        {
            DirectoryEvent.ProjectTold e => e.At,
            DirectoryEvent.PisMerged e => e.At,
            DirectoryEvent.Affiliated e => e.At,
            _ => throw new CorruptStreamException(Fold.Initial, happened),
        } <= asOf));

    /// <summary>An address in the spelling the directory compares.</summary>
    public static PiId Spelled(PiId pi) => new(EmailAddress.Fold(pi.Value.Trim()));

    /// <summary>The person behind an address.</summary>
    public PiId PiOf(PiId address) => Aliases.GetValueOrDefault(Spelled(address), Spelled(address));

    /// <summary>What was known to hold for a project at an instant; null when nothing was.</summary>
    public ProjectFact? At(ClusterId cluster, ProjectId project, Instant at) =>
        Facts.GetValueOrDefault((cluster, project))?.FindLast(fact => fact.From <= at);

    /// <summary>What was said of a person's institution at an instant; null where only the address says it.</summary>
    public DirectoryEvent.Affiliated? AffiliationOf(PiId person, Instant at) => Affiliations.IsEmpty
        ? null
        : Affiliations.Where(of => PiOf(of.Key) == person).SelectMany(of => of.Value).Where(one => one.From <= at)
            .OrderBy(one => one.From).ThenBy(one => one.At).LastOrDefault();

    /// <summary>Says for whom a person works from an instant on.</summary>
    /// <param name="closed">Until when months are closed; null where none is.</param>
    public static Decision<DirectoryEvent> Affiliate(
        ProjectDirectory directory, Institutions institutions, DirectoryEvent.Affiliated told, Instant? closed)
    {
        var person = directory.PiOf(told.Pi);
        if (told.Institution is { } name && institutions.Named(name) is null)
        {
            return new Refusal(
                "directory/unknown-institution",
                $"There is no institution '{name}'. 'exchange directory list' shows those that there are.");
        }

        return directory.AffiliationOf(person, told.From) is { } known && known.Institution == told.Institution ? []
            : told.From < closed ? new Refusal(
                "directory/closed-month",
                $"Months until {Text.Of(closed.Value)} are closed, and were billed with where {person} worked then. " +
                "Say from when on it holds, or accept that closed months change: '--accept-correction'.")
            : [told with { Pi = person }];
    }

    /// <summary>Takes in what a file tells; what is already known adds nothing.</summary>
    /// <param name="now">From when a change holds that the file gives no instant for.</param>
    public static Decision<DirectoryEvent> Tell(
        ProjectDirectory directory, IEnumerable<ToldProject> told, string by, Instant now)
    {
        var events = new List<DirectoryEvent>();
        foreach (var one in LastWordOfEach(told))
        {
            var known = directory.Facts.GetValueOrDefault((one.Cluster, one.Project), []);
            var from = one.From ?? Since(known, now);

            // A file without instants says what holds now; one with an instant says what held from then on.
            var held = one.From is null ? known.LastOrDefault() : known.FindLast(k => k.From <= from);
            var fact = new ProjectFact(
                one.Cluster, one.Project, one.Name, one.Pi is { } pi ? Spelled(pi) : null, one.Code, one.IsCourse,
                from, one.SplitBy is "none" ? null : one.SplitBy ?? held?.SplitBy)
            {
                Title = one.Title ?? held?.Title,
                PiName = one.PiName ?? (one.Pi is { } same && held?.Pi == Spelled(same) ? held.PiName : null),
            };
            if (held is null || held with { From = from } != fact)
            {
                var happened = new DirectoryEvent.ProjectTold(fact, by, now);
                events.Add(happened);
                directory = Evolve(directory, happened);
            }
        }

        return new(events);
    }

    /// <summary>Says that two addresses are one person.</summary>
    public static Decision<DirectoryEvent> Merge(
        ProjectDirectory directory, PiId pi, PiId alias, string by, Instant now)
    {
        var (kept, merged) = (directory.PiOf(pi), Spelled(alias));
        if (directory.PiOf(merged) == kept)
        {
            return kept == merged && kept != Spelled(pi)
                ? new Refusal("directory/merged-other-way", $"{pi} is already an alias of {alias}.")
                : [];
        }

        return [new DirectoryEvent.PisMerged(kept, merged, by, now)];
    }

    /// <summary>
    /// From when a change holds that is told without an instant: now; but what nobody answered for until now, the
    /// first to answer has answered for all the time.
    /// </summary>
    private static Instant Since(ImmutableList<ProjectFact> known, Instant now) => known switch
    {
        [] => Always,
        [.., { Pi: null } last] => last.From,
        [.., var last] => Instant.Max(now, last.From),
    };

    /// <summary>A list may name a project twice, as ColdFront does after a renewal: its last word counts.</summary>
    private static IEnumerable<ToldProject> LastWordOfEach(IEnumerable<ToldProject> told) =>
        told.GroupBy(one => (one.Cluster, one.Project, one.From)).Select(same => same.Last())
            .OrderBy(one => one.From ?? Instant.MinValue);

    private static ProjectDirectory Evolve(ProjectDirectory directory, DirectoryEvent happened) => happened switch
    {
        DirectoryEvent.ProjectTold e => directory with
        {
            Facts = directory.Facts.SetItem(
                (e.Fact.Cluster, e.Fact.Project),
                Insert(directory.Facts.GetValueOrDefault((e.Fact.Cluster, e.Fact.Project), []), e.Fact)),
        },
        DirectoryEvent.PisMerged e => directory with { Aliases = Point(directory, e) },
        DirectoryEvent.Affiliated e => directory with
        {
            Affiliations = directory.Affiliations.SetItem(
                e.Pi, directory.Affiliations.GetValueOrDefault(e.Pi, []).Add(e)),
        },
        _ => throw new CorruptStreamException(directory, happened),
    };

    /// <summary>What is told later about the same instant replaces what was told before.</summary>
    private static ImmutableList<ProjectFact> Insert(ImmutableList<ProjectFact> facts, ProjectFact fact)
    {
        var others = facts.RemoveAll(one => one.From == fact.From);
        return others.Insert(others.Count(one => one.From < fact.From), fact);
    }

    private static ImmutableDictionary<PiId, PiId> Point(ProjectDirectory directory, DirectoryEvent.PisMerged merged)
    {
        var person = directory.PiOf(merged.Alias);
        var moved = directory.Aliases.Where(pair => pair.Value == person).Select(pair => pair.Key).Append(person);
        return directory.Aliases.SetItems(moved.Select(alias => KeyValuePair.Create(alias, merged.Pi)));
    }
}
