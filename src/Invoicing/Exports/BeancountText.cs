using System.Security.Cryptography;
using System.Text;
using Exchange.Invoicing.Reading;

namespace Exchange.Invoicing.Exports;

/// <summary>Entries as beancount reads them, whose names of accounts are narrower than ours.</summary>
internal static class BeancountText
{
    /// <summary>Accounts open where they first appear, so that files of many months can be read together.</summary>
    public const string Heading = "plugin \"beancount.plugins.auto_accounts\"\n\n";

    public static string Of(LedgerEntry entry) =>
        $"{JournalExport.DateOf(entry)} * \"{Quoted(entry.What)}\"\n  reference: \"{Quoted(entry.Reference)}\"\n" +
        string.Concat(entry.Postings.Select(
            p => $"  {AccountOf(p.Account)}  {p.Amount.Plain} {p.Amount.Currency}\n")) + "\n";

    /// <summary>'receivable:pi:ada@bu.edu' as 'Assets:Receivable:Pi:Ada-at-bu-edu'.</summary>
    internal static string AccountOf(string account)
    {
        var parts = account.Split(':', 3);
        var root = (parts[0] == "accrued" ? parts[1] : parts[0]) switch
        {
            "receivable" or "cash" => "Assets",
            "payable" or "prepaid" => "Liabilities",
            "promotion" or "credits" or "hardware" => "Expenses",
            "revenue" => "Income",
            _ => "Equity",
        };
        return string.Join(':', parts.Select(Word).Prepend(root));
    }

    /// <summary>A word that beancount takes; where two names could become one, a mark of the name follows.</summary>
    private static string Word(string name)
    {
        var word = new StringBuilder();
        var isAddress = name.Contains('@', StringComparison.Ordinal);
        var isClear = !name.Contains("-at-", StringComparison.Ordinal);
        foreach (var c in name)
        {
            var isPlain = char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c);
            word.Append(c == '@' ? "-at-" : isPlain ? c.ToString() : "-");
            isClear &= isPlain || c == '@' || c == (isAddress ? '.' : '-');
        }

        var text = word.ToString();
        text = char.IsAsciiLetterOrDigit(text[0]) ? char.ToUpperInvariant(text[0]) + text[1..] : $"X{text}";
        return isClear
            ? text
            : $"{text}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..6]}";
    }

    private static string Quoted(string text) =>
        text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);
}
