using Exchange.Journal;
using Npgsql;

namespace Exchange.Portal.Budgets;

/// <summary>The read model of budgets: who has one, and of how much.</summary>
internal sealed class BudgetList : IProjection
{
    public string Name => "exchange.budget";

    public Task Clear(NpgsqlConnection connection, CancellationToken ct) =>
        connection.Execute("truncate exchange.budget", [], ct);

    public async Task Apply(NpgsqlConnection connection, IReadOnlyList<Recorded> events, CancellationToken ct)
    {
        const string Upsert = """
            insert into exchange.budget (pi, cents) values ($1, $2)
            on conflict (pi) do update set cents = excluded.cents
            """;

        foreach (var recorded in events.Where(e => e.Category == Budget.Fold.Category))
        {
            var pi = recorded.Stream[(Budget.Fold.Category.Length + 1)..];
            await (recorded.Event.As<BudgetEvent>(Upcasts.None) switch
            {
                BudgetEvent.Set e => connection.Execute(Upsert, [pi, e.Amount.Cents], ct),
                BudgetEvent.Lifted => connection.Execute("delete from exchange.budget where pi = $1", [pi], ct),
                _ => Task.CompletedTask,
            });
        }
    }
}
