using System.Xml;
using System.Xml.Linq;

namespace Exchange.Invoicing.Accounts;

/// <summary>
/// The money that came in a camt.053 statement, in whatever version of its namespace: each booked credit, and of a
/// batch that the bank booked as one each payment in it. What the bank takes back of its own bookings says so.
/// </summary>
internal static class CamtEntries
{
    private const int IsoDay = 10;

    public static List<BankMovement> Of(XDocument statement, string name) =>
        [.. statement.Descendants().Where(e => e.Name.LocalName == "Ntry").SelectMany(entry => Of(entry, name))];

    private static List<BankMovement> Of(XElement entry, string name)
    {
        var (isCredit, isReversal) = (
            Child(entry, "CdtDbtInd")?.Value.Trim() == "CRDT", Child(entry, "RvslInd")?.Value.Trim() is "true" or "1");
        if ((!isCredit && !isReversal) || Child(entry, "Sts")?.Value.Trim() is not (null or "BOOK"))
        {
            return []; // Money that left, or is only announced.
        }

        var whole = Movement(entry, entry, Child(entry, "Amt"), "", name);
        if (isReversal)
        {
            return [whole with { Amount = isCredit ? whole.Amount : -whole.Amount, IsReversal = true }];
        }

        var parts = entry.Descendants().Where(e => e.Name.LocalName == "TxDtls").ToList();
        var split = parts.Select((part, i) => (Part: part, Amount: AmountIn(part), Place: i + 1)).ToList();
        if (parts.Count < 2 || split.Exists(of => of.Amount is null))
        {
            return [whole];
        }

        var movements = split.ConvertAll(of => Movement(entry, of.Part, of.Amount, $"/{of.Place}", name));
        var sum = Money.Sum(movements.Select(movement => movement.Amount));
        return sum == whole.Amount ? movements : throw BankFile.Wrong(
            name, whole.Line, $"the payments of the batch come to {sum}, and it was booked with {whole.Amount}");
    }

    /// <param name="within">The entry itself, or one payment of it.</param>
    /// <param name="place">What tells a payment of a batch from others; empty for the entry itself.</param>
    private static BankMovement Movement(XElement entry, XElement within, XElement? amount, string place, string name)
    {
        var line = ((IXmlLineInfo)within).LineNumber;
        if (amount?.Attribute("Ccy")?.Value is { } currency && currency != "USD")
        {
            throw BankFile.Wrong(name, line, $"the currency is {currency}, and invoices are in USD");
        }

        var written = (Child(entry, "ValDt") ?? Child(entry, "BookgDt"))?.Value.Trim() ?? "";
        var day = BankFile.DayOf(written.Length > IsoDay ? written[..IsoDay] : written, name, line);
        var (said, isTheBanks) = ReferenceIn(entry);
        var reference = BankFile.ReferenceOf(said, name, line) + place;
        return new(
            line, day, BankFile.AmountOf(amount?.Value.Trim() ?? "", name, line),
            isTheBanks ? reference : $"{day:uuuu-MM-dd}/{reference}",
            string.Join(' ', within.Descendants()
                .Where(e => e.Name.LocalName is "Ustrd" or "EndToEndId" or "AddtlNtryInf" or "AddtlTxInf" or "Ref")
                .Select(e => e.Value.Trim()).Where(text => text.Length > 0 && text != NotProvided)
                .Prepend(Debtor(within)).Where(text => text.Length > 0)))
        {
            OfItsDay = isTheBanks ? null : reference,
        };
    }

    /// <summary>What banks write where whoever paid gave nothing.</summary>
    private const string NotProvided = "NOTPROVIDED";

    /// <summary>
    /// The bank's own reference tells an entry from all others. The number of an entry begins anew with each statement,
    /// and who pays by standing order gives the same reference each month: those tell it from others of its day.
    /// </summary>
    private static (string Said, bool IsTheBanks) ReferenceIn(XElement entry)
    {
        const string TheBanks = "AcctSvcrRef";
        return ((string[])[TheBanks, "NtryRef", "TxId", "EndToEndId"])
            .Select(of => (In: Child(entry, of) ?? entry.Descendants()
                .FirstOrDefault(e => e.Name.LocalName == of), IsTheBanks: of == TheBanks))
            .Select(of => (Said: of.In?.Value.Trim() ?? "", of.IsTheBanks))
            .FirstOrDefault(of => of.Said.Length > 0 && of.Said != NotProvided, (Said: "", IsTheBanks: false));
    }

    /// <summary>A payment's own amount, in the currency of the account where the bank gives both.</summary>
    private static XElement? AmountIn(XElement part) => Child(part, "Amt") ??
        part.Descendants().FirstOrDefault(e => e.Name.LocalName == "Amt" && e.Parent!.Name.LocalName == "TxAmt") ??
        part.Descendants().FirstOrDefault(e => e.Name.LocalName == "Amt" && e.Parent!.Name.LocalName == "InstdAmt");

    /// <summary>Who paid, where the bank names them.</summary>
    private static string Debtor(XElement within) => within.Descendants()
        .FirstOrDefault(e => e.Name.LocalName == "Dbtr")?.Descendants()
        .FirstOrDefault(e => e.Name.LocalName == "Nm")?.Value.Trim() ?? "";

    private static XElement? Child(XElement of, string name) =>
        of.Elements().FirstOrDefault(e => e.Name.LocalName == name);
}
