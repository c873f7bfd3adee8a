using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Market.Reading;

/// <summary>An order as a list shows it.</summary>
/// <param name="State">'waiting', 'approved', 'rejected', 'canceled' or 'fulfilled'.</param>
/// <param name="Awaits">Whose approval is missing: 'pi', 'payer', 'landlord'.</param>
/// <param name="Because">The reason of an end, or what was given.</param>
/// <param name="Customer">Instead of the PI, for a landlord that may not know its customers.</param>
public sealed record OrderRow(
    string Id, string Quote, ProjectId Project, PiId? Pi, string? Payer, LandlordId Landlord, ClusterId Cluster,
    Period Period, Money Total, string State, IReadOnlyList<string> Awaits, string? Because, Instant PlacedAt,
    string? Customer = null);

/// <summary>Which orders are asked for.</summary>
/// <param name="After">The key of the last one that was seen.</param>
public sealed record OrderQuery(
    string? Id = null, LandlordId? Landlord = null, ProjectId? Project = null, string After = "", int Limit = 10_000)
{
    /// <summary>Only these; null for whatever else fits.</summary>
    public IReadOnlyCollection<string>? Ids { get; init; }
}

/// <summary>Reads orders, by number.</summary>
public static class OrderList
{
    public static async Task<IReadOnlyList<OrderRow>> Run(
        NpgsqlConnection connection, OrderQuery query, CancellationToken ct)
    {
        const string Sql = """
            select id, quote, project, pi, payer, landlord, cluster, starts, ends, cents, state, awaits, because,
                   placed_at
            from market.customer_order
            where $1 in ('', id) and $2 in ('', landlord) and $3 in ('', project) and id collate "C" > $4
              and ($6 or id = any($7))
            order by id collate "C"
            limit $5
            """;

        await using var command = connection.Statement(Sql,
        [
            query.Id ?? "", query.Landlord?.Value ?? "", query.Project?.Value ?? "", query.After, query.Limit,
            query.Ids is null, (query.Ids ?? []).ToArray(),
        ]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<OrderRow>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                rows.GetString(0), rows.GetString(1), new(rows.GetString(2)), new PiId(rows.GetString(3)),
                rows.IsDBNull(4) ? null : rows.GetString(4), new(rows.GetString(5)), new(rows.GetString(6)),
                new(rows.GetFieldValue<Instant>(7), rows.GetFieldValue<Instant>(8)),
                new(rows.GetInt64(9)), rows.GetString(10),
                rows.GetString(11).Split(' ', StringSplitOptions.RemoveEmptyEntries),
                rows.IsDBNull(12) ? null : rows.GetString(12), rows.GetFieldValue<Instant>(13)));
        }

        return found;
    }
}
