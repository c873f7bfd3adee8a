namespace Exchange.Nerc;

/// <summary>What Boston University gets: one row a project, with what the university itself pays of it.</summary>
internal static class BuInternal
{
    private const string University = "Boston University";

    private static readonly string[] Columns =
    [
        "Invoice Month", "Manager (PI)", "Cluster Name", "Project", "Prepaid Group Name", "Prepaid Group Institution",
        "Prepaid Group Balance", "Cost", "Prepaid Group Used", "Credit", "Subsidy", "Balance",
    ];

    public static NercReport Of(NercOutcome month)
    {
        var apart = month.Fixes.HasFlag(Fix.ProjectsOfTwoPisStayApart);
        var projects = month.Lines
            .Where(line => line.IsBilled(month.Fixes) && line.Institution == University)
            .GroupBy(line => (line.Project, Pi: apart ? line.Pi : null));
        return new(
            $"BU_Internal {month.Sources.Month}.csv", Columns,
            [.. projects.Select(lines => Row([.. lines], month.Fixes))]);
    }

    private static NercReport.ReportRow Row(IReadOnlyList<NercLine> lines, Fix fixes)
    {
        var first = lines[0];
        var used = fixes.HasFlag(Fix.SumPrepaidUse) && lines.Any(line => line.GroupUsed is not null)
            ? Money.Sum(lines.Select(line => line.GroupUsed ?? Money.Zero))
            : first.GroupUsed;
        var cluster = fixes.HasFlag(Fix.ProjectsOfTwoPisStayApart)
            ? string.Join(' ', lines.Select(line => line.Cluster).OfType<string>().Distinct()
                .Order(StringComparer.Ordinal))
            : first.Cluster;
        return new(
            $"{first.Project} of {first.Pi}",
            [
                first.Month, first.Pi, cluster, first.Project, first.Group, first.GroupInstitution,
                Written.Of(first.GroupBalance),
                Written.Of(Money.Sum(lines.Select(line => line.Cost))),
                Written.Of(used),
                Written.Of(Money.Sum(lines.Select(line => line.Credit ?? Money.Zero))),
                Written.Of(Money.Sum(lines.Select(line => line.Subsidy))),
                Written.Of(Money.Sum(lines.Select(line => line.PiBalance))),
            ]);
    }
}
