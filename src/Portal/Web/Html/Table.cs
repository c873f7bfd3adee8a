using System.Globalization;

namespace Exchange.Portal.Web;

/// <summary>A column of a table: its heading, how a row fills it, and how it is sorted and exported.</summary>
/// <param name="Plain">The cell as bare text; a column without it is not exported.</param>
/// <param name="Key">What the column is sorted by; a column without it is not sorted.</param>
internal sealed record Column<T>(
    string Heading, Func<T, Html> Cell, bool IsNumber = false, Func<T, string?>? Plain = null,
    Func<T, IComparable?>? Key = null)
{
    /// <summary>Whether it gives way on a screen too narrow for all: it is also behind the row, and in files.</summary>
    public bool IsExtra { get; init; }

    public static Column<T> Words(string heading, Func<T, string?> text) =>
        new(heading, row => Table.Unbroken(text(row)), Plain: text, Key: text);

    public static Column<T> Number(string heading, Func<T, string> text, Func<T, IComparable?>? key = null) =>
        new(heading, row => Html.Words(text(row)), IsNumber: true, text, key);

    public static Column<T> Number(string heading, Func<T, decimal> number) => new(
        heading, row => Html.Words(Show.Of(number(row))), IsNumber: true,
        row => number(row).ToString(CultureInfo.InvariantCulture), row => number(row));

    public static Column<T> Amount(string heading, Func<T, Money> money) => new(
        heading, row => Html.Words(Show.Of(money(row))), IsNumber: true,
        row => money(row).Amount.ToString(CultureInfo.InvariantCulture), row => money(row).Cents);

    public static Column<T> Link(string heading, Func<T, string?> text, Func<T, string> href) =>
        new(heading, row => Table.Link(href(row), text(row)), Plain: text, Key: text);

    /// <summary>An instant, sorted by time and exported as ISO writes it.</summary>
    public static Column<T> Time(string heading, Func<T, NodaTime.Instant?> at) => new(
        heading, row => at(row) is { } instant ? Html.Time(Show.Of(instant)) : Html.None,
        Plain: row => at(row) is { } instant ? Exchange.Text.Of(instant) : "", Key: row => at(row));

    /// <summary>A month: 'Oct 2026' on the page, '2026-10' in files.</summary>
    public static Column<T> Month(string heading, Func<T, BillingMonth> month) => new(
        heading, row => Html.Time(Show.Of(month(row))), Plain: row => month(row).ToString(),
        Key: row => month(row).ToString());

    /// <summary>A month that leads somewhere.</summary>
    public static Column<T> Month(string heading, Func<T, BillingMonth> month, Func<T, string> href) => new(
        heading, row => Html.Link(href(row), Show.Of(month(row))), Plain: row => month(row).ToString(),
        Key: row => month(row).ToString());

    /// <summary>A day: 'Nov 11, 2026' on the page, as ISO writes it in files.</summary>
    public static Column<T> Day(string heading, Func<T, NodaTime.LocalDate?> day) => new(
        heading, row => day(row) is { } date ? Html.Time(Show.Date(date)) : Html.None,
        Plain: row => day(row) is { } date ? AsOf.Text(date) : "", Key: row => day(row));

    /// <summary>How much was used; what is counted in money is no usage.</summary>
    public static Column<T> Usage(string heading, Func<T, Quantity> quantity) =>
        Number(heading, row => Show.Usage(quantity(row)), row => quantity(row).IsMoney ? 0 : quantity(row).Amount);

    public static Column<T> State(string heading, Func<T, string> state, Func<T, bool> isGood) =>
        new(heading, row => Tag.Of(state(row), isGood(row)), Plain: state, Key: state);
}

/// <summary>A table with a caption, headings that assistive technology can read, and a foot of totals.</summary>
internal static class Table
{
    private const int MaxUnbroken = 40;
    private const int OnPhones = 24;
    private const int ManyColumns = 9;

    public static Html Of<T>(
        string caption, IReadOnlyCollection<T> rows, IReadOnlyList<Column<T>> columns, string whenEmpty,
        TableFoot? foot = null) => rows.Count == 0
            ? Html.Of($"""<p class="empty">{whenEmpty}</p>""")
            : Frame(caption, rows, columns, Html.Join(columns, Heading), foot);

    /// <summary>The last line: a label over some columns, then the totals.</summary>
    public static TableFoot Foot(string label, int columns, params string[] totals) => new(label, columns, totals);

    public static TableFoot Foot(string label, int columns, params Money[] totals) =>
        Foot(label, columns, Array.ConvertAll(totals, Show.Of));

