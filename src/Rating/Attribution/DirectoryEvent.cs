using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Rating;

/// <summary>Everything that can happen to the directory of projects. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(ProjectTold), "directory-project-told/1")]
[JsonDerivedType(typeof(PisMerged), "directory-pis-merged/1")]
[JsonDerivedType(typeof(Affiliated), "directory-person-affiliated/1")]
public abstract record DirectoryEvent
{
    private DirectoryEvent() { }

    /// <summary>Somebody said who answers for a project, from an instant on.</summary>
    public sealed record ProjectTold(ProjectFact Fact, string By, Instant At) : DirectoryEvent;

    /// <summary>Two addresses turned out to be one person: all that was the alias's is the PI's.</summary>
    public sealed record PisMerged(PiId Pi, PiId Alias, string By, Instant At) : DirectoryEvent;

    /// <summary>A person works for an institution from an instant on, whatever their address says.</summary>
    /// <param name="Institution">Its name; null for none.</param>
    public sealed record Affiliated(PiId Pi, string? Institution, Instant From, string By, Instant At)
        : DirectoryEvent;
}

/// <summary>Who answers for a project of a cluster from an instant on, until the next such fact.</summary>
/// <param name="Name">What people call it; its PI's spending is shown under this name.</param>
/// <param name="Code">What the institution wants on its invoices for it; null when it wants nothing.</param>
/// <param name="SplitBy">The label, such as 'class', whose values are projects of their own; null for none.</param>
public sealed record ProjectFact(
    ClusterId Cluster, ProjectId Project, string Name, PiId? Pi, string? Code, bool IsCourse, Instant From,
    string? SplitBy = null)
{
    /// <summary>What the project is about, in its people's own words; null where nobody said.</summary>
    public string? Title { get; init; }

    /// <summary>The name of the PI as a person; null where nobody said.</summary>
    public string? PiName { get; init; }
}

/// <summary>A fact as a file tells it: without an instant where the file has none.</summary>
/// <param name="SplitBy">Null where the file says nothing of it, 'none' to end it.</param>
public sealed record ToldProject(
    ClusterId Cluster, ProjectId Project, string Name, PiId? Pi, string? Code, bool IsCourse, Instant? From,
    string? SplitBy = null)
{
    /// <summary>Null where the file says nothing of it.</summary>
    public string? Title { get; init; }

    /// <summary>Null where the file says nothing of it.</summary>
    public string? PiName { get; init; }
}
