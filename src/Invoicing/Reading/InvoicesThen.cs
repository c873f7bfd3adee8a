using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing.Reading;

/// <summary>Invoices as they stood before an instant: issued by then, with what had been paid and taken back.</summary>
public static class InvoicesThen
{
    public static async Task<IReadOnlyList<InvoiceRow>> Of(
        IJournal journal, IReadOnlyList<InvoiceRow> rows, Instant before, CancellationToken ct)
    {
        var then = new List<InvoiceRow>();
        foreach (var row in rows)
        {
            var events = (await journal.Read<InvoiceEvent>(Invoice.Fold.StreamOf(row.Id), ct))
                .Where(happened => AtOf(happened) < before).ToList();
            if (events.Count > 0)
            {
                then.Add(Stood(row, Invoice.Fold.Of(events)));
            }
        }

        return then;
    }

    private static InvoiceRow Stood(InvoiceRow row, Invoice invoice) => invoice switch
    {
        Invoice.Issued issued => row with
        {
            Status = issued.BilledToInstitution is not null ? "taken"
                : issued.Open <= Money.Zero ? "paid" : "issued",
            Paid = issued.Paid,
            Credited = issued.Credited + issued.Offsets + issued.WrittenOff,
        },
        Invoice.Voided => row with { Status = "void" },
        _ => row with { Status = "draft", Number = null, Due = null, IssuedAt = null, Paid = Money.Zero },
    };

    internal static Instant AtOf(InvoiceEvent happened) => happened switch
    {
        InvoiceEvent.Drafted e => e.At,
        InvoiceEvent.Issued e => e.At,
        InvoiceEvent.Paid e => e.At,
        InvoiceEvent.Unapplied e => e.At,
        InvoiceEvent.Refunded e => e.At,
        InvoiceEvent.Credited e => e.At,
        InvoiceEvent.Voided e => e.At,
        InvoiceEvent.Drawn e => e.At,
        InvoiceEvent.BilledToInstitution e => e.At,
        InvoiceEvent.Released e => e.At,
        InvoiceEvent.Offset e => e.At,
        InvoiceEvent.WrittenOff e => e.At,
        InvoiceEvent.Replaced e => e.At,
        _ => throw new InvalidOperationException($"{happened.GetType().Name} has no time."),
    };
}
