using Exchange.Invoicing.Nerc.Steps;

namespace Exchange.Invoicing.Nerc;

/// <summary>What finance should look at before it believes a month: nothing of it stops an import.</summary>
internal static class NercNotes
{
    public static IReadOnlyList<string> Of(NercSources sources)
    {
        var lines = ColdFrontNames.Apply(sources, ServiceLines.Load(sources, Fix.All), Fix.All);
        List<string> notes = [];
        if (ColdFrontNames.Unknown(sources, lines) is [_, ..] unknown)
        {
            notes.Add($"Billable projects unknown to ColdFront ({unknown.Count}): {string.Join(", ", unknown)}.");
        }

        var months = lines.Select(line => line.Month).Where(month => month != sources.Month.ToString()).Distinct();
        notes.AddRange(months.Select(month => $"Some lines are of month '{month}', not of {sources.Month}."));

        var strangers = lines.Select(line => line.Pi).OfType<string>().Distinct(StringComparer.Ordinal)
            .Where(pi => sources.Institutions.OfAddress(pi.ToLowerInvariant()) is null)
            .Order(StringComparer.Ordinal).ToList();
        if (strangers.Count > 0)
        {
            notes.Add($"PIs of no known institution ({strangers.Count}): {string.Join(", ", strangers)}.");
        }

        var twice = NonbillableProject.In(sources.Month, sources.NonbillableProjects, Fix.All)
            .Where(entry => entry.Cluster is not null)
            .GroupBy(entry => $"'{entry.Name.ToLowerInvariant()}' on {entry.Cluster}")
            .Where(same => same.Count() > 1).Select(same => same.Key);
        notes.AddRange(twice.Select(entry => $"Two entries of nonbillable projects are for {entry}."));
        return notes;
    }
}
