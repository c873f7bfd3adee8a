using System.Globalization;
using Exchange.Metering.Csv;

namespace Exchange.Nerc;

/// <summary>Reads cells of NERC's files; a wrong one is refused with its file and line.</summary>
internal static class Cells
{
    /// <summary>Rates were at times written with an exponent.</summary>
    private const NumberStyles Written = Text.PlainNumber | NumberStyles.AllowExponent;

    /// <summary>What the present pipeline takes for nothing when it stands in a cell.</summary>
    private static readonly HashSet<string> Nothing = new(StringComparer.Ordinal)
    {
        "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND", "1.#QNAN", "<NA>", "N/A", "NA",
        "NULL", "NaN", "None", "n/a", "nan", "null",
    };

    public static string Needed(CsvRow row, string column) => row[column]
        ?? throw new RefusedException(new("nerc/empty-cell", $"Column '{column}' is empty. Fill it in.", row.Where));

    /// <summary>The words of a cell, or null for an empty one and for words that stand for nothing.</summary>
    public static string? Words(CsvRow row, string column) =>
        row[column] is { } words && !Nothing.Contains(words) ? words : null;

    public static decimal? Number(CsvRow row, string column) => row[column] switch
    {
        null => null,
        var text when decimal.TryParse(text, Written, CultureInfo.InvariantCulture, out var number) => number,
        var text when Nothing.Contains(text) => null,
        var text => throw new RefusedException(new(
            "nerc/not-a-number", $"'{text}' in column '{column}' is not a number. Correct it.", row.Where)),
    };

    public static Money? Cents(CsvRow row, string column) =>
        Number(row, column) is { } amount ? Money.Round(BinaryLoad.Round(amount, 2)) : null;
}

/// <summary>Months as NERC's files write them: '2025-10', and '2025-2' as well.</summary>
internal static class Months
{
    public static string Checked(CsvRow row, string column)
    {
        var text = Cells.Needed(row, column);
        return TryParse(text, out _)
            ? text
            : throw new RefusedException(new(
                "nerc/not-a-month", $"'{text}' in column '{column}' is not a month. Write it like 2025-10.",
                row.Where));
    }

    /// <summary>The month of a text that was checked.</summary>
    public static BillingMonth Parse(string text) =>
        TryParse(text, out var month) ? month : throw new FormatException($"'{text}' is not a month.");

    private static bool TryParse(string text, out BillingMonth month)
    {
        month = default;
        if (text.Split('-') is [{ Length: 4 } year, { Length: 1 or 2 } number])
        {
            return BillingMonth.TryParse($"{year}-{number.PadLeft(2, '0')}", null, out month);
        }

        return false;
    }
}
