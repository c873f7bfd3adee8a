using Exchange.Journal;
using Npgsql;

namespace Exchange.Invoicing.Kept;

/// <summary>
/// Writes what a close bills, and what it rests on, as blocks, before the close itself is written. They are found by
/// their last hash, so closes that run at once keep apart, and the same close kept again is the same.
/// </summary>
internal sealed class KeepCharges
{
    private const int LinesABlock = 256;
    private const int PartsABlock = 2_048;
    private const int ProjectsABlock = 8_192;
    private const int BlocksABatch = 32;
    private readonly BillingMonth _closed;
    private readonly List<KeptBlock> _blocks = [];
    private byte[] _hash;

    private KeepCharges(BillingMonth closed, byte[] before) => (_closed, _hash) = (closed, before);

    /// <param name="lines">All lines of the close.</param>
    /// <param name="partsOf">The parts of a line of charges of a month.</param>
    /// <param name="before">The last hash of the close before; null for the first.</param>
    /// <param name="meter">Up to which block of readings the meter had been read.</param>
    public static async Task<KeptRun> Write(
        NpgsqlDataSource database, BillingMonth closed, IEnumerable<KeptLine> lines,
        Func<BillingMonth, string, IEnumerable<KeptPart>> partsOf, string? before, long meter, CancellationToken ct)
    {
        var keep = new KeepCharges(closed, before is null ? KeptBlock.Genesis : Convert.FromHexString(before));
        foreach (var month in lines.GroupBy(line => line.Line.ServiceMonth(closed)).OrderBy(of => of.Key))
        {
            KeptLine[] sorted = [.. month.OrderBy(line => line.Line.ChargeId, StringComparer.Ordinal)
                .ThenBy(line => line.Account.Name, StringComparer.Ordinal)];
            keep.Add(KeptBlock.Lines, month.Key, sorted, line => line.Line.ChargeId, LinesABlock);
            var charged = sorted.Select(line => line.Charge?.LineId).OfType<string>()
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
            keep.Add(
                KeptBlock.Parts, month.Key, charged.SelectMany(line => partsOf(month.Key, line)), part => part.Line,
                PartsABlock);
            keep.Add(
                KeptBlock.Projects, month.Key, sorted.SelectMany(line => NamesOf(line.Line))
                    .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), name => name, ProjectsABlock);
        }

        var root = Convert.ToHexString(keep._hash);
        // A close that keeps nothing ends where what was issued again in its month ended, and is another run.
        var name = keep._blocks.Count == 0 ? "nothing" : root[..16];
        var run = new KeptRun($"{closed}-{name}", keep._blocks.Count, root, meter);
        foreach (var part in keep._blocks.Chunk(BlocksABatch))
        {
            await Insert(database, run, part, ct);
        }

        return run;
    }

    /// <summary>Deletes what closes of a month kept that were never written.</summary>
    public static async Task Sweep(
        NpgsqlDataSource database, BillingMonth closed, IEnumerable<KeptRun> kept, CancellationToken ct) =>
        await database.Execute(
            "delete from invoicing.kept_block where closed = $1 and run <> all($2)",
            [closed.ToString(), kept.Select(run => run.Id).ToArray()], ct);

    /// <summary>A project as the directory may speak of it: itself, and what labels divide into it.</summary>
    private static IEnumerable<string> NamesOf(InvoiceLine line)
    {
        yield return $"{line.Cluster}/{line.Project}";
        if (line.Project.Value.IndexOf(':', StringComparison.Ordinal) is var colon and > 0)
        {
            yield return $"{line.Cluster}/{line.Project.Value[..colon]}";
        }
    }

    private static async Task Insert(
        NpgsqlDataSource database, KeptRun run, IEnumerable<KeptBlock> blocks, CancellationToken ct)
    {
        const string Sql = """
            insert into invoicing.kept_block (
              run, number, closed, kind, service_month, first, last, entries, digest, hash, body)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            on conflict do nothing
            """;
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var batch = new NpgsqlBatch(connection);
        foreach (var block in blocks)
        {
            var command = new NpgsqlBatchCommand(Sql);
            foreach (var value in (object[])[
                run.Id, block.Number, block.Closed.ToString(), block.Kind, block.Month.ToString(), block.First,
                block.Last, block.Entries, block.Digest, block.Hash, block.Body])
            {
                command.Parameters.Add(new() { Value = value });
            }

            batch.BatchCommands.Add(command);
        }

        await batch.ExecuteNonQueryAsync(ct);
    }

    private void Add<T>(string kind, BillingMonth month, IEnumerable<T> entries, Func<T, string> key, int most)
    {
        foreach (var part in entries.Chunk(most))
        {
            var block = new KeptBlock(
                "", _blocks.Count + 1, _closed, kind, month, key(part[0]), key(part[^1]), part.Length, [], [],
                KeptBlock.Pack(part)).After(_hash);
            _hash = block.Hash;
            _blocks.Add(block);
        }
    }
}
