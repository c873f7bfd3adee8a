using System.Security.Cryptography;
using Exchange.Invoicing.Kept;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// Writes what a close bills, and what it rests on, as blocks, before the close itself is written: a few at a time, in
/// one transaction. They are found by their last hash, which is known when all are written, so closes that run at once
/// keep apart; what is kept again is another run, and the one that no close names is swept.
/// </summary>
internal sealed class KeepCharges
{
    private const int LinesABlock = 256;
    private const int PartsABlock = 2_048;
    private const int ProjectsABlock = 8_192;

    /// <summary>So many blocks are held before they travel to the database.</summary>
    internal const int BlocksABatch = 32;

    private readonly NpgsqlConnection _connection;
    private readonly BillingMonth _closed;
    private readonly string _staged = $"staged-{RandomNumberGenerator.GetHexString(32, lowercase: true)}";
    private readonly List<KeptBlock> _held = [];
    private byte[] _hash;
    private int _blocks;

    private KeepCharges(NpgsqlConnection connection, BillingMonth closed, byte[] before) =>
        (_connection, _closed, _hash) = (connection, closed, before);

    /// <param name="lines">All lines of the close.</param>
    /// <param name="partsOf">The parts of a line of charges of a month.</param>
    /// <param name="before">The last hash of the close before; null for the first.</param>
    /// <param name="meter">Up to which block of readings the meter had been read.</param>
    public static async Task<KeptRun> Write(
        NpgsqlDataSource database, BillingMonth closed, LinesToKeep lines,
        Func<BillingMonth, string, IEnumerable<KeptPart>> partsOf, string? before, long meter, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var keep = new KeepCharges(
            connection, closed, before is null ? KeptBlock.Genesis : Convert.FromHexString(before));
        foreach (var (month, places) in InRows(lines.Places))
        {
            await keep.Add(
                KeptBlock.Lines, month, places.Select(lines.At), line => line.Line.ChargeId, LinesABlock, ct);
            var charged = places.Select(LinesToKeep.PartsOf).OfType<string>()
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
            await keep.Add(
                KeptBlock.Parts, month, charged.SelectMany(line => partsOf(month, line)), part => part.Line,
                PartsABlock, ct);
            await keep.Add(
                KeptBlock.Projects, month, places.SelectMany(place => NamesOf(lines.LineAt(place)))
                    .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal), name => name, ProjectsABlock, ct);
        }

        await keep.Insert(ct);
        var root = Convert.ToHexString(keep._hash);
        // A close that keeps nothing ends where what was issued again in its month ended, and is another run.
        var run = new KeptRun(
            $"{closed}-{(keep._blocks == 0 ? "nothing" : root[..16])}", keep._blocks, root, meter);
        await keep.Name(run, transaction, ct);
        return run;
    }

    /// <summary>Deletes what closes of a month kept that were never written.</summary>
    public static async Task Sweep(
        NpgsqlDataSource database, BillingMonth closed, IEnumerable<KeptRun> kept, CancellationToken ct) =>
        await database.Execute(
            "delete from invoicing.kept_block where closed = $1 and run <> all($2)",
            [closed.ToString(), kept.Select(run => run.Id).ToArray()], ct);

    /// <summary>The lines of each month, which are sorted by it.</summary>
    private static IEnumerable<(BillingMonth Month, ArraySegment<LinesToKeep.Place> Places)> InRows(
        LinesToKeep.Place[] all)
    {
        for (var (start, end) = (0, 0); start < all.Length; start = end)
        {
            while (end < all.Length && all[end].Month == all[start].Month)
            {
                end++;
            }

            yield return (all[start].Month, new(all, start, end - start));
        }
    }

    /// <summary>A project as the directory may speak of it: itself, and what labels divide into it.</summary>
    private static IEnumerable<string> NamesOf(InvoiceLine line)
    {
        yield return $"{line.Cluster}/{line.Project}";
        if (line.Project.Value.IndexOf(':', StringComparison.Ordinal) is var colon and > 0)
        {
            yield return $"{line.Cluster}/{line.Project.Value[..colon]}";
        }
    }

    private async Task Add<T>(
        string kind, BillingMonth month, IEnumerable<T> entries, Func<T, string> key, int most, CancellationToken ct)
    {
        using var entry = entries.GetEnumerator();
        while (entry.MoveNext())
        {
            var first = key(entry.Current);
            var body = KeptBlock.Pack(entry, most, out var count, out var last);
            var block = new KeptBlock(
                _staged, ++_blocks, _closed, kind, month, first, key(last), count, [], [], body)
            {
                Salt = KeptBlock.NewSalt(),
            }.After(_hash);
            _hash = block.Hash;
            _held.Add(block);
            if (_held.Count == BlocksABatch)
            {
                await Insert(ct);
            }
        }
    }

    private async Task Insert(CancellationToken ct)
    {
        const string Sql = """
            insert into invoicing.kept_block (
              run, number, closed, kind, service_month, first, last, entries, digest, hash, salt, body)
            values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
            """;
        await using var batch = new NpgsqlBatch(_connection);
        foreach (var block in _held)
        {
            var command = new NpgsqlBatchCommand(Sql);
            foreach (var value in (object[])[
                block.Run, block.Number, block.Closed.ToString(), block.Kind, block.Month.ToString(), block.First,
                block.Last, block.Entries, block.Digest, block.Hash, block.Salt, block.Body])
            {
                command.Parameters.Add(new() { Value = value });
            }

            batch.BatchCommands.Add(command);
        }

        if (_held.Count > 0)
        {
            await batch.ExecuteNonQueryAsync(ct);
        }

        _held.Clear();
    }

    /// <summary>Gives the blocks the name under which they are found; nobody saw them under another.</summary>
    private async Task Name(KeptRun run, NpgsqlTransaction transaction, CancellationToken ct)
    {
        try
        {
            await _connection.Execute(
                "update invoicing.kept_block set run = $2 where run = $1", [_staged, run.Id], ct);
            await transaction.CommitAsync(ct);
        }
        catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.UniqueViolation)
        {
            await transaction.RollbackAsync(ct); // The same was kept before, to the byte: its name is its hash.
        }
    }
}
