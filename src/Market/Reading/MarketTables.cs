using Exchange.Journal;
using Exchange.Market.Quotes;
using Npgsql;

namespace Exchange.Market.Reading;

/// <summary>The read model of quotes and of the agreements that they became.</summary>
public sealed class MarketTables : IProjection
{
    public string Name => "market.quote";

    public Task Clear(NpgsqlConnection connection, CancellationToken ct) =>
        connection.Execute("truncate market.quote", [], ct);

    public async Task Apply(NpgsqlConnection connection, IReadOnlyList<Recorded> events, CancellationToken ct)
    {
        foreach (var recorded in events.Where(one => one.Category == SavedQuote.Fold.Category))
        {
            var id = recorded.Stream[(SavedQuote.Fold.Category.Length + 1)..];
            await (recorded.Event.As<QuoteEvent>(Upcasts.None) switch
            {
                QuoteEvent.Saved e => Save(connection, e, ct),
                QuoteEvent.Accepted e => connection.Execute(
                    "update market.quote set accepted_at = $2 where id = $1", [id, e.At], ct),
                QuoteEvent.Ended e => connection.Execute(
                    "update market.quote set ended_from = $2 where id = $1", [id, e.From], ct),
                _ => throw new InvalidOperationException($"{recorded.Stream} holds what is not known of it."),
            });
        }
    }

    private static async Task Save(NpgsqlConnection connection, QuoteEvent.Saved e, CancellationToken ct)
    {
        const string Sql = """
            insert into market.quote (
              id, part, project, pi, landlord, cluster, starts, ends, valid_until, cents, saved_at)
            values ($1, $2, $3, nullif($4, ''), $5, $6, $7, $8, $9, $10, $11)
            """;

        foreach (var (part, place) in e.Terms.Parts.Select((part, place) => (part, place)))
        {
            await connection.Execute(Sql,
            [
                e.Terms.Id, place, e.Terms.Project.Value, e.Terms.Pi?.Value ?? "", part.Landlord.Value,
                part.Cluster.Value, e.Terms.Period.Start, e.Terms.Period.End,
                e.Terms.ValidUntil, part.Total.Cents, e.At,
            ], ct);
        }
    }
}
