using NodaTime;

namespace Exchange.Rating;

/// <summary>Who a project's usage is billed to; without a PI it goes to the suspense account.</summary>
/// <param name="Name">The project's name, or its id when nothing is known of it.</param>
/// <param name="Institution">The name of the PI's institution; null for a PI of none that is known.</param>
/// <param name="IsKnown">Whether the directory knew the project at that instant.</param>
public sealed record Attributed(
    string Name, PiId? Pi, string? Institution, string? Code, bool IsCourse, bool IsKnown);

/// <summary>Says who answers for a project at an instant: the directory and the institutions together.</summary>
public sealed class Attribution(ProjectDirectory directory, Institutions institutions)
{
    public Institutions Institutions => institutions;

    public Attributed Of(ClusterId cluster, ProjectId project, Instant at)
    {
        if (directory.At(cluster, project, at) is not { } fact)
        {
            return new(project.Value, null, null, null, false, false);
        }

        var pi = fact.Pi is { } address ? directory.PiOf(address) : (PiId?)null;
        return new(
            fact.Name, pi, pi is { } person ? institutions.OfAddress(person.Value)?.Name : null,
            fact.Code, fact.IsCourse, true);
    }
}
