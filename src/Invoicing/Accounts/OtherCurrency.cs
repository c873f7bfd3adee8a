using Exchange.Metering.Csv;

namespace Exchange.Invoicing.Accounts;

/// <summary>Whether a row of a file says that its amounts are in another currency than invoices are.</summary>
internal static class OtherCurrency
{
    /// <summary>The currency of a row, where it is not USD; null where it is, or where no column says it.</summary>
    public static string? Of(CsvRow row) => row.Cells
        .Where(cell => cell.Key.Trim().ToUpperInvariant() is "CURRENCY" or "CCY")
        .Select(cell => cell.Value.Trim())
        .FirstOrDefault(currency => currency.Length > 0 &&
            !currency.Equals("USD", StringComparison.OrdinalIgnoreCase));
}
