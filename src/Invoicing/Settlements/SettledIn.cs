using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing.Settlements;

/// <summary>
/// What was settled with sellers in a month: what its close drew, and then what was corrected in it of months that were
/// closed before. What a month was told to be stays.
/// </summary>
public static class SettledIn
{
    /// <param name="before">Only what happened before this instant; null for everything.</param>
    /// <returns>By seller; nobody with whom nothing was settled.</returns>
    public static async Task<IReadOnlyList<Settlement>> Run(
        IJournal journal, NpgsqlDataSource database, BillingMonth month, Instant? before, CancellationToken ct)
    {
        var settled = new List<Settlement>();
        foreach (var seller in (await Streams(database, month, ct)).GroupBy(of => of.Landlord))
        {
            var events = new List<SettlementEvent>();
            foreach (var (landlord, of) in seller)
            {
                events.AddRange((await journal.Read<SettlementEvent>(Settle.StreamOf(landlord, of), ct))
                    .Where(happened => IsTold(happened, month, before)).Select(happened => AsTold(happened, month)));
            }

            if (events.Count > 0)
            {
                settled.Add(Settlement.Fold.Of(events.OrderBy(happened => happened is SettlementEvent.Corrected)));
            }
        }

        return settled;
    }

    /// <summary>The settlements of the month, and those of earlier ones that were corrected in it, by seller.</summary>
    private static async Task<IReadOnlyList<(LandlordId Landlord, BillingMonth Month)>> Streams(
        NpgsqlDataSource database, BillingMonth month, CancellationToken ct)
    {
        const string Sql = """
            select landlord, month from invoicing.settlement where month = $1
            union
            select landlord, month from invoicing.settlement_correction where told_in = $1
            order by 1, 2
            """;

        await using var command = database.Statement(Sql, [month.ToString()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<(LandlordId, BillingMonth)>();
        while (await rows.ReadAsync(ct))
        {
            found.Add((new(rows.GetString(0)), BillingMonth.Parse(rows.GetString(1))));
        }

        return found;
    }

    private static bool IsTold(SettlementEvent happened, BillingMonth month, Instant? before) => happened switch
    {
        SettlementEvent.Drawn e => e.Month == month && !(e.At >= before),
        SettlementEvent.Corrected e => BillingMonth.Of(e.At) == month && !(e.At >= before),
        _ => throw new InvalidOperationException($"{happened.GetType().Name} is not known of a settlement."),
    };

    /// <summary>A correction says of which month it is.</summary>
    private static SettlementEvent AsTold(SettlementEvent happened, BillingMonth month) =>
        happened is not SettlementEvent.Corrected e || e.Month == month ? happened : e with
        {
            Lines = [.. e.Lines.Select(line => line with { Adjusts = line.Adjusts ?? e.Month })],
            Hardware = [.. e.Hardware.Select(due => due with { Adjusts = due.Adjusts ?? e.Month })],
            Transfers = [.. e.Transfers.Select(one => one with { Adjusts = one.Adjusts ?? e.Month })],
        };
}
