namespace Exchange.Portal.Budgets;

/// <summary>Whose budget it is: a PI's for everything, or for one of their projects.</summary>
/// <param name="Project">As 'stack/p-17'; empty for everything.</param>
internal sealed record BudgetOwner(PiId Pi, string Project = "")
{
    private const char Mark = '#';

    /// <summary>Its place in the journal: 'ada@bu.edu', or 'ada@bu.edu#stack/p-17'.</summary>
    public string Id => Project.Length == 0 ? Pi.Value : $"{Pi.Value}{Mark}{Project}";

    public static BudgetOwner Of(string id) => id.Split(Mark, 2) is [var pi, var project]
        ? new(new(pi), project)
        : new(new PiId(id));

    public static string Named(ClusterId cluster, ProjectId project) => $"{cluster}/{project}";
}
