using Exchange.Journal;
using Npgsql;

namespace Exchange.Invoicing.Accounts;

/// <summary>An account as a list shows it.</summary>
/// <param name="Owed">What is open of its invoices, those in its favor taken off.</param>
/// <param name="Unapplied">Money that came and pays no invoice yet.</param>
public sealed record AccountRow(AccountName Account, Money Owed, Money Unapplied)
{
    /// <summary>What is owed in all; below zero where the account has credit.</summary>
    public Money Balance => Owed - Unapplied;
}

/// <summary>Lists the accounts of those who were ever billed, from the general ledger: one of each person.</summary>
public static class AccountList
{
    public static async Task<IReadOnlyList<AccountRow>> Run(NpgsqlDataSource database, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        return await Run(connection, ct);
    }

    public static async Task<IReadOnlyList<AccountRow>> Run(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            select coalesce('pi:' || a.person, of.name) as name, sum(of.owed)::bigint, sum(of.unapplied)::bigint
            from (
              select substr(account, strpos(account, ':') + 1) as name,
                     coalesce(sum(cents) filter (where account like 'receivable:%'), 0) as owed,
                     coalesce(-sum(cents) filter (where account like 'unapplied:%'), 0) as unapplied
              from invoicing.posting
              where account like 'receivable:%' or account like 'unapplied:%'
              group by name) of
            left join invoicing.alias a on of.name = 'pi:' || a.alias
            group by 1
            order by 1
            limit 1000000
            """;

        await using var command = connection.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<AccountRow>();
        while (await rows.ReadAsync(ct))
        {
            // Nobody has the suspense account.
            if (AccountName.TryParse(rows.GetString(0), null, out var account))
            {
                found.Add(new(account, new(rows.GetInt64(1)), new(rows.GetInt64(2))));
            }
        }

        return found;
    }
}
