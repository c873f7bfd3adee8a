using Exchange.Journal;
using Npgsql;

namespace Exchange.Portal.Budgets;

/// <summary>The read model of budgets: who has one, for what, and of how much.</summary>
internal sealed class BudgetList : IProjection
{
    public string Name => "exchange.budget";

    public Task Clear(NpgsqlConnection connection, CancellationToken ct) =>
        connection.Execute("truncate exchange.budget", [], ct);

    public async Task Apply(NpgsqlConnection connection, IReadOnlyList<Recorded> events, CancellationToken ct)
    {
        const string Upsert = """
            insert into exchange.budget (pi, project, cents) values ($1, $2, $3)
            on conflict (pi, project) do update set cents = excluded.cents
            """;

        foreach (var recorded in events.Where(e => e.Category == Budget.Fold.Category))
        {
            var owner = BudgetOwner.Of(recorded.Stream[(Budget.Fold.Category.Length + 1)..]);
            await (recorded.Event.As<BudgetEvent>(Upcasts.None) switch
            {
                BudgetEvent.Set e => connection.Execute(
                    Upsert, [owner.Pi.Value, owner.Project, e.Amount.Cents], ct),
                BudgetEvent.Lifted => connection.Execute(
                    "delete from exchange.budget where pi = $1 and project = $2", [owner.Pi.Value, owner.Project], ct),
                _ => Task.CompletedTask,
            });
        }
    }

    /// <summary>Every budget that is set, by PI; of one PI or of all.</summary>
    public static async Task<IReadOnlyList<BudgetOwner>> All(
        NpgsqlDataSource database, PiId? pi, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        return await All(connection, pi, ct);
    }

    /// <inheritdoc cref="All(NpgsqlDataSource, PiId?, CancellationToken)"/>
    public static async Task<IReadOnlyList<BudgetOwner>> All(
        NpgsqlConnection connection, PiId? pi, CancellationToken ct)
    {
        const string Sql = "select pi, project from exchange.budget where $1 in ('', pi) order by pi, project";
        var found = new List<BudgetOwner>();
        await using var command = connection.Statement(Sql, [pi?.Value ?? ""]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(new(rows.GetString(0)), rows.GetString(1)));
        }

        return found;
    }
}
