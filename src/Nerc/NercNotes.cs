using Exchange.Nerc.Steps;

namespace Exchange.Nerc;

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
        notes.AddRange(Contradictions(sources));
        notes.AddRange(OtherCosts(lines));
        if (sources.UnknownKeys is { Count: > 0 } keys)
        {
            notes.Add($"Keys that mean nothing here ({keys.Count}): {string.Join(", ", keys)}.");
        }

        return notes;
    }

    /// <summary>What two entries say of one thing; the scripts take one of them.</summary>
    private static IEnumerable<string> Contradictions(NercSources sources)
    {
        foreach (var alias in sources.Aliases
            .SelectMany(one => one.Aliases, (one, alias) => (one.Pi, Alias: alias.Trim()))
            .Where(one => one.Alias.Length > 0).GroupBy(one => one.Alias, StringComparer.OrdinalIgnoreCase))
        {
            if (alias.Select(one => one.Pi).Distinct(StringComparer.OrdinalIgnoreCase).ToList() is { Count: > 1 } pis)
            {
                yield return $"Alias '{alias.Key}' belongs to {pis.Count} PIs: {string.Join(", ", pis)}.";
            }
        }

        foreach (var project in sources.Prepay.Projects.Where(one => one.IsActive(sources.Month))
            .GroupBy(one => one.Project, StringComparer.Ordinal))
        {
            if (project.Select(one => one.Group).Distinct(StringComparer.Ordinal).ToList() is { Count: > 1 } groups)
            {
                yield return $"Project '{project.Key}' is paid for by {groups.Count} prepay groups: " +
                    $"{string.Join(", ", groups)}.";
            }
        }
    }

    /// <summary>Lines whose cost is not their rate times their hours, by more than rounding explains.</summary>
    private static IEnumerable<string> OtherCosts(IReadOnlyList<NercLine> lines)
    {
        var others = lines.Where(line => line.Rate is { } rate && line.Hours is { } hours &&
            decimal.Abs((rate * hours) - line.Cost.Amount) >
                decimal.Max(0.02m, decimal.Abs(line.Cost.Amount) / 1_000)).ToList();
        if (others.Count > 0)
        {
            var some = others.Take(3).Select(line => $"{line.Source}: {line.Cost.Amount} instead of " +
                $"{Money.Round(line.Rate!.Value * line.Hours!.Value).Amount}");
            yield return $"Costs that are not rate × hours ({others.Count}), such as {string.Join("; ", some)}.";
        }
    }
}
