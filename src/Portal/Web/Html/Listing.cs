using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Exchange.Portal.Web;

/// <summary>
/// A table that its reader can sort, search, page through and take along as CSV, by links and one small form: no
/// script is needed. What is asked of it stands in the address, under its own name.
/// </summary>
/// <param name="Id">One word; several listings of a page have different ones.</param>
internal sealed record Listing<T>(
    string Id, string Caption, IReadOnlyList<T> Rows, IReadOnlyList<Column<T>> Columns, string WhenEmpty)
{
    private const int PageSize = 50;
    private const int FewRows = 8;
    private const int LongestSearch = 100;

    /// <summary>The last line of the table, whatever is searched and shown.</summary>
    public Html Foot { get; init; }

    /// <summary>Whether the request is for the CSV of this table and not for its page.</summary>
    public bool IsAskedFor(HttpContext http) => http.Request.Query["csv"] == Id;

    public IResult Csv(HttpContext http)
    {
        var exported = Columns.Where(c => c.Plain is not null).ToList();
        var text = new StringBuilder().AppendJoin(',', exported.Select(c => Cell(c.Heading))).Append("\r\n");
        foreach (var row in Asked(http))
        {
            text.AppendJoin(',', exported.Select(c => Cell(c.Plain!(row) ?? ""))).Append("\r\n");
        }

        return Results.File(Encoding.UTF8.GetBytes(text.ToString()), "text/csv; charset=utf-8", $"{Id}.csv");
    }

    public Html Of(HttpContext http)
    {
        if (Rows.Count == 0)
        {
            return Html.Of($"""<p class="empty">{WhenEmpty}</p>""");
        }

        var asked = Asked(http);
        var pages = Math.Max(1, (asked.Count + PageSize - 1) / PageSize);
        var page = Math.Clamp(Number(http, "page"), 1, pages);
        return Html.Of($"""
            {Html.If(Rows.Count > FewRows, () => SearchForm(http))}
            {(asked.Count == 0
                ? Html.Of($"""<p class="empty">Nothing matches “{Search(http)}”.</p>""")
                : Table.Frame(Caption, asked.Skip((page - 1) * PageSize).Take(PageSize), Columns,
                    Html.Join(Columns.Select((c, i) => (c, i)), c => Heading(http, c.c, c.i)),
                    page == pages ? Foot : Html.None))}
            <p class="crumbs">{Html.If(pages > 1, () => Paging(http, page, pages))}
            <a href="{Link(http, ("csv", Id))}">Download as CSV</a></p>

            """);
    }

    /// <summary>The rows that were searched for, in the order that was asked for.</summary>
    private List<T> Asked(HttpContext http)
    {
        var search = Search(http);
        var found = search.Length == 0
            ? Rows.ToList()
            : [.. Rows.Where(row => Columns.Any(c =>
                c.Plain?.Invoke(row)?.Contains(search, StringComparison.OrdinalIgnoreCase) == true))];
        var by = Number(http, "sort") - 1;
        if (by < 0 || by >= Columns.Count || Columns[by].Key is not { } key)
        {
            return found;
        }

        var order = Comparer<IComparable?>.Create((x, y) => x is string a && y is string b
            ? string.Compare(a, b, StringComparison.OrdinalIgnoreCase)
            : Comparer<IComparable?>.Default.Compare(x, y));
        return IsDown(http) ? [.. found.OrderByDescending(key, order)] : [.. found.OrderBy(key, order)];
    }

    private Html SearchForm(HttpContext http) => Html.Of($"""
        <form class="find" method="get" role="search">
        {Html.Join(http.Request.Query.Where(q => q.Key != $"{Id}.q" && q.Key != $"{Id}.page" && q.Key != "csv"),
            q => Html.Of($"""<input type="hidden" name="{q.Key}" value="{q.Value}">"""))}
        <label for="{Id}-q">Find in {Caption}</label>
        <input id="{Id}-q" name="{Id}.q" type="search" maxlength="{LongestSearch}" value="{Search(http)}">
        <button>Find</button></form>
        """);

    private Html Heading(HttpContext http, Column<T> column, int i)
    {
        if (column.Key is null)
        {
            return Html.Of($"""<th scope="col"{Table.Number(column)}>{column.Heading}</th>""");
        }

        var isSorted = Number(http, "sort") == i + 1;
        var down = isSorted && !IsDown(http);
        var link = Link(http, ($"{Id}.sort", $"{i + 1}"), ($"{Id}.down", down ? "1" : ""), ($"{Id}.page", ""));
        var order = isSorted ? IsDown(http) ? " aria-sort=\"descending\"" : " aria-sort=\"ascending\"" : "";
        return Html.Of($"""
            <th scope="col"{Table.Number(column)}{new Html(order)}><a href="{link}">{column.Heading}</a></th>
            """);
    }

    private Html Paging(HttpContext http, int page, int pages) => Html.Of($"""
        {Html.If(page > 1, () => Html.Of($"""<a href="{Link(http, ($"{Id}.page", $"{page - 1}"))}">Before</a>"""))}
        <span>Page {page} of {pages}</span>
        {Html.If(page < pages, () => Html.Of($"""<a href="{Link(http, ($"{Id}.page", $"{page + 1}"))}">Next</a>"""))}
        """);

    /// <summary>The same page with some of its query changed; an empty value leaves it out.</summary>
    private static string Link(HttpContext http, params (string Name, string Value)[] changed)
    {
        var query = http.Request.Query.Where(q => q.Key != "csv")
            .ToDictionary(q => q.Key, q => q.Value, StringComparer.Ordinal);
        foreach (var (name, value) in changed)
        {
            query[name] = value;
        }

        return QueryHelpers.AddQueryString(
            http.Request.Path, query.Where(q => !StringValues.IsNullOrEmpty(q.Value)));
    }

    private string Search(HttpContext http)
    {
        var search = http.Request.Query[$"{Id}.q"].ToString().Trim();
        return search.Length <= LongestSearch ? search : search[..LongestSearch];
    }

    private bool IsDown(HttpContext http) => http.Request.Query[$"{Id}.down"] == "1";

    private int Number(HttpContext http, string name) => int.TryParse(
        http.Request.Query[$"{Id}.{name}"], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;

    /// <summary>A spreadsheet would run a cell that begins like a formula; a mark in front keeps it text.</summary>
    private static string Cell(string text)
    {
        var safe = text.Length > 0 && "=+@\t\r".Contains(text[0], StringComparison.Ordinal) ? $"'{text}" : text;
        return safe.AsSpan().IndexOfAny(",\"\n\r") < 0
            ? safe
            : $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
    }
}
