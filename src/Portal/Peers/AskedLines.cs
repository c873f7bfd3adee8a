using System.Collections.Immutable;
using Exchange.Invoicing;
using Exchange.Invoicing.Reading;
using Exchange.Market.Peers;
using Exchange.Rating;

namespace Exchange.Portal.Peers;

/// <summary>
/// What a peer's account was billed of a month, as lines of a statement, each with what its price sheet says of it.
/// </summary>
internal static class AskedLines
{
    public static async Task<ImmutableArray<PeerLine>> Of(
        Composition exchange, PiId pi, BillingMonth month, CancellationToken ct)
    {
        var books = await exchange.Prices.Get(ct);
        return
        [
            .. (await BilledLines.InvoicedTo(exchange.Database, pi, month, ct)).Select(line => Of(line, month, books)),
        ];
    }

    private static PeerLine Of(InvoiceLine line, BillingMonth month, PriceBooks books)
    {
        var sku = books.Sheet(line.Sheet)?.Sheet.Skus.FirstOrDefault(one => one.Id == line.Sku);
        return new(
            line.ChargeId, line.ServiceMonth(month), line.ServicePeriod, line.Landlord, line.Cluster, line.Project,
            line.Sku, line.Step, line.Quantity, line.Rate, line.Amount, line.Amount - line.PiBalance,
            line.Avoided is not null)
        {
            Meter = sku?.Counts == CountedBy.Meter ? sku.Counted : null,
            NotEgress = sku?.Model is PassThrough ? "What another cloud billed, passed on." : sku?.NotEgress,
        };
    }
}
