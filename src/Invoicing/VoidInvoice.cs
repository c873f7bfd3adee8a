using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Reading;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>
/// 'exchange invoices void' — takes an invoice back and everything that followed from it: what funds paid, what
/// landlords were to get, and its entries. The next close bills its usage again, as adjustments.
/// </summary>
public static class VoidInvoice
{
    /// <returns>False when it was void already.</returns>
    /// <exception cref="RefusedException">There is no such invoice, or it cannot be taken back.</exception>
    /// <exception cref="ConflictException">Someone else changed one of these meanwhile; ask again.</exception>
    public static async Task<bool> Run(
        Sources sources, string number, string reason, Instant now, CancellationToken ct)
    {
        var (row, _) = await FindInvoice.Needed(sources.Journal, sources.Database, number, ct);
        var stream = Invoice.Fold.StreamOf(row.Id);
        var history = await sources.Journal.Read<InvoiceEvent>(stream, ct);
        var invoice = Invoice.Fold.Of(history);
        var voided = Invoice.Void(invoice, reason, now).OrThrow();
        if (voided.Count == 0)
        {
            return false;
        }

        var content = ((Invoice.Issued)invoice).Content;
        List<StreamAppend> appends = [StreamAppend.Of(stream, history.Count, voided)];
        var entries = new List<LedgerEvent>
        {
            Entry.Of(stream, $"Void of {number}", Entry.OfInvoice(stream, content, now).Postings
                .Select(p => p with { Amount = -p.Amount }), now),
        };
        foreach (var of in content.Lines.SelectMany(line => line.Funds.Select(share => (line, share)))
            .Where(pair => pair.share.Group is null).GroupBy(pair => pair.share.Fund))
        {
            var fund = Fund.Fold.StreamOf(of.Key);
            var version = (await sources.Journal.Read<FundEvent>(fund, ct)).Count;
            appends.Add(StreamAppend.Of<FundEvent>(fund, version, of
                .GroupBy(pair => pair.line.ServiceMonth(content.Month)).OrderBy(same => same.Key)
                .Select(same => new FundEvent.Used(
                    content.Pi!.Value, same.Key, content.Month, -Money.Sum(same.Select(p => p.share.Amount)), now))));
        }

        var prepaid = content.Lines.SelectMany(line => line.Funds.Select(share => (line, share)))
            .Where(pair => pair.share.Group is not null)
            .GroupBy(pair => (Group: pair.share.Group!, Month: pair.line.ServiceMonth(content.Month)))
            .Select(same => new PrepaidEvent.Used(
                same.Key.Group, content.Pi!.Value, same.Key.Month, content.Month,
                -Money.Sum(same.Select(pair => pair.share.Amount)), now)).ToList();
        if (prepaid.Count > 0)
        {
            var groups = PrepaidGroups.Fold.StreamOf(PrepaidGroups.Id);
            var version = (await sources.Journal.Read<PrepaidEvent>(groups, ct)).Count;
            appends.Add(StreamAppend.Of<PrepaidEvent>(groups, version, prepaid));
        }

        foreach (var of in content.Lines.GroupBy(line => line.Landlord))
        {
            var settlement = Settle.StreamOf(of.Key, content.Month);
            var drawn = await sources.Journal.Read<SettlementEvent>(settlement, ct);
            var corrected = Settle.Correct(
                Settlement.Fold.Of(drawn), content.Month, number, of, sources.Landlords, now);
            appends.Add(StreamAppend.Of<SettlementEvent>(settlement, drawn.Count, [corrected]));
            var entry = Entry.OfSettlement(
                of.Key, content.Month, $"The exchange's share of {number}, which is void",
                corrected.Share, corrected.Hardware, now);
            if (entry.Postings.Length > 0)
            {
                entries.Add(entry);
            }
        }

        appends.Add(StreamAppend.Of($"ledger-void:{row.Id}", 0, entries));
        await sources.Journal.Append(appends, ct);
        return true;
    }
}
