using System.Text.RegularExpressions;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Invoicing.Kept;

/// <summary>
/// Erases people from what readers are shown of kept charges, and from documents: those are emptied, and drawn again
/// from their invoices. The body of a block goes, too, but for blocks of older versions, of which it is the proof.
/// </summary>
public static partial class EraseFromKept
{
    /// <summary>All that is shown instead of what closes kept.</summary>
    public static ShownHash Shown { get; } = new("shownKept", """
        select format('block %s %s %s', run, number, encode(sha256(body), 'hex')) as line
        from invoicing.shown_block
        """);

    /// <summary>What of it was touched.</summary>
    public sealed record KeptErased(int Blocks, int Documents);

    public static async Task<KeptErased> Run(NpgsqlConnection connection, ErasedText text, CancellationToken ct)
    {
        const string Keys = "select run, number from invoicing.kept_block order by run, number";
        const string Write = """
            insert into invoicing.shown_block (run, number, body) values ($1, $2, $3)
            on conflict (run, number) do update set body = excluded.body
            """;

        const string Empty = """
            update invoicing.kept_block set body = '', salt = null
            where run = $1 and number = $2 and salt is not null
            """;

        var keys = new List<(string Run, int Number)>();
        await using (var command = connection.Statement(Keys, []))
        await using (var rows = await command.ExecuteReaderAsync(ct))
        {
            while (await rows.ReadAsync(ct))
            {
                keys.Add((rows.GetString(0), rows.GetInt32(1)));
            }
        }

        var blocks = 0;
        foreach (var (run, number) in keys)
        {
            var lines = KeptBlock.Texts(await Body(connection, run, number, ct));
            List<string> shown = [.. lines.Select(line => text.Of(line))];
            if (!shown.SequenceEqual(lines, StringComparer.Ordinal))
            {
                lines.Zip(shown).ToList().ForEach(RefuseIdsOfUsage);
                await connection.Execute(Write, [run, number, KeptBlock.PackTexts(shown)], ct);
                await connection.Execute(Empty, [run, number], ct);
                blocks++;
            }
        }

        return new(blocks, await Documents(connection, text, ct));
    }

    /// <summary>Usage is found by what its source calls it: a project that is called after a person stays so.</summary>
    /// <exception cref="RefusedException">The id of a charge holds what is to be erased.</exception>
    private static void RefuseIdsOfUsage((string Kept, string Shown) line)
    {
        if (line.Kept != line.Shown && Charge().Match(line.Kept) is { Success: true } charge &&
            charge.Value != Charge().Match(line.Shown).Value)
        {
            throw new RefusedException(new(
                "people/in-usage",
                "A project, resource or SKU is called after this person in readings, which nobody can change: " +
                $"{charge.Groups["id"].Value}. Nothing was erased. Give the name that is only in usage to nobody, or " +
                "leave it out of '--name'."));
        }
    }

    [GeneratedRegex(@"""chargeId"":""(?<id>(?:[^""\\]|\\.)*)""")]
    private static partial Regex Charge();

    private static async Task<byte[]> Body(NpgsqlConnection connection, string run, int number, CancellationToken ct)
    {
        const string Sql = """
            select coalesce(shown.body, kept.body)
            from invoicing.kept_block as kept
            left join invoicing.shown_block as shown using (run, number)
            where run = $1 and number = $2
            """;

        await using var command = connection.Statement(Sql, [run, number]);
        return (byte[])(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>The documents of invoices whose events hold one of them.</summary>
    private static async Task<int> Documents(NpgsqlConnection connection, ErasedText text, CancellationToken ct)
    {
        const string Sql = """
            update invoicing.document set pdf = ''
            where sha256 in (
              select drawn.body::jsonb ->> 'sha256'
              from journal.event as drawn
              where drawn.type in ('invoice-drawn/1', 'party-invoice-drawn/1') and exists (
                select from journal.event as said
                where said.stream = drawn.stream and exists (
                  select from unnest($1::text[]) as token
                  where strpos(said.stream, token) > 0 or strpos(said.body, token) > 0)))
            """;

        return await connection.Execute(Sql, [text.Tokens.ToArray()], ct);
    }
}
