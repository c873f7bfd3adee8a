using Exchange.Journal;
using Npgsql;

namespace Exchange.Portal;

/// <summary>
/// Erases people from tables that no replay builds again: mail, kept answers, runs of jobs, customers at Stripe. Read
/// models are only made to be built again.
/// </summary>
internal static class ErasedTables
{
    /// <summary>Tables of which each row is looked through, by their schemas.</summary>
    private static readonly string[] Schemas = ["exchange", "market", "hangfire"];

    /// <returns>How many rows were changed or removed.</returns>
    public static async Task<int> Run(NpgsqlConnection connection, ErasedText text, CancellationToken ct)
    {
        const string Again = """
            truncate exchange.charge, exchange.day, exchange.landlord_day, exchange.sold, exchange.costly,
              exchange.gpu_held, exchange.charge_day, exchange.credit, exchange.cost_sum, exchange.credited,
              exchange.rated, rating.month, rating.page;
            update journal.checkpoint set position = 0, hash = null;
            delete from exchange.answered
            """;
        const string Waiting = """
            delete from exchange.outbox
            where sent_at is null and exists (
              select from unnest($1::text[]) as needle where lower(recipient) = lower(needle))
            """;

        await connection.Execute(Again, [], ct);
        var changed = await connection.Execute(Waiting, [text.Needles.ToArray()], ct);
        foreach (var table in await Tables(connection, ct))
        {
            changed += await Change(connection, table, text, ct);
        }

        return changed;
    }

    /// <summary>A table with the columns that can hold text, each with its type.</summary>
    private sealed record TextTable(string Name, string[] Columns, string[] Types);

    private static async Task<List<TextTable>> Tables(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Sql = """
            select format('%I.%I', n.nspname, c.relname), array_agg(quote_ident(a.attname) order by attnum),
                   array_agg(format_type(a.atttypid, null) order by attnum)
            from pg_class c
            join pg_namespace n on n.oid = relnamespace
            join pg_attribute a on attrelid = c.oid
            where (n.nspname = any($1) or (n.nspname || '.' || c.relname = 'metering.quarantine'
                                           and a.attname in ('decided_by', 'because')))
              and relkind = 'r' and attnum > 0 and not attisdropped
              and format_type(a.atttypid, null) = any('{text,character varying,jsonb,json,text[],bytea}')
            group by 1
            order by 1
            """;

        await using var command = connection.Statement(Sql, [Schemas]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var tables = new List<TextTable>();
        while (await rows.ReadAsync(ct))
        {
            tables.Add(new(rows.GetString(0), rows.GetFieldValue<string[]>(1), rows.GetFieldValue<string[]>(2)));
        }

        return tables;
    }

    private static async Task<int> Change(
        NpgsqlConnection connection, TextTable table, ErasedText text, CancellationToken ct)
    {
        var changed = 0;
        foreach (var (id, values) in await Found(connection, table, text, ct))
        {
            var whole = string.Join(' ', values);
            List<(string Column, string Type, string Value)> now =
            [
                .. values.Select((value, i) => (
                    Column: table.Columns[i], Type: table.Types[i], Was: value,
                    Now: value is null ? null : text.Of(value, whole)))
                    .Where(one => one.Now != one.Was).Select(one => (one.Column, one.Type, one.Now!)),
            ];
            if (now.Count > 0)
            {
                var set = now.Select((one, i) => one.Type == "bytea"
                    ? $"{one.Column} = decode(${i + 2}, 'escape')"
                    : $"{one.Column} = ${i + 2}::{one.Type}");
                changed += await connection.Execute(
                    $"update {table.Name} set {string.Join(", ", set)} where ctid = $1::tid",
                    [id, .. now.Select(one => one.Value)], ct);
            }
        }

        return changed;
    }

    /// <summary>The rows that hold one of them, each with its columns as text.</summary>
    private static async Task<List<(string Id, string?[] Values)>> Found(
        NpgsqlConnection connection, TextTable table, ErasedText text, CancellationToken ct)
    {
        // Bytes are looked through as their ASCII: what is kept of answers is JSON.
        var shown = table.Columns.Zip(table.Types, (column, type) =>
            type == "bytea" ? $"encode({column}, 'escape')" : $"{column}::text").ToList();
        var sql = $"""
            select ctid::text, {string.Join(", ", shown)}
            from {table.Name}
            where exists (select from unnest($1::text[]) as needle
                          where strpos(lower(concat_ws(' ', {string.Join(", ", shown)})), lower(needle)) > 0)
            """;
        await using var command = connection.Statement(sql, [text.Needles.ToArray()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<(string, string?[])>();
        while (await rows.ReadAsync(ct))
        {
            found.Add((rows.GetString(0), [.. Enumerable.Range(1, shown.Count).Select(
                i => rows.IsDBNull(i) ? null : rows.GetString(i))]));
        }

        return found;
    }
}
