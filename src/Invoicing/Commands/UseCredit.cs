using Exchange.Invoicing.Accounts;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Invoicing;

/// <summary>
/// Uses credit for what is open, on every account that has both and does not keep its credit. A close does so once its
/// invoices are issued: nobody is asked for what a credit note covers.
/// </summary>
public static class UseCredit
{
    private const int Tries = 3;

    /// <summary>Safe to stop and to run again: what was used is used once.</summary>
    /// <param name="catchUp">Brings the read models up to the journal.</param>
    public static async Task Run(
        IJournal journal, NpgsqlDataSource database, Func<Task> catchUp, Instant now, CancellationToken ct)
    {
        await catchUp();
        foreach (var account in await WithBoth(database, ct))
        {
            for (var tried = 1; ; tried++)
            {
                try
                {
                    await journal.Execute(new ApplyCredit(database, account, [], byItself: true), now, ct);
                    break;
                }
                catch (ConflictException) when (tried < Tries)
                {
                    await catchUp(); // Someone paid at this moment; what is open now is read again.
                }
            }
        }

        await catchUp();
    }

    private static async Task<IReadOnlyList<AccountName>> WithBoth(NpgsqlDataSource database, CancellationToken ct)
    {
        const string Sql = """
            with open as (
              select 'pi:' || coalesce(person, account) as name, open as cents
              from invoicing.invoice left join invoicing.alias on alias = account
              where number is not null and status not in ('void', 'taken')
              union all
              select kind || ':' || party, open
              from invoicing.party_invoice where status <> 'void' and kind <> 'group'
              union all
              select coalesce('pi:' || person, name), cents from (
                select substr(account, 11) as name, sum(cents)::bigint as cents from invoicing.posting
                where account like 'unapplied:%' group by account) cash
              left join invoicing.alias on name = 'pi:' || alias)
            select name from open
            group by name
            having bool_or(cents < 0) and bool_or(cents > 0)
            order by name
            limit 1000000
            """;

        await using var command = database.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<AccountName>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(AccountName.Parse(rows.GetString(0), null));
        }

        return found;
    }
}
