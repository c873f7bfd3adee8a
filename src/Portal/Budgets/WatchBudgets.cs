using Exchange.Journal;

namespace Exchange.Portal.Budgets;

/// <summary>A job: notes, once, that a PI's spending of a month passed a part of their budget.</summary>
internal static class WatchBudgets
{
    /// <summary>Looks at this month and the one before, which may not be closed yet.</summary>
    public static async Task Open(Composition exchange, CancellationToken ct)
    {
        var month = BillingMonth.Of(exchange.Clock.GetCurrentInstant());
        await Run(exchange, month.Previous, ct);
        await Run(exchange, month, ct);
    }

    public static async Task Run(Composition exchange, BillingMonth month, CancellationToken ct)
    {
        const string Sql = """
            select b.pi, sum(d.cents)::bigint
            from exchange.budget b join exchange.day d on d.pi = b.pi and d.month = $1
            group by b.pi, b.cents
            having sum(d.cents) * 100 >= b.cents * 80
            order by b.pi
            """;

        var passed = new List<(string Pi, Money Spent)>();
        await using (var command = exchange.Database.Statement(Sql, [month.ToString()]))
        {
            await using var rows = await command.ExecuteReaderAsync(ct);
            while (await rows.ReadAsync(ct))
            {
                passed.Add((rows.GetString(0), new(rows.GetInt64(1))));
            }
        }

        var now = exchange.Clock.GetCurrentInstant();
        foreach (var (pi, spent) in passed)
        {
            await exchange.Journal.Decide(Budget.Fold, pi, budget => Budget.Watch(budget, month, spent, now), ct);
        }
    }
}
