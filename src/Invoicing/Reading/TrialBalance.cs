using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing.Reading;

/// <summary>An account of the general ledger: what was debited, what was credited.</summary>
public sealed record AccountBalance(string Account, Money Debit, Money Credit)
{
    /// <summary>Above zero when more was debited.</summary>
    public Money Balance => Debit - Credit;
}

/// <summary>Adds up every account of the ledger as of an instant: debits and credits come to the same.</summary>
public static class TrialBalance
{
    public static async Task<IReadOnlyList<AccountBalance>> Run(
        NpgsqlConnection connection, Instant before, CancellationToken ct)
    {
        const string Sql = """
            select account, coalesce(sum(cents) filter (where cents > 0), 0)::bigint,
                   coalesce(-sum(cents) filter (where cents < 0), 0)::bigint
            from invoicing.posting
            where at < $1
            group by account
            order by account
            limit 20000
            """;

        await using var command = connection.Statement(Sql, [before.ToDateTimeUtc()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var accounts = new List<AccountBalance>();
        while (await rows.ReadAsync(ct))
        {
            accounts.Add(new(rows.GetString(0), new(rows.GetInt64(1)), new(rows.GetInt64(2))));
        }

        return accounts;
    }
}
