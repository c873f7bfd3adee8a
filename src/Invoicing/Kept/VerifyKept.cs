using System.Security.Cryptography;
using System.Text.Json;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Invoicing.Kept;

/// <summary>Links the blocks of every close again and compares their lines with the invoices in the journal.</summary>
public static class VerifyKept
{
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

        return wrong;
    }

    public static byte[] Hash(IEnumerable<InvoiceLine> lines) =>
        SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(lines.ToArray(), Text.Json));

    private static async Task<IReadOnlyList<string>> Of(
        NpgsqlDataSource database, Months months, KeptRun run, IReadOnlyDictionary<string, byte[]> invoices,
        CancellationToken ct)
    {
        const string Sql = $"""
            select {KeptCharges.Columns}, body from invoicing.kept_block where run = $1 order by number
            """;
        var wrong = new List<string>();
        var lines = new Dictionary<string, SortedDictionary<int, InvoiceLine>>(StringComparer.Ordinal);
        var hash = months.RootBefore(run.Id) is { } before ? Convert.FromHexString(before) : KeptBlock.Genesis;
        var number = 0;
        await using var command = database.Statement(Sql, [run.Id]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            var block = Readable(rows);
            hash = block?.HashAfter(hash) ?? hash;
            if (block?.Number != ++number || !hash.AsSpan().SequenceEqual(block.Hash) || !block.HasBody)
            {
                wrong.Add($"invoicing.kept_block, run {run.Id}, block {number}: it is not what was kept");
                return wrong;
            }

            if (block.Kind == KeptBlock.Lines)
            {
                foreach (var line in block.Unpack<KeptLine>())
                {
                    Note(lines, line);
                }
            }
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

    private static void Note(Dictionary<string, SortedDictionary<int, InvoiceLine>> lines, KeptLine line)
    {
        if (!lines.TryGetValue(line.Invoice, out var of))
        {
            lines[line.Invoice] = of = [];
        }

        of[line.Place] = line.Line;
    }
}
