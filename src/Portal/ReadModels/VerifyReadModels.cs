using System.Data;
using System.Text.Json;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Market.Reading;
using Exchange.Portal.Audit;
using Exchange.Portal.Budgets;
using Exchange.Portal.Keys;
using Npgsql;

namespace Exchange.Portal.ReadModels;

/// <summary>
/// Builds read models again beside what they hold, and names the rows that differ. All of it happens in transactions
/// that are rolled back: readers go on, and nothing is changed.
/// </summary>
internal static class VerifyReadModels
{
    private const int BatchSize = 2_000;
    private const int Named = 3;

    /// <summary>What is built from the journal alone; of tables that refer to each other those that refer come
    /// first.</summary>
    private static readonly IReadOnlyList<(IProjection Projection, string[] Tables)> Models =
    [
        (new InvoiceTables(), ["invoicing.line", "invoicing.voided_line", "invoicing.credit", "invoicing.settlement",
            "invoicing.posting", "invoicing.taken", "invoicing.billed_month", "invoicing.alias", "invoicing.invoice"]),
        (new PartyTables(), ["invoicing.party_line", "invoicing.party_credit", "invoicing.party_invoice"]),
        (new AuditTrail(), ["exchange.audit"]), (new KeyList(), ["exchange.api_key"]),
        (new BudgetList(), ["exchange.budget"]), (new MarketTables(), ["market.quote"]),
        (new OrderTables(), ["market.customer_order"]),
    ];

    /// <returns>Every table with a row that is not what the journal says, and some of its rows.</returns>
    public static async Task<IReadOnlyList<string>> Run(
        Composition exchange, Action<string> step, CancellationToken ct)
    {
        var wrong = new List<string>();
        foreach (var (projection, tables) in Models)
        {
            step($"Building {projection.Name} again …");
            wrong.AddRange(await Of(exchange, projection, tables, ct));
        }

        step("Comparing what pages show …");
        wrong.AddRange(await Months(exchange.Database, ct));
        return wrong;
    }

    private static async Task<IReadOnlyList<string>> Of(
        Composition exchange, IProjection projection, string[] tables, CancellationToken ct)
    {
        await using var connection = await exchange.Database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.ReadCommitted, ct);
        var until = await Checkpoint(connection, projection.Name, ct);
        for (var i = 0; i < tables.Length; i++)
        {
            await connection.Execute(
                $"create temp table was_{i} on commit drop as select t::text as row from {tables[i]} t", [], ct);
        }

        foreach (var table in tables)
        {
            await connection.Execute($"delete from {table}", [], ct);
        }

        var position = 0L;
        while (position < until)
        {
            var events = await exchange.Journal.ReadAll(position, BatchSize, ct);
            if (events.Count == 0)
            {
                return [$"journal.checkpoint of {projection.Name}: it says {until}, the journal ends at {position}"];
            }

            position = events[^1].Position;
            await projection.Apply(connection, [.. events.Where(one => one.Position <= until)], ct);
        }

        var wrong = new List<string>();
        for (var i = 0; i < tables.Length; i++)
        {
            var table = tables[i];
            var (was, now) = ($"select row from was_{i}", $"select t::text from {table} t");
            wrong.AddRange((await Rows(connection, $"{was} except all {now}", ct))
                .Select(row => $"{table}: {row} is not what the journal says"));
            wrong.AddRange((await Rows(connection, $"{now} except all {was}", ct))
                .Select(row => $"{table}: {row} is what the journal says, and is missing"));
        }

        return wrong;
    }

    private static async Task<long> Checkpoint(NpgsqlConnection connection, string name, CancellationToken ct)
    {
        await using var command = connection.Statement(
            "select position from journal.checkpoint where projection = $1 for update", [name]);
        return await command.ExecuteScalarAsync(ct) is long position ? position : 0;
    }

    private static async Task<IReadOnlyList<string>> Rows(
        NpgsqlConnection connection, string sql, CancellationToken ct)
    {
        await using var command = connection.Statement($"{sql} limit {Named}", []);
        command.CommandTimeout = 0;
        return await command.Texts(ct);
    }

    /// <summary>What pages show of months, against the hashes that were written with it.</summary>
    private static async Task<IReadOnlyList<string>> Months(NpgsqlDataSource database, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        var wrong = new List<string>();
        var written = new List<(BillingMonth Month, Dictionary<string, string> Digests)>();
        await using (var command = connection.Statement(
            "select month, digests::text from exchange.rated where basis <> '-' order by month", []))
        await using (var rows = await command.ExecuteReaderAsync(ct))
        {
            while (await rows.ReadAsync(ct))
            {
                if (BillingMonth.TryParse(rows.GetString(0), null, out var month))
                {
                    written.Add((month, JsonSerializer.Deserialize<Dictionary<string, string>>(rows.GetString(1))!));
                }
                else
                {
                    wrong.Add($"exchange.rated: '{rows.GetString(0)}' is no month");
                }
            }
        }

        foreach (var (month, digests) in written)
        {
            wrong.AddRange((await WriteMonth.Digests(connection, month, ct))
                .Where(now => digests.GetValueOrDefault(now.Key) != now.Value)
                .Select(now => $"exchange.{now.Key} of {month}: it is not what was written ('exchange replay' writes " +
                    "it again)"));
        }

        wrong.AddRange(await VerifyCosts.Run(connection, ct));
        foreach (var table in WriteMonth.Tables)
        {
            wrong.AddRange((await Rows(
                connection, $"select distinct month from exchange.{table} except select month from exchange.rated", ct))
                .Select(month => $"exchange.{table} of {month}: nobody wrote it"));
        }

        return wrong;
    }
}
