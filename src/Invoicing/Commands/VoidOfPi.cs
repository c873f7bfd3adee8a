using System.Collections.Immutable;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>
/// What an invoice to a PI leaves behind when it is taken back: what funds paid returns to them, what landlords were
/// to get is corrected, and its entries are undone.
/// </summary>
internal static class VoidOfPi
{
    /// <param name="id">As the invoice's stream is named: '2026-10:ada@bu.edu'.</param>
    /// <param name="because">Why, and what payments pay of it no more.</param>
    /// <returns>False when it was void already.</returns>
    public static async Task<bool> Decide(
        UnitOfWork work, Landlords landlords, string id,
        (string Reason, ImmutableArray<(string Payment, Money Amount)> Unapplied) because, Instant now,
        CancellationToken ct)
    {
        var stream = Invoice.Fold.StreamOf(id);
        var invoice = because.Unapplied.Aggregate(
            Invoice.Fold.Of(await work.Read<InvoiceEvent>(stream, ct)), (left, paid) => Invoice.Fold.Evolve(
                left, new InvoiceEvent.Unapplied(paid.Payment, paid.Amount, now)));
        var voided = Invoice.Void(invoice, because.Reason, now).OrThrow();
        if (voided.Count == 0)
        {
            return false;
        }

        var (content, terms) = invoice is Invoice.Issued issued ? (issued.Content, issued.Terms)
            : throw new InvalidOperationException($"{stream} was voided and is not issued.");
        work.Append(stream, voided);
        var months = Months.Fold.StreamOf(Months.Id);
        _ = await work.Read<MonthEvent>(months, ct);
        work.Append<MonthEvent>(months, [
            new MonthEvent.InvoiceVoided(
                content.Month, id, [.. content.Lines.Select(line => line.ServiceMonth(content.Month)).Distinct()
                    .Order()], now),
        ]);
        await GiveBackToFunds(work, content, now, ct);
        await GiveBackToGroups(work, content, now, ct);
        List<LedgerEvent> entries =
        [
            Entry.Of(stream, $"Void of {terms.Number}", Entry.OfInvoice(stream, content, now).Postings
                .Select(p => p with { Amount = -p.Amount }), now),
            .. await CorrectSettlements.Run(work, landlords, (content, true), terms.Number, now, ct),
        ];
        work.Create($"ledger-void:{id}", entries);
        return true;
    }

    private static async Task GiveBackToFunds(
        UnitOfWork work, InvoiceEvent.Drafted content, Instant now, CancellationToken ct)
    {
        foreach (var of in Shares(content).Where(pair => pair.Share.Group is null).GroupBy(pair => pair.Share.Fund))
        {
            var fund = Fund.Fold.StreamOf(of.Key);
            _ = await work.Read<FundEvent>(fund, ct);
            work.Append<FundEvent>(fund, of
                .GroupBy(pair => pair.Line.ServiceMonth(content.Month)).OrderBy(same => same.Key)
                .Select(same => new FundEvent.Used(
                    content.Pi!.Value, same.Key, content.Month, -Money.Sum(same.Select(p => p.Share.Amount)), now)));
        }
    }

    private static async Task GiveBackToGroups(
        UnitOfWork work, InvoiceEvent.Drafted content, Instant now, CancellationToken ct)
    {
        var prepaid = Shares(content).Where(pair => pair.Share.Group is not null)
            .GroupBy(pair => (Group: pair.Share.Group!, Month: pair.Line.ServiceMonth(content.Month)))
            .Select(same => new PrepaidEvent.Used(
                same.Key.Group, content.Pi!.Value, same.Key.Month, content.Month,
                -Money.Sum(same.Select(pair => pair.Share.Amount)), now)).ToList();
        if (prepaid.Count > 0)
        {
            var groups = PrepaidGroups.Fold.StreamOf(PrepaidGroups.Id);
            _ = await work.Read<PrepaidEvent>(groups, ct);
            work.Append<PrepaidEvent>(groups, prepaid);
        }
    }

    private static IEnumerable<(InvoiceLine Line, FundShare Share)> Shares(InvoiceEvent.Drafted content) =>
        content.Lines.SelectMany(line => line.Funds.Select(share => (line, share)));
}
