using Exchange.Journal;
using Exchange.Portal.Costs;
using Exchange.Portal.Spend;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Awards.Reports;

/// <summary>An award with what it paid by project and day, from the kept sums that the explorer reads.</summary>
/// <param name="AsOf">When the open months in it were last rated; null where all are closed.</param>
internal sealed record AwardStanding(Award Award, IReadOnlyList<AwardDay> Days, AwardBurn Burn, Instant? AsOf)
{
    private const int YearsAtOnce = 5;

    public AwardTerms Terms => Award.Terms;

    public Money Remaining => Terms.Budget - Burn.Spent;

    /// <summary>Every award of a PI, in the order in which they were entered.</summary>
    public static async Task<IReadOnlyList<AwardStanding>> Of(
        Composition exchange, PiId pi, Instant now, CancellationToken ct)
    {
        var awards = (await exchange.Journal.State(AwardBook.Fold, AwardBook.Id, ct)).Of(pi);
        if (awards.Count == 0)
        {
            return [];
        }

        var (today, terms) = (now.InUtc().Date, awards.Select(one => one.Terms).ToList());
        var until = terms.Max(one => one.To) < today.PlusDays(1) ? terms.Max(one => one.To) : today.PlusDays(1);
        var viewer = new Viewer("awards", "", Role.Pi, Pi: pi); // As the PI sees it: the wall is the explorer's.
        await using var view = new View(exchange.Views, viewer);
        var days = await Read(view, CostWalls.Of(exchange, viewer), terms.Min(one => one.From), until, ct);
        var rated = (await MonthSpend.Months(view, ct)).Where(month => !month.IsClosed).ToList();
        var shared = ShareDays.Run(terms, days).ToLookup(one => one.Award);
        return
        [
            .. awards.Select(one => new AwardStanding(
                one, [.. shared[one.Terms]],
                AwardBurn.Of(one.Terms, shared[one.Terms].Select(part => (part.Of.Day, part.Amount)), today),
                rated.Where(month => one.Terms.Covers(First(month.Month)) || month.Month.Period.Contains(
                    one.Terms.From.AtMidnight().InUtc().ToInstant())).Select(month => (Instant?)month.At).Min())),
        ];
    }

    private static LocalDate First(BillingMonth month) => new(month.Year, month.Month, 1);

    private static async Task<IReadOnlyList<ProjectDay>> Read(
        View view, CostWalls walls, LocalDate from, LocalDate until, CancellationToken ct)
    {
        var days = new List<ProjectDay>();
        for (var start = from; start < until; start = start.PlusYears(YearsAtOnce))
        {
            var end = start.PlusYears(YearsAtOnce) < until ? start.PlusYears(YearsAtOnce) : until;
            var rows = await ReadCosts.Run(view, walls, new(
                new(start, end), [CostDimension.Day, CostDimension.Cluster, CostDimension.Project]), ct);
            days.AddRange(rows.Select(row => new ProjectDay(
                $"{row.Keys[1]}/{row.Keys[2]}", Day(row.Keys[0]), row.Figures.Cost, row.Figures.Credits)));
        }

        return days;
    }

    private static LocalDate Day(string text) => NodaTime.Text.LocalDatePattern.Iso.Parse(text).Value;
}
