using Exchange.Portal.Spend;
using NodaTime;

namespace Exchange.Portal.Web;

/// <summary>Spending by day and service as a chart, with the table of the same figures folded up below it.</summary>
internal static class SpendChart
{
    private const int Shown = 7;

    public static Html Of(BillingMonth month, IReadOnlyList<DaySpend> days)
    {
        if (days.Count == 0)
        {
            return Html.Of($"""<p class="empty">Nothing was used in {Show.Of(month)} yet.</p>""");
        }

        var labels = Days(month);
        var services = days.GroupBy(d => Name(d)).OrderByDescending(g => g.Sum(d => d.Amount.Cents)).ToList();
        var series = services.Take(Shown).Select(g => Line(g.Key, g, labels)).ToList();
        if (services.Count > Shown)
        {
            series.Add(Line("everything else", services.Skip(Shown).SelectMany(g => g), labels));
        }

        var rows = labels.Select((day, i) => (Day: day, Amounts: series.ConvertAll(s => s.Amounts[i])))
            .Where(r => r.Amounts.Exists(a => !a.IsZero)).ToList();
        return Html.Of($"""
            {Chart.Stacked($"Spending by day in {Show.Of(month)}", [.. labels.Select(d => $"{d.Day}")], series)}
            <details><summary>The same as a table</summary>{Table.Of("Spending by day and service", rows, [
                new("Day", r => Html.Of($"{Show.Of(r.Day)}")),
                .. series.Select((s, i) =>
                    Column<(LocalDate Day, List<Money> Amounts)>.Amount(s.Name, r => r.Amounts[i])),
                Column<(LocalDate Day, List<Money> Amounts)>.Amount("Together", r => Money.Sum(r.Amounts)),
            ], "")}</details>
            """);
    }

    public static IReadOnlyList<LocalDate> Days(BillingMonth month) =>
    [
        .. Enumerable.Range(1, month.Period.Length.Days).Select(day => new LocalDate(month.Year, month.Month, day)),
    ];

    private static string Name(DaySpend day) => $"{day.Landlord} {day.Service}";

    private static Series Line(string name, IEnumerable<DaySpend> days, IReadOnlyList<LocalDate> labels)
    {
        var byDay = days.GroupBy(d => d.Day).ToDictionary(g => g.Key, g => Money.Sum(g.Select(d => d.Amount)));
        return new(name, [.. labels.Select(day => byDay.GetValueOrDefault(day))]);
    }
}