    /// <param name="headings">The cells of the heading row, already drawn.</param>
    public static Html Frame<T>(
        string caption, IEnumerable<T> rows, IReadOnlyList<Column<T>> columns, Html headings, TableFoot? foot) =>
        Html.Of($"""
            <div class="scroll" role="region" tabindex="0" aria-label="{caption}">
            <table class="data{(IsWide(columns.Count) ? " wide" : "")}">
            <caption>{caption}</caption>
            <thead><tr>{headings}</tr></thead>
            <tbody>{Html.Join(rows, row => Html.Of($"""
            <tr>{Html.Join(columns, c => Cell(c, row))}</tr>

            """))}</tbody>{foot?.Below(columns.Count) ?? Html.None}</table></div>

            """);

    /// <summary>Whether there are so many columns that they take the whole width of the screen.</summary>
    public static bool IsWide(int columns) => columns >= ManyColumns;

    /// <summary>A heading without a link, as a component shows it.</summary>
    public static TableHeading Of<T>(Column<T> column) => new(column.Heading, OrNone(NumberKinds(column)));

    /// <summary>A cell as a component shows it.</summary>
    public static TableCell Of<T>(Column<T> column, T row) => new(
        OrNone(CellKinds(column, row)), OrNone(column.Heading), column.Cell(row).Markup);

    private static string? OrNone(string text) => text.Length > 0 ? text : null;

    private static string CellKinds<T>(Column<T> column, T row)
    {
        var plain = column.IsNumber ? null : column.Plain?.Invoke(row);
        return Kinds(column, column.IsNumber ? "n" : (IsName(plain), IsLong(plain)) switch
        {
            (true, true) => "id long",
            (true, false) => "id",
            (false, var isLong) => isLong ? "long" : "",
        });
    }

    /// <summary>A cell says its heading too: on a phone a row is a card, and nothing stands above it.</summary>
    private static Html Cell<T>(Column<T> column, T row)
    {
        var kind = CellKinds(column, row);
        return Html.Of($"""
            <td{Html.Attribute("class", kind, kind.Length > 0)}{Html.Attribute(
                "data-label", column.Heading, column.Heading.Length > 0)}>{column.Cell(row)}</td>
            """);
    }

    /// <summary>A name of a thing is not broken over lines at its hyphens; one that is too long is.</summary>
    private static bool IsName(string? text) => text is { Length: > 0 and <= MaxUnbroken } && !text.Contains(' ');

    /// <summary>
    /// A text in which no name of a thing is broken over lines: 'bu-node-1, bu-node-12', 'agreement Q-7F3K2M9Q',
    /// 'vm nerc/stack/vm-1'. All else is as it is.
    /// </summary>
    public static Html Unbroken(string? text) => text is null || !text.Contains(' ') || !HasName(text)
        ? Html.Words(text)
        : Html.Join(text.Split(' ').Index(), one => Html.Of($"{(one.Index > 0 ? " " : "")}{Part(one.Item)}"));

    /// <summary>A link on such a text.</summary>
    public static Html Link(string href, string? text) => Html.Of($"""<a href="{href}">{Unbroken(text)}</a>""");

    private static Html Part(string word) =>
        IsBreakable(word) ? Html.Of($"<span class=\"id\">{word}</span>") : Html.Words(word);

    private static bool HasName(string text) => Array.Exists(text.Split(' '), IsBreakable);

    /// <summary>Whether a browser would break a word that is a name: after a hyphen or a slash.</summary>
    private static bool IsBreakable(string word) =>
        word.Length <= MaxUnbroken && word.AsSpan().IndexOfAny('-', '/') > 0 &&
        (word.AsSpan().IndexOfAnyInRange('0', '9') >= 0 || word.AsSpan().CountAny('-', '/') > 1);

    /// <summary>Whether something in it needs the whole width of a phone.</summary>
    private static bool IsLong(string? text) => text?.Length > OnPhones && Array.Exists(
        text.Split(' '), word => word.Length is > OnPhones and <= MaxUnbroken && (IsBreakable(word) || word == text));

    public static Html Number<T>(Column<T> column)
    {
        var kinds = NumberKinds(column);
        return Html.Attribute("class", kinds, kinds.Length > 0);
    }

    private static string NumberKinds<T>(Column<T> column) => Kinds(column, column.IsNumber ? "n" : "");

    private static string Kinds<T>(Column<T> column, string kind) =>
        !column.IsExtra ? kind : kind.Length == 0 ? "extra" : $"{kind} extra";

    private static Html Heading<T>(Column<T> column) =>
        Html.Of($"""<th scope="col"{Number(column)}>{column.Heading}</th>""");
}
