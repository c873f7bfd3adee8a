namespace Exchange.Portal.Web;

/// <summary>A column of a table: its heading and how a row fills it.</summary>
internal sealed record Column<T>(string Heading, Func<T, Html> Cell, bool IsNumber = false)
{
    public static Column<T> Words(string heading, Func<T, string?> text) =>
        new(heading, row => Html.Of($"{text(row)}"));

    public static Column<T> Number(string heading, Func<T, string> text) =>
        new(heading, row => Html.Of($"{text(row)}"), IsNumber: true);

    public static Column<T> Amount(string heading, Func<T, Money> money) =>
        new(heading, row => Html.Of($"{Show.Of(money(row))}"), IsNumber: true);

    public static Column<T> Link(string heading, Func<T, string?> text, Func<T, string> href) =>
        new(heading, row => Html.Of($"""<a href="{href(row)}">{text(row)}</a>"""));
}

/// <summary>A table with a caption, headings that assistive technology can read, and a foot of totals.</summary>
internal static class Table
{
    public static Html Of<T>(
        string caption, IReadOnlyCollection<T> rows, IReadOnlyList<Column<T>> columns, string whenEmpty,
        Html foot = default)
    {
        if (rows.Count == 0)
        {
            return Html.Of($"""<p class="empty">{whenEmpty}</p>""");
        }

        return Html.Of($"""
            <div class="scroll" role="region" tabindex="0" aria-label="{caption}"><table>
            <caption>{caption}</caption>
            <thead><tr>{Html.Join(columns, Heading)}</tr></thead>
            <tbody>{Html.Join(rows, row => Html.Of($"""
            <tr>{Html.Join(columns, c => Html.Of($"<td{Number(c)}>{c.Cell(row)}</td>"))}</tr>
            """))}</tbody>{foot}</table></div>

            """);
    }

    /// <summary>The last line: a label over some columns, then the totals.</summary>
    public static Html Foot(string label, int columns, params Html[] totals) => Html.Of($"""
        <tfoot><tr><th scope="row" colspan="{columns}">{label}</th>{Html.Join(totals, t =>
            Html.Of($"""<td class="n">{t}</td>"""))}</tr></tfoot>
        """);

    private static Html Heading<T>(Column<T> column) =>
        Html.Of($"""<th scope="col"{Number(column)}>{column.Heading}</th>""");

    private static Html Number<T>(Column<T> column) => new(column.IsNumber ? " class=\"n\"" : "");
}
