using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing.Reading;

/// <summary>What a month of the ledger is: the period of entries, or the days under which they are posted.</summary>
public enum LedgerView { Period, Posted }

/// <summary>An account of the general ledger: what was debited, what was credited.</summary>
public sealed record AccountBalance(string Account, Money Debit, Money Credit)
{
    /// <summary>What stood on it before; nothing, where all that ever was is in debit and credit.</summary>
    public Money Opening { get; init; }

    /// <summary>Above zero when more was debited.</summary>
    public Money Balance => Opening + Debit - Credit;
}

/// <summary>Adds up every account of the ledger: debits and credits come to the same.</summary>
public static class TrialBalance
{
    /// <summary>What an entry is posted under, in SQL.</summary>
    internal const string PostingDate = "coalesce(posted, (at at time zone 'UTC')::date)";

    /// <summary>Everything that was posted before an instant; what has a posting date, before its day.</summary>
    public static async Task<IReadOnlyList<AccountBalance>> Run(
        NpgsqlConnection connection, Instant before, CancellationToken ct)
    {
        const string Sql = """
            select account, 0::bigint, coalesce(sum(cents) filter (where cents > 0), 0)::bigint,
                   coalesce(-sum(cents) filter (where cents < 0), 0)::bigint
            from invoicing.posting
            where case when posted is null then at < $1 else posted < ($1 at time zone 'UTC')::date end
            group by account
            order by account
            limit 20000
            """;

        await using var command = connection.Statement(Sql, [before]);
        return await Read(command, ct);
    }

    /// <summary>A month of the ledger: what stood on each account before, and what was debited and credited in it.
    /// </summary>
    /// <param name="by">Whether a month is the period of entries, or the days under which they are posted.</param>
    public static async Task<IReadOnlyList<AccountBalance>> Of(
        NpgsqlConnection connection, LedgerView by, BillingMonth month, CancellationToken ct)
    {
        var sql = $"""
            select account, coalesce(sum(cents) filter (where cut < $1), 0)::bigint,
                   coalesce(sum(cents) filter (where cut >= $1 and cents > 0), 0)::bigint,
                   coalesce(-sum(cents) filter (where cut >= $1 and cents < 0), 0)::bigint
            from (select account, cents, {Cut(by)} as cut from invoicing.posting) p
            where cut < $2
            group by account
            order by account
            limit 20000
            """;

        await using var command = connection.Statement(sql, [month.ToString(), month.Next.ToString()]);
        return await Read(command, ct);
    }

    /// <summary>The month of an entry in SQL, as '2026-10'.</summary>
    internal static string Cut(LedgerView by) => by switch
    {
        LedgerView.Period => "month",
        LedgerView.Posted => $"to_char({PostingDate}, 'YYYY-MM')",
    };

    private static async Task<IReadOnlyList<AccountBalance>> Read(NpgsqlCommand command, CancellationToken ct)
    {
        await using var rows = await command.ExecuteReaderAsync(ct);
        var accounts = new List<AccountBalance>();
        while (await rows.ReadAsync(ct))
        {
            accounts.Add(new(rows.GetString(0), new(rows.GetInt64(2)), new(rows.GetInt64(3)))
            {
                Opening = new(rows.GetInt64(1)),
            });
        }

        return accounts;
    }
}
