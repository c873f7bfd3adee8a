using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// Corrects the settlements of a closed month for one invoice: taken back, or issued again. The month stays as it was
/// told; the correction is told in the month in which it happens.
/// </summary>
internal static class CorrectSettlements
{
    /// <param name="change">The lines; those of a void invoice with the opposite sign.</param>
    /// <param name="number">The invoice.</param>
    /// <returns>The entries of what the exchange, owners of hardware and sellers get more or less.</returns>
    public static async Task<IReadOnlyList<LedgerEvent>> Run(
        UnitOfWork work, Landlords landlords, (InvoiceEvent.Drafted Content, bool IsVoid) change, string number,
        Instant now, CancellationToken ct)
    {
        var (content, isVoid) = change;
        var month = content.SettledIn ?? content.Month;
        var lines = isVoid ? [.. content.Lines.Select(Opposite)] : content.Lines;
        var what = $"The exchange's share of {number}, which {(isVoid ? "is void" : "was issued again")}";
        var entries = new List<LedgerEvent>();
        foreach (var seller in Transfer.Sellers(lines))
        {
            var stream = Settle.StreamOf(seller, month);
            var settled = Settlement.Fold.Of(await work.Read<SettlementEvent>(stream, ct)) with { Landlord = seller };
            var corrected = Settle.Correct(settled, month, number, lines, landlords, now);
            work.Append<SettlementEvent>(stream, [corrected]);
            var entry = Entry.OfSettlement(
                seller, month, what, new(corrected.Share, corrected.Hardware, corrected.Transfers), now);
            if (entry.Postings.Length > 0)
            {
                entries.Add(entry);
            }
        }

        return entries;
    }

    /// <summary>A line as it is told when it is taken back.</summary>
    public static InvoiceLine Opposite(InvoiceLine line) => line with
    {
        Quantity = line.Quantity with { Amount = -line.Quantity.Amount },
        Amount = -line.Amount,
        Avoided = line.Avoided is { } avoided ? -avoided : null,
        PassedOn = line.PassedOn is { } passed ? passed with { Amount = -passed.Amount } : null,
        Funds = [.. line.Funds.Select(share => share with { Amount = -share.Amount })],
    };
}
