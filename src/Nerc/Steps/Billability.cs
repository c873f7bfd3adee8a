namespace Exchange.Nerc.Steps;

/// <summary>Step 6: which lines are billed, by PI, by project and by course.</summary>
internal static class Billability
{
    private static readonly HashSet<string> FreeClusters = new(StringComparer.Ordinal) { "ocp-test", "barcelona" };

    public static IReadOnlyList<NercLine> Apply(
        NercSources sources, People people, IReadOnlyList<NercLine> lines, Fix fixes)
    {
        var free = sources.NonbillablePis.Where(pi => pi.FreeSuTypes is null)
            .Select(pi => Known(pi.Username, people, fixes)).ToHashSet(StringComparer.Ordinal);
        var byProject = ByProject(sources, lines, fixes);
        return
        [
            .. lines.Select((line, i) => line with
            {
                IsBillable = byProject[i] && !(line.Pi is not null && free.Contains(line.Pi)) &&
                    !(line.IsCourse && sources.Institutions.Named(line.Institution)?.CoursesNonbillable == true),
            }),
        ];
    }

    /// <summary>A PI as the list of those not billed names them, or whoever stands behind that name.</summary>
    public static string Known(string username, People people, Fix fixes) =>
        fixes.HasFlag(Fix.AliasesAreNotBilled) ? people.Behind(username) : username;

    /// <summary>
    /// Which lines are billable by their project and cluster. Today each line is joined with the entries for its
    /// project and cluster: two entries make two answers, and every later line takes that of a line before it.
    /// </summary>
    public static IReadOnlyList<bool> ByProject(NercSources sources, IReadOnlyList<NercLine> lines, Fix fixes)
    {
        var active = NonbillableProject.In(sources.Month, sources.NonbillableProjects, fixes);
        var onCluster = active.Where(entry => entry.Cluster is not null)
            .ToLookup(entry => (Lower(entry.Name), entry.Cluster), entry => entry.IsBillable);
        var everywhere = active.Where(entry => entry.Cluster is null)
            .ToLookup(entry => Lower(entry.Name), entry => entry.IsBillable);
        var overrides = fixes.HasFlag(Fix.OverridesWithoutCluster);

        List<bool> answers = [];
        foreach (var line in lines)
        {
            var project = Lower(line.Allocation);
            var listed = everywhere[project];
            var matches = onCluster[(project, line.Cluster)].ToList();
            var billable = matches.Count == 0 && !FreeClusters.Contains(line.Cluster ?? "") &&
                !(overrides ? listed.Contains(false) : listed.Any());
            var billableAnyway = overrides && listed.Contains(true);
            if (matches.Count > 1 && !fixes.HasFlag(Fix.EntriesDoNotShift))
            {
                answers.AddRange(matches.Select(isBillable => isBillable || billableAnyway));
            }
            else
            {
                answers.Add(billable || matches.Contains(true) || billableAnyway);
            }
        }

        return answers;
    }

    private static string Lower(string text) => text.ToLowerInvariant();
}
