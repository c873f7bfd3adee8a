using Exchange.Journal;
using Npgsql;

namespace Exchange.Invoicing.Payouts;

/// <summary>What a payee earned, was paid and is owed.</summary>
public sealed record PayeeRow(PayeeName Payee, Money Earned, Money PaidOut)
{
    public Money Open => Earned - PaidOut;
}

/// <summary>Lists those who are paid, from the general ledger.</summary>
public static class PayeeList
{
    public static async Task<IReadOnlyList<PayeeRow>> Run(NpgsqlDataSource database, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        return await Run(connection, ct);
    }

    public static async Task<IReadOnlyList<PayeeRow>> Run(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            select substr(p.account, 9), coalesce(-sum(p.cents) filter (where c.position is null), 0)::bigint,
                   coalesce(sum(p.cents) filter (where c.position is not null), 0)::bigint
            from invoicing.posting p
            left join invoicing.posting c on c.position = p.position and c.account = 'cash'
            where p.account like 'payable:%'
            group by p.account
            order by p.account
            limit 100000
            """;

        await using var command = connection.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<PayeeRow>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(PayeeName.Parse(rows.GetString(0), null), new(rows.GetInt64(1)), new(rows.GetInt64(2))));
        }

        return found;
    }
}
