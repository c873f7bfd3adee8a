using System.Globalization;
using System.Text;
using Exchange.Journal;
using Npgsql;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// A value is changed in any table of the exchange, taken from the database itself: either verify names the table, or
/// the next close is the same to the letter. Some are drawn; with EXCHANGE_EVERY_COLUMN=1 each is tried.
/// </summary>
public sealed class EveryTable
{
    private const string Columns = """
        select n.nspname || '.' || relname, attname, case format_type(atttypid, null)
            when 'boolean' then format('not coalesce(%1$I, false)', attname)
            when 'bytea' then format('coalesce(%1$I, '''') || ''\x20''', attname)
            when 'jsonb' then '''{"another": "1"}'''
            when 'json' then '''{"another": "1"}'''
            when 'uuid' then format('overlay(%1$I::text placing ''0000'' from 1 for 4)::uuid', attname)
            when 'timestamp with time zone' then format('coalesce(%1$I, now()) + interval ''1 second''', attname)
            when 'date' then format('coalesce(%1$I, current_date) + 4000', attname)
            when 'character varying' then format('coalesce(%1$I, '''') || ''x''', attname)
            when 'text' then format('coalesce(%1$I, '''') || ''x''', attname)
            when 'text[]' then format('coalesce(%1$I, ''{}'') || ''x''::text', attname)
            when 'bigint[]' then format('coalesce(%1$I, ''{}'') || 1::bigint', attname)
            when 'integer[]' then format('coalesce(%1$I, ''{}'') || 1', attname)
            when 'numeric[]' then format('coalesce(%1$I, ''{}'') || 1::numeric', attname)
            when '"char"' then '''z''::"char"'
            when 'smallint' then format('(coalesce(%1$I, 0) + 1)::smallint', attname)
            else format('coalesce(%1$I, 0) + 1', attname) end
        from pg_class c join pg_namespace n on n.oid = relnamespace join pg_attribute on attrelid = c.oid
        where n.nspname in ('journal', 'metering', 'rating', 'market', 'invoicing', 'exchange') and relkind = 'r'
          and attnum > 0 and not attisdropped and attgenerated = '' and relname <> 'schema_step'
        order by 1, 2
        """;

    /// <summary>What once ended a verify or a close as a fault of the program, or was not seen.</summary>
    private static readonly string[] Always =
    [
        "invoicing.kept_block.closed", "invoicing.kept_block.service_month", "journal.checkpoint.projection",
        "metering.place.kind", "metering.quarantine.fate", "rating.month.owners", "rating.month.prices",
    ];

    [Fact]
    public async Task A_changed_value_is_named_or_changes_no_bill()
    {
        using var small = await SmallExchange.Start();
        await Fill(small);
        var usual = await NextClose(small);
        await using var database = NpgsqlDataSource.Create(small.Database);
        var unnoticed = new List<string>();
        var tried = 0;
        foreach (var (table, column, change) in await Chosen(database))
        {
            tried += await Tried(database, small, usual, table, $"update {table} set {column} = {change}", unnoticed) ? 1 : 0;
        }

        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{tried} values were changed.\n{string.Join('\n', unnoticed)}");
        Assert.Equal("", string.Join('\n', unnoticed));
        Assert.InRange(tried, 15, 10_000);
    }

