using System.Globalization;

namespace Exchange.Portal.Web;

/// <summary>A column of a table: its heading, how a row fills it, and how it is sorted and exported.</summary>
/// <param name="Plain">The cell as bare text; a column without it is not exported.</param>
/// <param name="Key">What the column is sorted by; a column without it is not sorted.</param>
internal sealed record Column<T>(
    string Heading, Func<T, Html> Cell, bool IsNumber = false, Func<T, string?>? Plain = null,
    Func<T, IComparable?>? Key = null)
{
    public static Column<T> Words(string heading, Func<T, string?> text) =>
        new(heading, row => Html.Of($"{text(row)}"), Plain: text, Key: text);

    public static Column<T> Number(string heading, Func<T, string> text, Func<T, IComparable?>? key = null) =>
        new(heading, row => Html.Of($"{text(row)}"), IsNumber: true, text, key);

    public static Column<T> Number(string heading, Func<T, decimal> number) => new(
        heading, row => Html.Of($"{Show.Of(number(row))}"), IsNumber: true,
        row => number(row).ToString(CultureInfo.InvariantCulture), row => number(row));

    public static Column<T> Amount(string heading, Func<T, Money> money) => new(
        heading, row => Html.Of($"{Show.Of(money(row))}"), IsNumber: true,
        row => money(row).Amount.ToString(CultureInfo.InvariantCulture), row => money(row).Cents);

    public static Column<T> Link(string heading, Func<T, string?> text, Func<T, string> href) =>
        new(heading, row => Html.Of($"""<a href="{href(row)}">{text(row)}</a>"""), Plain: text, Key: text);

    /// <summary>An instant, sorted by time and exported as ISO writes it.</summary>
    public static Column<T> Time(string heading, Func<T, NodaTime.Instant?> at) => new(
        heading, row => at(row) is { } instant ? Html.Of($"<time>{Show.Of(instant)}</time>") : Html.None,
        Plain: row => at(row) is { } instant ? Exchange.Text.Of(instant) : "", Key: row => at(row));

    public static Column<T> State(string heading, Func<T, string> state, Func<T, bool> isGood) =>
        new(heading, row => Tag.Of(state(row), isGood(row)), Plain: state, Key: state);
}

/// <summary>A table with a caption, headings that assistive technology can read, and a foot of totals.</summary>
internal static class Table
{
    private const int MaxUnbroken = 40;

    public static Html Of<T>(
        string caption, IReadOnlyCollection<T> rows, IReadOnlyList<Column<T>> columns, string whenEmpty,
        Html foot = default) => rows.Count == 0
            ? Html.Of($"""<p class="empty">{whenEmpty}</p>""")
            : Frame(caption, rows, columns, Html.Join(columns, Heading), foot);

    /// <summary>The last line: a label over some columns, then the totals.</summary>
    public static Html Foot(string label, int columns, params Html[] totals) => Html.Of($"""
        <tfoot><tr><th scope="row" colspan="{columns}">{label}</th>{Html.Join(totals, t =>
            Html.Of($"""<td class="n">{t}</td>"""))}</tr></tfoot>
        """);

    /// <param name="headings">The cells of the heading row, already drawn.</param>
    public static Html Frame<T>(
        string caption, IEnumerable<T> rows, IReadOnlyList<Column<T>> columns, Html headings, Html foot) => Html.Of($"""
            <div class="scroll" role="region" tabindex="0" aria-label="{caption}"><table class="data">
            <caption>{caption}</caption>
            <thead><tr>{headings}</tr></thead>
            <tbody>{Html.Join(rows, row => Html.Of($"""
            <tr>{Html.Join(columns, c => Cell(c, row))}</tr>

            """))}</tbody>{foot}</table></div>

            """);

    /// <summary>A cell says its heading too: on a phone a row is a card, and nothing stands above it.</summary>
    private static Html Cell<T>(Column<T> column, T row)
    {
        var kind = column.IsNumber ? "n" : IsName(column.Plain?.Invoke(row)) ? "id" : "";
        return Html.Of($"""
            <td{Html.Attribute("class", kind, kind.Length > 0)}{Html.Attribute(
                "data-label", column.Heading, column.Heading.Length > 0)}>{column.Cell(row)}</td>
            """);
    }

    /// <summary>A name of a thing is not broken over lines at its hyphens; one that is too long is.</summary>
    private static bool IsName(string? text) => text is { Length: > 0 and <= MaxUnbroken } && !text.Contains(' ');

    public static Html Number<T>(Column<T> column) =>
        Html.Attribute("class", "n", column.IsNumber);

    private static Html Heading<T>(Column<T> column) =>
        Html.Of($"""<th scope="col"{Number(column)}>{column.Heading}</th>""");
}
