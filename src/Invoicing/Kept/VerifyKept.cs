using System.Security.Cryptography;
using System.Text.Json;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Invoicing.Kept;

/// <summary>Links the blocks of every close again and compares their lines with the invoices in the journal.</summary>
public static class VerifyKept
{
    private const int ShownBody = 12;

    private const string BlocksOfRun = $"""
        select {KeptCharges.Columns}, kept.body, shown.body
        from invoicing.kept_block as kept
        left join invoicing.shown_block as shown using (run, number)
        where run = $1
        order by number
        """;

    /// <param name="invoices">The lines of each invoice as their hash, from the journal.</param>
    /// <returns>Every place that is wrong.</returns>
    public static async Task<IReadOnlyList<string>> Run(
        NpgsqlDataSource database, Months months, IReadOnlyDictionary<string, byte[]> invoices, CancellationToken ct)
    {
        var wrong = new List<string>();
        foreach (var run in months.Runs)
        {
            wrong.AddRange(await Of(database, months, run, invoices, ct));
        }

        var shown = $"""
            select 'invoicing.shown_block: not as the last erasure left it' where not ({EraseFromKept.Shown.IsAsLeft})
            """;
        wrong.AddRange(await database.Texts(shown, [], ct));
        return wrong;
    }

    public static byte[] Hash(IEnumerable<InvoiceLine> lines) =>
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(lines.ToArray(), Text.Json));

    private static async Task<IReadOnlyList<string>> Of(
        NpgsqlDataSource database, Months months, KeptRun run, IReadOnlyDictionary<string, byte[]> invoices,
        CancellationToken ct)
    {
        var wrong = new List<string>();
        var lines = new Dictionary<string, SortedDictionary<int, InvoiceLine>>(StringComparer.Ordinal);
        var hash = months.RootBefore(run.Id) is { } before ? Convert.FromHexString(before) : KeptBlock.Genesis;
        var number = 0;
        await using var command = database.Statement(BlocksOfRun, [run.Id]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            var block = Readable(rows);
            hash = block?.HashAfter(hash) ?? hash;
            if (block?.Number != ++number || !hash.AsSpan().SequenceEqual(block.Hash) ||
                !(block.HasBody || (block.IsEmptied && !rows.IsDBNull(ShownBody))))
            {
                wrong.Add($"invoicing.kept_block, run {run.Id}, block {number}: it is not what was kept");
                return wrong;
            }

            var shown = rows.IsDBNull(ShownBody) ? block.Body : rows.GetFieldValue<byte[]>(ShownBody);
            if (!block.IsEmptied && !IsShownOf(block.Body, shown))
            {
                wrong.Add($"invoicing.shown_block, run {run.Id}, block {number}: it is not the block with a token " +
                    "for whoever was erased");
                return wrong;
            }

            Note(lines, block with { Body = shown });
        }

        if (number != run.Blocks || Convert.ToHexString(hash) != run.Root)
        {
            wrong.Add($"invoicing.kept_block, run {run.Id}: {number} blocks of {run.Blocks}, or their end is not the " +
                "one that the journal names");
            return wrong;
        }

        wrong.AddRange(lines.Where(of => !invoices.TryGetValue(of.Key, out var billed) ||
            !Hash(of.Value.Values).AsSpan().SequenceEqual(billed)).Select(
            of => $"invoice {of.Key}: its lines in the journal are not those that its close kept"));
        return wrong;
    }

    private static bool IsShownOf(byte[] kept, byte[] shown)
    {
        if (ReferenceEquals(kept, shown))
        {
            return true;
        }

        try
        {
            var (stored, now, check) = (KeptBlock.Texts(kept), KeptBlock.Texts(shown), new ShownText());
            return stored.Count == now.Count && stored.Zip(now).All(line => check.Follows(line.First, line.Second));
        }
        catch (Exception e) when (e is InvalidOperationException or InvalidDataException)
        {
            return false; // It is packed in no way that this could have written.
        }
    }

    private static KeptBlock? Readable(NpgsqlDataReader rows)
    {
        try
        {
            return KeptCharges.Read(rows);
        }
        catch (RefusedException)
        {
            return null; // It is named by its place, like one whose hash is another.
        }
    }

    private static void Note(Dictionary<string, SortedDictionary<int, InvoiceLine>> lines, KeptBlock block)
    {
        foreach (var line in block.Kind == KeptBlock.Lines ? block.Unpack<KeptLine>() : [])
        {
            if (!lines.TryGetValue(line.Invoice, out var of))
            {
                lines[line.Invoice] = of = [];
            }

            of[line.Place] = line.Line;
        }
    }
}
