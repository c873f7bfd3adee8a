using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing.Kept;

/// <summary>What invoices that are not void told payers and groups so far, from the journal alone.</summary>
internal static class ToldSoFar
{
    public static async Task<IReadOnlyList<(BillTo Party, PartyLine Line)>> Read(
        IJournal journal, Months months, Instant now, CancellationToken ct)
    {
        var told = new List<(BillTo, PartyLine)>();
        var first = months.Closed.Values.Select(closed => closed.At).Append(now).Min().InUtc().Year;
        for (var year = first; year <= now.InUtc().Year; year++)
        {
            foreach (var kind in (PartyKind[])[PartyKind.Payer, PartyKind.Group])
            {
                var series = NumberSeries.Parties(kind, Instant.FromUtc(year, 1, 1, 0, 0));
                var last = (await journal.State(NumberSeries.Fold, series, ct)).Last;
                for (var number = 1; number <= last; number++)
                {
                    if (await journal.State(PartyInvoice.Fold, NumberSeries.Number(series, number), ct)
                        is PartyInvoice.Issued issued)
                    {
                        told.AddRange(issued.Content.Lines.Select(line => (issued.Content.Party, line)));
                    }
                }
            }
        }

        return told;
    }
}
