using Exchange.Invoicing.Settlements;
using Npgsql;

namespace Exchange.Invoicing.Reading;

/// <summary>The read model of settlements.</summary>
internal static class SettlementTable
{
    public static void Apply(NpgsqlBatch batch, SettlementEvent happened)
    {
        switch (happened)
        {
            case SettlementEvent.Drawn e:
                InvoiceTables.Run(batch, """
                    insert into invoicing.settlement
                      (landlord, month, gross, share, hardware, lines, drawn_at, transfers)
                    values ($1, $2, $3, $4, $5, $6, $7, $8)
                    on conflict (month, landlord) do update
                    set gross = settlement.gross + excluded.gross, share = settlement.share + excluded.share,
                        hardware = settlement.hardware + excluded.hardware, lines = settlement.lines + excluded.lines,
                        transfers = settlement.transfers + excluded.transfers, drawn_at = excluded.drawn_at
                    """, e.Landlord.Value, e.Month.ToString(), e.Gross.Cents, e.Share.Cents,
                    CentsOf(e.Hardware, due => due.Amount), e.Lines.Length, e.At,
                    CentsOf(e.Transfers, transfer => transfer.Amount));
                break;
            case SettlementEvent.Corrected e:
                InvoiceTables.Run(batch, """
                    insert into invoicing.settlement
                      (landlord, month, gross, share, hardware, lines, drawn_at, transfers)
                    values ($1, $2, $3, $4, $5, $6, $8, $7)
                    on conflict (month, landlord) do update
                    set gross = settlement.gross + excluded.gross, share = settlement.share + excluded.share,
                        hardware = settlement.hardware + excluded.hardware, lines = settlement.lines + excluded.lines,
                        transfers = settlement.transfers + excluded.transfers
                    """, e.Landlord.Value, BillingMonth.Of(e.At).ToString(), e.Gross.Cents, e.Share.Cents,
                    CentsOf(e.Hardware, due => due.Amount), e.Lines.Length, CentsOf(e.Transfers, one => one.Amount),
                    e.At);
                break;
            default:
                throw new InvalidOperationException($"{happened.GetType().Name} is not known of a settlement.");
        }
    }

    private static long CentsOf<T>(IEnumerable<T> of, Func<T, Money> amount) => Money.Sum(of.Select(amount)).Cents;
}