    /// <summary>The same for a row that is gone, and for one more like another but for one column that its table allows.</summary>
    [Fact]
    public async Task A_row_that_is_gone_or_was_put_in_is_named_or_changes_no_bill()
    {
        using var small = await SmallExchange.Start();
        await Fill(small);
        var usual = await NextClose(small);
        await using var database = NpgsqlDataSource.Create(small.Database);
        var unnoticed = new List<string>();
        var tried = 0;
        var random = new Random(20_261_130);
        var isAll = Environment.GetEnvironmentVariable("EXCHANGE_EVERY_COLUMN") is not null;
        foreach (var table in (await All(database)).GroupBy(of => of.Table).Where(_ => isAll || random.Next(3) == 0))
        {
            var columns = table.ToList();
            if (isAll || random.Next(2) == 0)
            {
                tried += await Tried(database, small, usual, table.Key, $"delete from {table.Key}", unnoticed) ? 1 : 0;
            }

            string[] inserts = [.. columns.Select(other => string.Create(CultureInfo.InvariantCulture,
                $"""
                insert into {table.Key} ({string.Join(", ", columns.Select(one => $"\"{one.Column}\""))}) overriding system value
                select {string.Join(", ", columns.Select(one => one == other ? one.Change : $"\"{one.Column}\""))} from {table.Key}
                """))];
            foreach (var insert in inserts.Take(isAll || tried % 2 == 1 ? inserts.Length : 0))
            {
                if (await Tried(database, small, usual, table.Key, insert, unnoticed))
                {
                    tried++;
                    break;
                }
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{tried} tables were tried.\n{string.Join('\n', unnoticed)}");
        Assert.Equal("", string.Join('\n', unnoticed));
        Assert.InRange(tried, 8, 10_000);
    }

    /// <summary>A closed month with a payment, a late reading and one set aside, and a little of everything else.</summary>
    private static async Task Fill(SmallExchange small)
    {
        await small.Told("cluster,project,name,pi\nc1,p1,One,ben@example.net\nc1,p2,Two,ada@example.net");
        await small.Ran("p1", "pod-1", "2026-10-02T00:00:00Z", "2026-10-12T10:00:00Z");
        await small.Counted("p2", "bucket-1", "2026-10-03T05:00:00Z", 1_500);
        await small.Counted("p2", "bucket-1", "2027-10-03T05:00:00Z", 1_500);
        await small.Done("close --month 2026-10 --commit");
        await small.Done("keys create --name k --scope usage --landlord acme");
        await small.Done("invoices pay PI-2026-0001 --reference r1 --amount 0.50");
        await small.Ran("p1", "pod-2", "2026-11-01T00:00:00Z", "2026-11-02T10:00:00Z");
        await small.Ran("p1", "pod-late", "2026-10-20T00:00:00Z", "2026-10-20T10:00:00Z");
        small.Clock.Now = NodaTime.Instant.FromUtc(2026, 12, 3, 9, 0);
        await small.Done("verify");
    }

    private static async Task<string> NextClose(SmallExchange small)
    {
        var close = await small.Line("close --month 2026-11 --json");
        return $"{close.Exit} {close.Output} {close.Errors}";
    }

    private static async Task<IReadOnlyList<(string Table, string Column, string Change)>> Chosen(NpgsqlDataSource database)
    {
        var all = await All(database);
        if (Environment.GetEnvironmentVariable("EXCHANGE_EVERY_COLUMN") is not null)
        {
            return all;
        }

        var random = new Random(20_261_129);
        return [.. all.GroupBy(of => of.Table).Select(of => of.ElementAt(random.Next(of.Count())))
            .Concat(all.Where(of => Always.Contains($"{of.Table}.{of.Column}"))).Distinct()];
    }

    private static async Task<IReadOnlyList<(string Table, string Column, string Change)>> All(NpgsqlDataSource database)
    {
        var all = new List<(string, string, string)>();
        await using var command = database.CreateCommand(Columns);
        await using var rows = await command.ExecuteReaderAsync(Serving.Ct);
        while (await rows.ReadAsync(Serving.Ct))
        {
            all.Add((rows.GetString(0), rows.GetString(1), rows.GetString(2)));
        }

        return all;
    }

    /// <summary>Changes one row, looks, and puts the table back as it was.</summary>
    private static async Task<bool> Tried(
        NpgsqlDataSource database, SmallExchange small, string usual, string table, string change, List<string> unnoticed)
    {
        await using (var rows = database.CreateCommand($"select exists (select from {table})"))
        {
            if (await rows.ExecuteScalarAsync(Serving.Ct) is not true)
            {
                return false;
            }
        }

        try
        {
            await database.Execute($"""
                set session_replication_role = replica;
                create table public.before as table {table};
                {change} where ctid = (select ctid from {table} limit 1);
                """, [], Serving.Ct);
        }
        catch (PostgresException e) when (e.SqlState.StartsWith("23", StringComparison.Ordinal))
        {
            return false; // The table itself does not allow it.
        }
        catch (PostgresException e)
        {
            unnoticed.Add($"{change}\n  {e.MessageText}"); // Nobody said yet how a value of this type is changed.
            return false;
        }

        var verified = await small.Line("verify");
        var isNamed = verified.Exit != 0 && (verified.Errors.Contains("error: verify/", StringComparison.Ordinal) ||
            verified.Errors.Contains($"error: {table}: meter/unreadable", StringComparison.Ordinal)); // Nothing opens then.
        var next = isNamed ? usual : await NextClose(small);
        if (next != usual || verified.Errors.Contains("error: bug", StringComparison.Ordinal))
        {
            unnoticed.Add($"{change}\n  {Hostile.Start(verified.Errors)}\n  {Hostile.Start(Difference(usual, next))}");
        }

        await using var given = database.CreateCommand($"""
            select string_agg(quote_ident(attname), ', ') from pg_attribute
            where attrelid = '{table}'::regclass and attnum > 0 and not attisdropped and attgenerated = ''
            """);
        var names = (string)(await given.ExecuteScalarAsync(Serving.Ct))!;
        await database.Execute($"""
            set session_replication_role = replica;
            delete from {table};
            insert into {table} ({names}) overriding system value select {names} from public.before;
            drop table public.before;
            """, [], Serving.Ct);
        return true;
    }

    private static string Difference(string usual, string next)
    {
        var at = usual.Zip(next).TakeWhile(pair => pair.First == pair.Second).Count();
        return new StringBuilder("…").Append(next.AsSpan(Math.Max(0, at - 80))).ToString();
    }
}
