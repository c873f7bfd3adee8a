using System.Globalization;
using System.Xml;
using System.Xml.Linq;
using Exchange.Rating;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Invoicing.Accounts;

/// <summary>Money that came, as the bank lists it.</summary>
/// <param name="Line">Where it stands in the file, from 1.</param>
/// <param name="Reference">What tells it from others, for ever.</param>
/// <param name="Text">What whoever paid wrote: numbers of invoices, perhaps.</param>
public sealed record BankMovement(int Line, LocalDate Day, Money Amount, string Reference, string Text)
{
    /// <summary>
    /// Whether the bank takes a booking back: below zero a payment that came before, above zero what had left.
    /// </summary>
    public bool IsReversal { get; init; }

    /// <summary>
    /// What the list calls it, where that tells it from others of its day only; null where the bank tells it from all
    /// others. Payments were recorded under it before its day was added to the reference.
    /// </summary>
    public string? OfItsDay { get; init; }
}

/// <summary>
/// Reads what a bank lists: CSV with the columns date, amount, reference, text and perhaps currency, or camt.053 of
/// ISO 20022. What left the account is passed over, but for payments that the bank took back.
/// </summary>
public static class BankFile
{
    private const int MaxBytes = 16 << 20;
    private const int MaxDepth = 50;

    private static readonly XmlReaderSettings Safe = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersInDocument = MaxBytes,
    };

    /// <summary>The largest list that is read at once, in bytes.</summary>
    public static int Largest => MaxBytes;

    /// <exception cref="RefusedException">It is too large, or neither of the two, or a line cannot be read.</exception>
    public static IReadOnlyList<BankMovement> Read(string path)
    {
        using var file = File.OpenRead(path);
        if (file.Length > MaxBytes)
        {
            throw Wrong(path, 0, $"it is larger than {MaxBytes >> 20} MiB; ask the bank for fewer days at a time");
        }

        using var reader = new StreamReader(file);
        return Parse(reader.ReadToEnd(), Path.GetFileName(path));
    }

    /// <param name="name">What the text is called in messages.</param>
    /// <exception cref="RefusedException">It is neither of the two, or a line of it cannot be read.</exception>
    public static IReadOnlyList<BankMovement> Parse(string text, string name) =>
        text.AsSpan().TrimStart('\uFEFF').TrimStart().StartsWith("<", StringComparison.Ordinal)
            ? Camt(text, name)
            : Csv(text, name);

    private static List<BankMovement> Csv(string text, string name)
    {
        List<BankMovement> found = [];
        foreach (var row in CsvTable.Parse(text, name, '"', "date", "amount", "reference", "text").Rows)
        {
            var amount = AmountOf(row["amount"] ?? "", name, row.Line);
            if (amount > Money.Zero)
            {
                if (OtherCurrency.Of(row) is { } currency)
                {
                    throw Wrong(name, row.Line, $"the currency is {currency}, and invoices are in USD");
                }

                found.Add(new(
                    row.Line, DayOf(row["date"] ?? "", name, row.Line), amount,
                    ReferenceOf(row["reference"] ?? "", name, row.Line), row["text"] ?? ""));
            }
        }

        return found;
    }

    private static List<BankMovement> Camt(string text, string name)
    {
        XDocument document;
        try
        {
            using (var ahead = Reader(text))
            {
                CheckDepth(ahead, name);
            }

            using var reader = Reader(text);
            document = XDocument.Load(reader, LoadOptions.SetLineInfo);
        }
        catch (XmlException e)
        {
            throw Wrong(name, e.LineNumber, $"it is no XML that a bank sends: {e.Message}");
        }

        return document.Descendants().Any(e => e.Name.LocalName == "BkToCstmrStmt")
            ? CamtEntries.Of(document, name)
            : throw Wrong(name, 1, "it is no camt.053: there is no BkToCstmrStmt in it");
    }

    private static XmlReader Reader(string text) =>
        XmlReader.Create(new StringReader(text.TrimStart('\uFEFF').TrimStart()), Safe);

    /// <summary>A tree of elements is built in the square of its depth: 200,000 levels took nine minutes.</summary>
    private static void CheckDepth(XmlReader ahead, string name)
    {
        while (ahead.Read())
        {
            if (ahead.Depth > MaxDepth)
            {
                throw Wrong(name, (ahead as IXmlLineInfo)?.LineNumber ?? 0, $"it is deeper than {MaxDepth} levels");
            }
        }
    }

    internal static LocalDate DayOf(string text, string name, int line) => LocalDatePattern.Iso.Parse(text) is
    { Success: true } day
        ? day.Value
        : throw Wrong(name, line, $"'{text}' is no day; write it like '2026-11-03'");

    internal static Money AmountOf(string text, string name, int line) =>
        decimal.TryParse(text, Text.PlainNumber, CultureInfo.InvariantCulture, out var amount) &&
        decimal.Round(amount, 2, MidpointRounding.ToZero) == amount && Math.Abs(amount) < 1_000_000_000_000m
            ? new(decimal.ToInt64(amount * 100))
            : throw Wrong(name, line, $"'{text}' is no amount; write dollars and cents, like '1250.00'");

    internal static string ReferenceOf(string text, string name, int line) => Name.IsOne(text) ? text
        : throw Wrong(name, line, "it has no reference, which tells one payment from another");

    internal static RefusedException Wrong(string name, int line, string why) => new(new(
        "payment/bank-file", $"The bank's list cannot be read: {why}. Nothing of it was recorded.",
        line > 0 ? $"{name}:{line}" : name));
}
