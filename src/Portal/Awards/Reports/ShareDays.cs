using NodaTime;

namespace Exchange.Portal.Awards.Reports;

/// <summary>What a project cost on a day.</summary>
/// <param name="Credits">Below zero where funds pay.</param>
internal sealed record ProjectDay(string Project, LocalDate Day, Money Cost, Money Credits)
{
    public Money Net => Cost + Credits;

    /// <summary>What of it an award counts.</summary>
    public Money Counted(bool afterCredits) => afterCredits ? Net : Cost;
}

/// <summary>What an award pays of a project's day.</summary>
internal sealed record AwardDay(AwardTerms Award, ProjectDay Of, Money Amount);

/// <summary>
/// Shares what projects cost by day among awards, so that any two parts of a time come to the whole and awards that pay
/// for all of a project come to all of it, to the cent.
/// </summary>
internal static class ShareDays
{
    /// <param name="awards">The awards of one PI, in the order in which they were entered.</param>
    public static IReadOnlyList<AwardDay> Run(IReadOnlyList<AwardTerms> awards, IEnumerable<ProjectDay> days) =>
    [
        .. days.GroupBy(day => day.Project, StringComparer.Ordinal).SelectMany(project =>
            OfProject(awards, project.Key, [.. project.OrderBy(day => day.Day)])),
    ];

    /// <summary>
    /// As long as the same awards pay for the same parts, what all days until one come to is rounded, and the day gets
    /// what that is more than the day before: no cent is lost by rounding each day.
    /// </summary>
    private static IEnumerable<AwardDay> OfProject(
        IReadOnlyList<AwardTerms> awards, string project, IReadOnlyList<ProjectDay> days)
    {
        var paying = new List<AwardTerms>();
        long cost = 0, net = 0;
        Money[] given = [];
        foreach (var day in days)
        {
            var now = awards.Where(one => one.Covers(day.Day) && one.PercentOf(project) > 0).ToList();
            if (!now.SequenceEqual(paying))
            {
                (paying, cost, net, given) = (now, 0, 0, new Money[now.Count]);
            }

            (cost, net) = (cost + day.Cost.Cents, net + day.Net.Cents);
            foreach (var basis in (bool[])[true, false])
            {
                var (all, percent, before) = (new Money(basis ? net : cost).Amount, 0m, Money.Zero);
                for (var i = 0; i < paying.Count; i++)
                {
                    if (paying[i].Rules.AfterCredits != basis)
                    {
                        continue;
                    }

                    percent += paying[i].PercentOf(project);
                    var until = Money.Round(all * percent / 100);
                    var whole = until - before;
                    yield return new(paying[i], day, whole - given[i]);
                    (given[i], before) = (whole, until);
                }
            }
        }
    }
}
