using Exchange.Portal.Costs;
using Exchange.Portal.Web;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Portal.Pages;

/// <summary>What is asked of costs, as a form of the page and as links that change a part of it.</summary>
internal sealed class CostForm(HttpContext http, CostWalls walls, CostParameters asked, CostRange range)
{
    private const int FiscalStart = 7;

    /// <summary>The same question at another address.</summary>
    public string Link(string path) => Link(path, []);

    /// <summary>The same question with some of it changed; an empty value leaves it out.</summary>
    public string Link(string path, IEnumerable<(string Name, StringValues Value)> changed)
    {
        var query = http.Request.Query.Where(of => !of.Key.Contains('.', StringComparison.Ordinal) &&
            of.Key is not ("csv" or "json")).ToDictionary(of => of.Key, of => of.Value, StringComparer.Ordinal);
        query["from"] = Day(range.From);
        query["to"] = Day(range.To);
        query["group_by"] = asked.GroupBy ?? [];
        foreach (var (name, value) in changed)
        {
            query[name] = value;
        }

        return QueryHelpers.AddQueryString(path, query.Where(of => !StringValues.IsNullOrEmpty(of.Value)));
    }

    /// <summary>Ranges that people ask for most.</summary>
    public IReadOnlyList<CostsPage.Range> Periods(LocalDate today)
    {
        var month = new LocalDate(today.Year, today.Month, 1);
        var fiscal = new LocalDate(today.Month >= FiscalStart ? today.Year : today.Year - 1, FiscalStart, 1);
        return
        [
            To("This month", month, month.PlusMonths(1)), To("Last month", month.PlusMonths(-1), month),
            To("Last 3 months", month.PlusMonths(-2), month.PlusMonths(1)),
            To("Last 12 months", month.PlusMonths(-11), month.PlusMonths(1)),
            To("Fiscal year (from July)", fiscal, fiscal.PlusYears(1)),
            To("Last fiscal year", fiscal.PlusYears(-1), fiscal),
            To("Calendar year", new(today.Year, 1, 1), new(today.Year + 1, 1, 1)),
        ];

        CostsPage.Range To(string words, LocalDate from, LocalDate to) => new(
            words, Link("/costs", [("from", Day(from)), ("to", Day(to))]), range.From == from && range.To == to);
    }

    /// <summary>The fields of the page, as they were filled in.</summary>
    public CostFields.Question Question()
    {
        List<CostFields.Filter> filters =
        [
            .. CostDimensions.Filters.Where(walls.Narrows).Select(one => new CostFields.Filter(
                one.Name(), one.Words(), http.Request.Query[one.Name()].ToString())),
        ];
        return new(Day(range.From), Day(range.To),
        [
            Group("group-1", "Group by", 0, isNeeded: true), Group("group-2", "Then by", 1, isNeeded: false),
            Choice("compare", "Compare with", asked.Compare ?? "", [("", "nothing"), ("previous", "period before"),
                ($"{Day(range.From.PlusYears(-1))}/{Day(range.To.PlusYears(-1))}", "same period a year before")]),
            Choice("chart", "Chart", http.Request.Query["chart"].ToString(), [("", "stacked"), ("lines", "lines")]),
        ], filters, filters.LongCount(one => one.Value.Length > 0));
    }

    private CostFields.Choice Group(string id, string label, int place, bool isNeeded)
    {
        var chosen = asked.GroupBy is { } groups && groups.Length > place ? groups[place] : "";
        return new(id, "group_by", label, Options(chosen,
        [
            .. isNeeded ? [] : new[] { ("", "nothing") },
            .. CostDimensions.All.Where(walls.Allows).Select(one => (one.Name(), one.Words())),
        ]));
    }

    private static CostFields.Choice Choice(
        string name, string label, string chosen, (string Value, string Text)[] options) =>
        new(name, name, label, Options(chosen, options));

    private static IReadOnlyList<ListingChoice> Options(string chosen, (string Value, string Text)[] options) =>
        [.. options.Select(option => new ListingChoice(option.Value, option.Text, option.Value == chosen))];

    private static string Day(LocalDate day) => LocalDatePattern.Iso.Format(day);
}
