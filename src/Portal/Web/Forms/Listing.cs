using System.Globalization;
using System.Text;
using System.Text.Json;
using Exchange.Metering.Csv;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace Exchange.Portal.Web;

/// <summary>
/// A table that its reader can sort, filter, page through and download as CSV or JSON, by links and one small form:
/// no script is needed, and with one it changes in place. What is asked of it stands in the address, under its name.
/// </summary>
/// <param name="Id">One word; several listings of a page have different ones.</param>
internal sealed record Listing<T>(
    string Id, string Caption, IReadOnlyList<T> Rows, IReadOnlyList<Column<T>> Columns, string WhenEmpty) : IListing
{
    private const int FewRows = 8;
    private const int MaxSearchLength = 100;
    private static readonly int[] Sizes = [50, 25, 100, 500];

    /// <summary>The last line of the table: it adds up all rows, so it is left out where some are.</summary>
    public TableFoot? Foot { get; init; }

    public EmptyAct? Act { get; init; }

    /// <summary>Whether the request is for the rows of this table and not for its page.</summary>
    private bool IsAskedFor(HttpContext http) => http.Request.Query["csv"] == Id || http.Request.Query["json"] == Id;

    /// <summary>The rows as they were filtered and sorted, all pages of them.</summary>
    private IResult Csv(HttpContext http)
    {
        var exported = Columns.Where(c => c.Plain is not null && c.Heading.Length > 0).ToList();
        if (http.Request.Query["json"] == Id)
        {
            var rows = Asked(http).ConvertAll(row => exported.ToDictionary(c => c.Heading, c => c.Plain!(row)));
            return Results.File(JsonSerializer.SerializeToUtf8Bytes(rows, Exchange.Text.Json), "application/json",
                $"{Id}.json");
        }

        var text = new StringBuilder(Line(exported.Select(c => c.Heading)));
        foreach (var row in Asked(http))
        {
            text.Append(Line(exported.Select(c => c.Plain!(row))));
        }

        return Results.File(Encoding.UTF8.GetBytes(text.ToString()), "text/csv; charset=utf-8", $"{Id}.csv");
    }

    private static string Line(IEnumerable<string?> cells) => CsvWriter.Row(cells, exact: false, end: "\r\n");

    public bool IsEmpty => Rows.Count == 0;

    public ListingPage Page(HttpContext http)
    {
        var asked = Asked(http);
        var size = Sizes.Contains(Number(http, "size")) ? Number(http, "size") : Sizes[0];
        var pages = Math.Max(1, (asked.Count + size - 1) / size);
        var page = Math.Clamp(Number(http, "page"), 1, pages);
        return new(Id, Caption, WhenEmpty)
        {
            IsEmpty = asked.Count == 0,
            IsWide = Table.IsWide(Columns.Count),
            Headings = [.. Columns.Select((c, i) => Heading(http, c, i))],
            Lines = asked.Skip((page - 1) * size).Take(size).Select(row => Columns.Select(c => Table.Of(c, row))),
            Foot = page == pages && asked.Count == Rows.Count ? Foot?.Under(Columns.Count) : null,
            Filter = Rows.Count > FewRows ? Filter(http, size) : null,
            Search = Search(http),
            Number = page,
            Pages = pages,
            Previous = Link(http, ($"{Id}.page", $"{page - 1}")),
            Next = Link(http, ($"{Id}.page", $"{page + 1}")),
            Csv = Link(http, ("csv", Id)),
            Json = Link(http, ("json", Id)),
            Found = Found(asked.Count),
        };
    }

    public IResult? Answer(HttpContext http) => IsAskedFor(http) ? Csv(http) : null;

    private string Found(int asked) => asked == Rows.Count
        ? $"{Show.Of((long)asked)} {(asked == 1 ? "row" : "rows")}"
        : $"{Show.Of((long)asked)} of {Show.Of((long)Rows.Count)} rows";

    /// <summary>The rows that were searched for, in the order that was asked for.</summary>
    private List<T> Asked(HttpContext http)
    {
        var search = Search(http);
        var within = Number(http, "in") - 1;
        var looked = within >= 0 && within < Columns.Count ? [Columns[within]] : Columns;
        var found = search.Length == 0
            ? Rows.ToList()
            : [.. Rows.Where(row => looked.Any(c =>
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

    private ListingFilter Filter(HttpContext http, int size) => new(
        [.. http.Request.Query.Where(q => !IsTyped(q.Key)).Select(q => (q.Key, q.Value.ToString()))], Search(http),
        [
            new("", "anywhere", StringValues.IsNullOrEmpty(http.Request.Query[$"{Id}.in"])),
            .. Columns.Select((c, i) => (c, i)).Where(c => c.c.Plain is not null && c.c.Heading.Length > 0).Select(c =>
                new ListingChoice($"{c.i + 1}", c.c.Heading, http.Request.Query[$"{Id}.in"] == $"{c.i + 1}")),
        ], [.. Sizes.Order().Select(n => new ListingChoice($"{n}", $"{n}", n == size))], MaxSearchLength);

    /// <summary>What the form itself asks for, and what a new search begins anew.</summary>
    private bool IsTyped(string name) =>
        name is "csv" or "json" || name == $"{Id}.q" || name == $"{Id}.in" || name == $"{Id}.size" ||
        name == $"{Id}.page";

    private TableHeading Heading(HttpContext http, Column<T> column, int i)
    {
        if (column.Key is null)
        {
            return Table.Of(column);
        }

        var isSorted = Number(http, "sort") == i + 1;
        var down = isSorted && !IsDown(http);
        return Table.Of(column) with
        {
            Href = Link(http, ($"{Id}.sort", $"{i + 1}"), ($"{Id}.down", down ? "1" : ""), ($"{Id}.page", "")),
            Order = isSorted ? IsDown(http) ? "descending" : "ascending" : null,
        };
    }

    /// <summary>The same page with some of its query changed; an empty value leaves it out.</summary>
    private static string Link(HttpContext http, params (string Name, string Value)[] changed)
    {
        var query = http.Request.Query.Where(q => q.Key is not ("csv" or "json"))
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
        return search.Length <= MaxSearchLength ? search : search[..MaxSearchLength];
    }

    private bool IsDown(HttpContext http) => http.Request.Query[$"{Id}.down"] == "1";

    private int Number(HttpContext http, string name) => int.TryParse(
        http.Request.Query[$"{Id}.{name}"], NumberStyles.None, CultureInfo.InvariantCulture, out var n) ? n : 0;
}
