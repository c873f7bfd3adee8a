using System.Globalization;
using Exchange.Portal.Web.Components;
using Microsoft.AspNetCore.Components;

namespace Exchange.Portal.Web;

/// <summary>A column of a table: its heading, how a row fills it, and how it is sorted and exported.</summary>
/// <param name="Plain">The cell as bare text; a column without it is not exported.</param>
/// <param name="Key">What the column is sorted by; a column without it is not sorted.</param>
internal sealed record Column<T>(
    string Heading, Func<T, RenderFragment> Content, bool IsNumber = false, Func<T, string?>? Plain = null,
    Func<T, IComparable?>? Key = null)
{
    /// <summary>Whether it gives way on a screen too narrow for all: it is also behind the row, and in files.</summary>
    public bool IsExtra { get; init; }

    public static Column<T> Words(string heading, Func<T, string?> text) =>
        new(heading, row => Cell.Unbroken(text(row)), Plain: text, Key: text);

    public static Column<T> Number(string heading, Func<T, string> text, Func<T, IComparable?>? key = null) =>
        new(heading, row => Cell.Words(text(row)), IsNumber: true, text, key);

    public static Column<T> Number(string heading, Func<T, decimal> number) => new(
        heading, row => Cell.Words(Show.Of(number(row))), IsNumber: true,
        row => number(row).ToString(CultureInfo.InvariantCulture), row => number(row));

    public static Column<T> Amount(string heading, Func<T, Money> money) => new(
        heading, row => Cell.Words(Show.Of(money(row))), IsNumber: true,
        row => money(row).Amount.ToString(CultureInfo.InvariantCulture), row => money(row).Cents);

    /// <summary>A price of one unit, exact.</summary>
    public static Column<T> Rate(string heading, Func<T, decimal?> rate) => new(
        heading, row => Cell.Words(rate(row) is { } price ? Show.Rate(price) : ""), IsNumber: true,
        row => rate(row) is { } price ? Exchange.Text.Of(price) : "", row => rate(row));

    public static Column<T> Link(string heading, Func<T, string?> text, Func<T, string> href) =>
        new(heading, row => Cell.Named(href(row), text(row)), Plain: text, Key: text);

    /// <summary>An instant, sorted by time and exported as ISO writes it.</summary>
    public static Column<T> Time(string heading, Func<T, NodaTime.Instant?> at) => new(
        heading, row => at(row) is { } instant ? Cell.Time(Show.Of(instant)) : Cell.None,
        Plain: row => at(row) is { } instant ? Exchange.Text.Of(instant) : "", Key: row => at(row));

    /// <summary>A month: 'Oct 2026' on the page, '2026-10' in files.</summary>
    public static Column<T> Month(string heading, Func<T, BillingMonth> month) => new(
        heading, row => Cell.Time(Show.Of(month(row))), Plain: row => month(row).ToString(),
        Key: row => month(row).ToString());

    /// <summary>A month that leads somewhere.</summary>
    public static Column<T> Month(string heading, Func<T, BillingMonth> month, Func<T, string> href) => new(
        heading, row => Cell.Link(href(row), Show.Of(month(row))), Plain: row => month(row).ToString(),
        Key: row => month(row).ToString());

    /// <summary>A day: 'Nov 11, 2026' on the page, as ISO writes it in files.</summary>
    public static Column<T> Day(string heading, Func<T, NodaTime.LocalDate?> day) => new(
        heading, row => day(row) is { } date ? Cell.Time(Show.Date(date)) : Cell.None,
        Plain: row => day(row) is { } date ? AsOf.Text(date) : "", Key: row => day(row));

    /// <summary>How much was used; what is counted in money is no usage.</summary>
    public static Column<T> Usage(string heading, Func<T, Quantity> quantity) =>
        Number(heading, row => Show.Usage(quantity(row)), row => quantity(row).IsMoney ? 0 : quantity(row).Amount);

    public static Column<T> State(string heading, Func<T, string> state, Func<T, bool> isGood) =>
        new(heading, row => Cell.Tag(state(row), isGood(row)), Plain: state, Key: state);
}

/// <summary>How rows and columns become a table that a component shows.</summary>
internal static class Table
{
    private const int ManyColumns = 9;

    /// <summary>The last line: a label over some columns, then the totals.</summary>
    public static TableFoot Foot(string label, int columns, params string[] totals) => new(label, columns, totals);

    public static TableFoot Foot(string label, int columns, params Money[] totals) =>
        Foot(label, columns, Array.ConvertAll(totals, Show.Of));

    /// <summary>Whether there are so many columns that they take the whole width of the screen.</summary>
    public static bool IsWide(int columns) => columns >= ManyColumns;

    /// <summary>A heading without a link.</summary>
    public static TableHeading Of<T>(Column<T> column) =>
        new(column.Heading, OrNone(Kinds(column, column.IsNumber ? "n" : "")));

    public static TableCell Of<T>(Column<T> column, T row) => new(
        OrNone(CellKinds(column, row)), OrNone(column.Heading), column.Content(row));

    private static string? OrNone(string text) => text.Length > 0 ? text : null;

    private static string CellKinds<T>(Column<T> column, T row)
    {
        var plain = column.IsNumber ? null : column.Plain?.Invoke(row);
        return Kinds(column, column.IsNumber ? "n" : (Cell.IsName(plain), Cell.IsLong(plain)) switch
        {
            (true, true) => "id long",
            (true, false) => "id",
            (false, var isLong) => isLong ? "long" : "",
        });
    }

    private static string Kinds<T>(Column<T> column, string kind) =>
        !column.IsExtra ? kind : kind.Length == 0 ? "extra" : $"{kind} extra";
}
