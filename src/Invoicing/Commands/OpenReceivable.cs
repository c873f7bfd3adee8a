using System.Globalization;
using System.Text.RegularExpressions;
using Exchange.Invoicing.Accounts;
using Exchange.Metering.Csv;
using Exchange.Rating;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Invoicing;

/// <summary>An invoice of the system before this one on which something is open.</summary>
/// <param name="Amount">What is open; below zero for what it is in favor of the account.</param>
/// <param name="Where">The row that says so.</param>
public sealed record OpenReceivable(
    string Number, AccountName Account, BillingMonth Month, LocalDate Issued, LocalDate Due, Money Amount, string Where)
{
    public const string Columns = "number,account,month,due,amount";

    /// <summary>A CSV with these columns and, where it has it, 'issued'; the month's end otherwise.</summary>
    /// <exception cref="RefusedException">A row cannot be understood; the line is named.</exception>
    public static IReadOnlyList<OpenReceivable> Parse(string csv, string file) =>
        [.. CsvTable.Parse(csv, file, '"', "number", "account", "month", "due", "amount").Rows.Select(Of)];

    private static OpenReceivable Of(CsvRow row)
    {
        try
        {
            if (OtherCurrency.Of(row) is { } currency)
            {
                throw new FormatException($"the currency is {currency}, and invoices are in USD");
            }

            var month = BillingMonth.Parse(Needed(row, "month"));
            var account = AccountName.Parse(Needed(row, "account"), null);
            return new(
                Needed(row, "number"),
                account.Kind == "pi" ? AccountName.Of(ProjectDirectory.Spelled(PiId.Parse(account.Name))) : account,
                month, row["issued"] is { } day ? Day(day) : month.Next.Start.InUtc().Date, Day(Needed(row, "due")),
                Money.Exactly(Text.Number(Needed(row, "amount"))), row.Where);
        }
        catch (Exception e) when (e is FormatException or OverflowException or UnparsableValueException)
        {
            throw new RefusedException(new(
                "opening/bad-row",
                $"'{row.Raw}' is not what it must be ({e.Message}). The columns are {Columns} and perhaps issued: a " +
                "number, an account like 'pi:ada@bu.edu' or 'institution:Harvard University', a month like 2025-02, " +
                "days like 2025-03-31, and dollars like 120.50.", row.Where));
        }
    }

    private static LocalDate Day(string text) => LocalDatePattern.Iso.Parse(text).GetValueOrThrow();

    private static string Needed(CsvRow row, string column) =>
        row[column] is { Length: > 0 } text ? text : throw new FormatException($"'{column}' is empty");
}

/// <summary>The last number of a series that the system before this one gave.</summary>
/// <param name="Series">As 'PI-2026'.</param>
public sealed partial record LastNumber(string Series, int Last, string Where)
{
    /// <summary>A CSV with the columns 'series' and 'last'.</summary>
    /// <exception cref="RefusedException">A row cannot be understood; the line is named.</exception>
    public static IReadOnlyList<LastNumber> Parse(string csv, string file) =>
    [
        .. CsvTable.Parse(csv, file, '"', "series", "last").Rows.Select(row =>
            row["series"] is { } series && Known().IsMatch(series) &&
            int.TryParse(row["last"], NumberStyles.None, CultureInfo.InvariantCulture, out var last) && last > 0
                ? new LastNumber(series, last, row.Where)
                : throw new RefusedException(new(
                    "opening/bad-row",
                    $"'{row.Raw}' is not what it must be. The columns are series,last: a series like PI-2026, " +
                    "CN-2026, IN-2026, PY-2026 or PG-2026, and the last number of it that was given, as 42.",
                    row.Where))),
    ];

    /// <summary>The series and the place of a number that looks like one of ours; null for any other.</summary>
    public static (string Series, int Place)? Of(string number) =>
        Ours().Match(number) is { Success: true } match &&
        int.TryParse(match.Groups[2].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var place)
            ? (match.Groups[1].Value, place)
            : null;

    [GeneratedRegex("^(PI|CN|IN|PY|PG)-[0-9]{4}$")]
    private static partial Regex Known();

    [GeneratedRegex("^((?:PI|CN|IN|PY|PG)-[0-9]{4})-([0-9]+)$")]
    private static partial Regex Ours();
}
