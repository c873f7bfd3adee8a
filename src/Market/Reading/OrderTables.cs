using Exchange.Journal;
using Exchange.Market.Orders;
using Npgsql;

namespace Exchange.Market.Reading;

/// <summary>The read model of orders.</summary>
public sealed class OrderTables : IProjection
{
    public string Name => "market.customer_order";

    public Task Clear(NpgsqlConnection connection, CancellationToken ct) =>
        connection.Execute("truncate market.customer_order", [], ct);

    public async Task Apply(NpgsqlConnection connection, IReadOnlyList<Recorded> events, CancellationToken ct)
    {
        foreach (var recorded in events.Where(one => one.Category == Order.Fold.Category))
        {
            var id = recorded.Stream[(Order.Fold.Category.Length + 1)..];
            await (recorded.Event.As<OrderEvent>(Upcasts.None) switch
            {
                OrderEvent.Placed e => Place(connection, e, ct),
                OrderEvent.Approved e => connection.Execute("""
                    update market.customer_order
                    set state = case when $3 then 'approved' else state end,
                        awaits = trim(regexp_replace(awaits, '\m' || $2 || '\M ?', ''))
                    where id = $1
                    """, [id, $"{e.Side}".ToLowerInvariant(), e.Last], ct),
                OrderEvent.Rejected e => End(connection, id, "rejected", e.Reason, ct),
                OrderEvent.Canceled e => End(connection, id, "canceled", e.Reason, ct),
                OrderEvent.Fulfilled e => End(connection, id, "fulfilled", e.Reference, ct),
                _ => throw new InvalidOperationException($"{recorded.Stream} holds what is not known of it."),
            });
        }
    }

    private static Task<int> End(
        NpgsqlConnection connection, string id, string state, string because, CancellationToken ct) =>
        connection.Execute(
            "update market.customer_order set state = $2, because = $3, awaits = '' where id = $1",
            [id, state, because], ct);

    private static Task<int> Place(NpgsqlConnection connection, OrderEvent.Placed e, CancellationToken ct)
    {
        const string Sql = """
            insert into market.customer_order (
              id, quote, part, project, pi, payer, landlord, cluster, starts, ends, cents, state, awaits, placed_at)
            values ($1, $2, $3, $4, $5, nullif($6, ''), $7, $8, $9, $10, $11, 'waiting', $12, $13)
            """;

        var of = e.Terms;
        return connection.Execute(Sql,
        [
            of.Id, of.Quote, of.Part, of.Project.Value, of.Pi.Value, of.Payer ?? "", of.Landlord.Value,
            of.Cluster.Value, of.Period.Start, of.Period.End, of.Total.Cents,
            string.Join(' ', of.Needs.Select(side => $"{side}".ToLowerInvariant())), e.At,
        ], ct);
    }
}
