namespace Exchange.Portal.Costs;

/// <summary>What projects are called in an answer: by their title, with the id where several share one.</summary>
internal sealed class ProjectTitles
{
    private readonly HashSet<string> _shared;

    /// <param name="at">Which of the values that are grouped by is the project; below zero for none.</param>
    public ProjectTitles(IEnumerable<CostRow> rows, int at) => _shared = at < 0 ? [] :
    [
        .. rows.Where(row => row.Title.Length > 0).Select(row => (row.Title, Key: row.Keys[at])).Distinct()
            .GroupBy(one => one.Title, StringComparer.Ordinal).Where(of => of.Skip(1).Any()).Select(of => of.Key),
    ];

    /// <summary>The id alone where there is no title.</summary>
    public string Of(string title, string project) =>
        title.Length == 0 ? project : _shared.Contains(title) ? $"{title} ({project})" : title;
}
