using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Npgsql;
using Xunit;

namespace Exchange.Simulation.Tests;

/// <summary>Invariant 2, as the books stand: the same money told by invoices, settlements and the ledger.</summary>
internal static class Conservation
{
    /// <summary>What is told twice, and must be the same: a name, and a sum of each telling.</summary>
    private const string Sql = """
        select 'billed and settled, ' || m.month, coalesce(b.cents, 0), coalesce(s.cents, 0)
        from (select month from invoicing.invoice union select month from invoicing.settlement) m
        left join (select told_in as month, sum(sign * cents) as cents from invoicing.told_line
                   group by told_in) b on b.month = m.month
        left join (select month, sum(gross) as cents from invoicing.settlement group by month) s on s.month = m.month
        union all
        select 'the ledger', coalesce(sum(cents), 0), 0 from invoicing.posting
        union all
        select coalesce(i.account, p.account), coalesce(i.cents, 0), coalesce(p.cents, 0)
        from (select account, sum(cents) as cents
              from (select 'receivable:pi:' || account as account,
                           owed - paid - credited - offsets - written_off as cents
                    from invoicing.invoice where number is not null and status not in ('void', 'taken')
                    union all
                    select 'receivable:suspense', owed from invoicing.invoice where account = 'suspense'
                    union all
                    select 'receivable:' || kind || ':' || party, owed - paid - credited - offsets - written_off
                    from invoicing.party_invoice where kind = 'institution' and status <> 'void'
                    union all
                    select case when landlord like 'project:%' then 'payable:' else 'payable:landlord:' end || landlord,
                           share + hardware - gross - transfers
                    from invoicing.settlement
                    union all
                    select p.account, -c.cents -- What was paid out.
                    from invoicing.posting p join invoicing.posting c on c.position = p.position and c.account = 'cash'
                    where p.account ~ '^payable:(landlord|project)'
                    union all
                    select 'revenue:exchange', -share from invoicing.settlement) told
              group by account having sum(cents) <> 0) i
        full join (select account, sum(cents) as cents from invoicing.posting
                   where account ~ '^(receivable:pi|receivable:institution|receivable:suspense|payable:landlord|payable:project|revenue)'
                   group by account having sum(cents) <> 0) p on p.account = i.account
        """;

    public static async Task Holds(Exchanges exchange, CancellationToken ct)
    {
        Assert.Empty(await Broken(exchange.Living.Database, ct));
        Assert.Equal(await PaidByFunds(exchange, ct), await Used(exchange, ct));
    }

    /// <summary>What is told twice and is not the same.</summary>
    public static async Task<IReadOnlyList<string>> Broken(NpgsqlDataSource database, CancellationToken ct)
    {
        var wrong = new List<string>();
        await using var command = database.CreateCommand(Sql);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            var (one, other) = (rows.GetDecimal(1), rows.GetDecimal(2));
            if (one != other)
            {
                wrong.Add($"{rows.GetString(0)}: {one} and {other}");
            }
        }

        return wrong;
    }

    /// <summary>What funds paid of lines, by fund, PI and month of usage.</summary>
    private static async Task<SortedDictionary<string, decimal>> PaidByFunds(Exchanges exchange, CancellationToken ct)
    {
        const string Sql = """
            select concat_ws(' ', share->>'fund', account, service_month),
                   sum(split_part(share->>'amount', ' ', 1)::numeric) as paid
            from invoicing.line, jsonb_array_elements(funds) share
            group by 1
            having sum(split_part(share->>'amount', ' ', 1)::numeric) <> 0
            """;

        var paid = new SortedDictionary<string, decimal>(StringComparer.Ordinal);
        await using var command = exchange.Living.Database.CreateCommand(Sql);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            paid[rows.GetString(0)] = rows.GetDecimal(1);
        }

        return paid;
    }

    /// <summary>What the accounts of the funds say that they spent.</summary>
    private static async Task<SortedDictionary<string, decimal>> Used(Exchanges exchange, CancellationToken ct)
    {
        var used = new SortedDictionary<string, decimal>(StringComparer.Ordinal);
        foreach (var programme in exchange.Living.Programmes)
        {
            var fund = await exchange.Living.Journal.State(Fund.Fold, programme.Id, ct);
            foreach (var (pi, uses) in fund.Uses)
            {
                foreach (var (month, amount) in uses.Where(use => !use.Value.IsZero))
                {
                    used[$"{programme.Id} {pi} {month}"] = amount.Amount;
                }
            }
        }

        return used;
    }
}

/// <summary>Asks the database of an exchange for one text.</summary>
internal static class Ask
{
    public static async Task<string> Text(Exchanges exchange, string sql, CancellationToken ct)
    {
        await using var command = exchange.Living.Database.CreateCommand(sql);
        return await command.ExecuteScalarAsync(ct) as string
            ?? throw new InvalidOperationException($"No rows: {sql}");
    }
}
