using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing.Reading;

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
        IReadOnlyList<SettlementRow> rows;
        await using (var connection = await database.OpenConnectionAsync(ct))
        {
            rows = await SettlementList.Run(connection, new(month), ct);
        }

        var settled = new List<Settlement>();
        foreach (var row in rows)
        {
            if ((await Read(journal, row.Landlord, ct)).In(month, before) is { } one)
            {
                settled.Add(one);
            }
        }

        return settled;
    }

    /// <summary>All that was ever settled with a seller, from the journal alone.</summary>
    public static async Task<SellersBook> Read(IJournal journal, LandlordId landlord, CancellationToken ct)
    {
        var events = new List<SettlementEvent>();
        foreach (var month in (await journal.State(Months.Fold, Months.Id, ct)).Closed.Keys)
        {
            events.AddRange(await journal.Read<SettlementEvent>(Settle.StreamOf(landlord, month), ct));
        }

        return new(events);
    }
}

/// <summary>The settlements of one seller, and what was corrected of them when.</summary>
public sealed class SellersBook(IReadOnlyList<SettlementEvent> events)
{
    /// <summary>What settlements say of a month; null where that is nothing.</summary>
    public Settlement? In(BillingMonth month, Instant? before = null)
    {
        var told = events.Where(happened => IsTold(happened, month, before))
            .Select(happened => AsTold(happened, month))
            .OrderBy(happened => happened is SettlementEvent.Corrected).ToList();
        return told.Count > 0 ? Settlement.Fold.Of(told) : null;
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
