using Exchange.Invoicing.Reading;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Invoicing.Payouts;

/// <summary>A line of a statement: what was sold, what the exchange keeps of it, or hours of hardware.</summary>
public sealed record PayeeLine(int Number, string What, BillingMonth Month, Quantity? Quantity, Money Amount);

/// <summary>What a payee earned with a close, line by line; the lines come to the total.</summary>
/// <param name="State">'open', 'accepted' or 'disputed'.</param>
public sealed record PayeeStatement(
    PayeeName Payee, BillingMonth Month, IReadOnlyList<PayeeLine> Lines, Money Total, string State)
{
    /// <exception cref="RefusedException">Nothing was settled with the payee in this month.</exception>
    public static async Task<PayeeStatement> Read(
        IJournal journal, NpgsqlDataSource database, PayeeName payee, BillingMonth month, CancellationToken ct) =>
        Of(await SettledIn.Run(journal, database, month, null, ct), payee, month,
            await journal.State(Payouts.Payee.Fold, payee, ct))
            ?? throw new RefusedException(new(
                "statement/unknown",
                $"Nothing was settled with {payee} in {month}. 'exchange payouts list' shows with whom."));

    /// <summary>The statement that follows from what was settled with everybody in a month; null for none.</summary>
    internal static PayeeStatement? Of(
        IEnumerable<Settlement> all, PayeeName payee, BillingMonth month, Payee said)
    {
        var lines = new List<PayeeLine>();
        foreach (var settled in all)
        {
            if (payee.Seller == settled.Landlord)
            {
                lines.AddRange(OfLandlord(settled, month, lines.Count));
            }
            else if (payee.Kind == "hardware")
            {
                lines.AddRange(settled.Hardware.Where(due => due.Owner == payee.Name).Select((due, i) => new PayeeLine(
                    lines.Count + i + 1, $"Hardware of {due.Sku} at {settled.Landlord}", due.Adjusts ?? month,
                    due.Hours, due.Amount)).ToList());
            }
        }

        return lines.Count > 0
            ? new(payee, month, lines, Money.Sum(lines.Select(line => line.Amount)), said.StateOf(month))
            : null;
    }

    private static string In(string? lease) => lease is null ? "" : $" in {lease}";

    private static IEnumerable<PayeeLine> OfLandlord(Settlement settled, BillingMonth month, int before)
    {
        var number = before;
        foreach (var line in settled.Lines)
        {
            yield return new(
                ++number, $"{line.Service} {line.Cluster} {line.Sku}{In(line.Lease)}", line.Adjusts ?? month,
                line.Quantity, line.Amount);
        }

        foreach (var due in settled.Hardware)
        {
            yield return new(
                ++number, $"To {due.Owner} for hardware of {due.Sku}", due.Adjusts ?? month, due.Hours, -due.Amount);
        }

        foreach (var transfer in settled.Transfers)
        {
            yield return new(
                ++number,
                $"{(transfer.Pays ? "To" : "From")} {transfer.With} for {transfer.Service} {transfer.Sku}" +
                In(transfer.Lease), transfer.Adjusts ?? month, transfer.Quantity, transfer.Amount);
        }

        if (!settled.Share.IsZero)
        {
            yield return new(++number, "The exchange's share", month, null, -settled.Share);
        }
    }
}
