using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing.Reading;

/// <summary>What a landlord gets for a month.</summary>
/// <param name="Share">What the exchange keeps of the gross.</param>
/// <param name="Hardware">What of it goes to those whose hardware the landlord sells.</param>
public sealed record SettlementRow(
    LandlordId Landlord, BillingMonth Month, Money Gross, Money Share, Money Hardware, int Lines, Instant DrawnAt)
{
    /// <summary>What comes from sellers before it, less what goes to sellers behind it.</summary>
    public Money Transfers { get; init; }

    public Money Payable => Gross - Share - Hardware + Transfers;
}

/// <summary>Which settlements are asked for; whatever is not null narrows.</summary>
/// <param name="After">'2026-10/nerc': the one after which the page begins.</param>
public sealed record SettlementQuery(
    BillingMonth? Month = null, LandlordId? Landlord = null, string After = "", int Limit = 1000);

/// <summary>Lists settlements by month and landlord.</summary>
public static class SettlementList
{
    public static string KeyOf(SettlementRow row) => $"{row.Month}/{row.Landlord}";

    public static async Task<IReadOnlyList<SettlementRow>> Run(
        NpgsqlConnection connection, SettlementQuery query, CancellationToken ct)
    {
        const string Sql = """
            select landlord, month, gross, share, hardware, lines, drawn_at, transfers
            from invoicing.settlement
            where ($1::text is null or month = $1)
              and ($2::text is null or landlord = $2)
              and month || '/' || landlord > $3
            order by month, landlord
            limit $4
            """;

        await using var command = connection.Statement(Sql, []);
        foreach (var narrow in (string?[])[query.Month?.ToString(), query.Landlord?.Value])
        {
            command.Parameters.Add(new() { Value = (object?)narrow ?? DBNull.Value, DataTypeName = "text" });
        }

        command.Parameters.Add(new() { Value = query.After });
        command.Parameters.Add(new() { Value = query.Limit });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<SettlementRow>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                new(rows.GetString(0)), BillingMonth.Parse(rows.GetString(1)), new(rows.GetInt64(2)),
                new(rows.GetInt64(3)), new(rows.GetInt64(4)), rows.GetInt32(5),
                rows.GetFieldValue<Instant>(6))
            {
                Transfers = new(rows.GetInt64(7)),
            });
        }

        return found;
    }
}
