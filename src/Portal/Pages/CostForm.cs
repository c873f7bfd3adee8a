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
    public Html Presets(LocalDate today)
    {
        var month = new LocalDate(today.Year, today.Month, 1);
        var fiscal = new LocalDate(today.Month >= FiscalStart ? today.Year : today.Year - 1, FiscalStart, 1);
        return Html.Of($"""
            <nav class="crumbs" aria-label="Periods">
            {To("This month", month, month.PlusMonths(1))} {To("Last month", month.PlusMonths(-1), month)}
            {To("Last 3 months", month.PlusMonths(-2), month.PlusMonths(1))}
            {To("Last 12 months", month.PlusMonths(-11), month.PlusMonths(1))}
            {To("Fiscal year (from July)", fiscal, fiscal.PlusYears(1))}
            {To("Last fiscal year", fiscal.PlusYears(-1), fiscal)}
            {To("Calendar year", new(today.Year, 1, 1), new(today.Year + 1, 1, 1))}
            </nav>
            """);

        Html To(string words, LocalDate from, LocalDate to) => Html.Of($"""
            <a href="{Link("/costs", [("from", Day(from)), ("to", Day(to))])}"{Html.Attribute(
                "aria-current", "page", range.From == from && range.To == to)}>{words}</a>
            """);
    }

    public Html Draw() => Html.Of($"""
        <form class="find" method="get" action="/costs" role="search" aria-label="Costs">
        <div><label for="from">From (UTC)</label>
        <input id="from" name="from" type="date" value="{Day(range.From)}"></div>
        <div><label for="to">Up to, not including</label>
        <input id="to" name="to" type="date" value="{Day(range.To)}"></div>
        {Group("group-1", "Group by", 0, isNeeded: true)}
        {Group("group-2", "Then by", 1, isNeeded: false)}
        {Choice("compare", "Compare with", asked.Compare ?? "", [("", "nothing"), ("previous", "period before"),
            ($"{Day(range.From.PlusYears(-1))}/{Day(range.To.PlusYears(-1))}", "same period a year before")])}
        {Choice("chart", "Chart", http.Request.Query["chart"].ToString(), [("", "stacked"), ("lines", "lines")])}
        {Filters()}
        <button>Show costs</button></form>
        """);

    /// <summary>Closed until one is set: ten fields would push the figures off the first screen of a phone.</summary>
    private Html Filters()
    {
        var filters = CostDimensions.Filters.Where(walls.Narrows).ToList();
        var set = filters.LongCount(one => !StringValues.IsNullOrEmpty(http.Request.Query[one.Name()]) &&
            http.Request.Query[one.Name()].ToString().Length > 0);
        return Html.Of($"""
            <details class="filters"{Html.Attribute("open", set > 0)}>
            <summary>Filters{Html.If(set > 0, () => Html.Of($" ({Show.Of(set)})"))}</summary>
            <div class="find">{Html.Join(filters, Filter)}</div></details>
            """);
    }

    private Html Filter(CostDimension dimension) => Html.Of($"""
        <div><label for="only-{dimension.Name()}">{dimension.Words()}</label>
        <input id="only-{dimension.Name()}" name="{dimension.Name()}" maxlength="200"
        value="{http.Request.Query[dimension.Name()].ToString()}"></div>
        """);

    private Html Group(string id, string label, int place, bool isNeeded)
    {
        var chosen = asked.GroupBy is { } groups && groups.Length > place ? groups[place] : "";
        return Html.Of($"""
            <div><label for="{id}">{label}</label><select id="{id}" name="group_by">
            {Html.If(!isNeeded, () => Option("", "nothing", chosen))}
            {Html.Join(CostDimensions.All.Where(walls.Allows), one => Option(one.Name(), one.Words(), chosen))}
            </select></div>
            """);
    }

    private static Html Choice(string name, string label, string chosen, (string Value, string Text)[] options) =>
        Html.Of($"""
            <div><label for="{name}">{label}</label><select id="{name}" name="{name}">
            {Html.Join(options, o => Option(o.Value, o.Text, chosen))}</select></div>
            """);

    private static Html Option(string value, string text, string chosen) => Html.Of($"""
        <option value="{value}"{Html.Attribute("selected", value == chosen)}>{text}</option>
        """);

    private static string Day(LocalDate day) => LocalDatePattern.Iso.Format(day);
}
