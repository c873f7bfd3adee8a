using Exchange.Journal;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Invoicing.Kept;

/// <summary>Writes what a close bills, and what it rests on, as blocks: once, before the close itself is written.</summary>
internal sealed class KeepCharges
{
    private const int LinesABlock = 256;
    private const int PartsABlock = 2_048;
    private readonly NpgsqlBinaryImporter _rows;
    private readonly string _run = Guid.NewGuid().ToString("N");
    private readonly BillingMonth _closed;
    private byte[] _hash;
    private int _number;

    private KeepCharges(NpgsqlBinaryImporter rows, BillingMonth closed, byte[] before) =>
        (_rows, _closed, _hash) = (rows, closed, before);

    /// <param name="lines">All lines of the close.</param>
    /// <param name="partsOf">The parts of a line of charges of a month.</param>
    /// <param name="before">The last hash of the close before; null for the first.</param>
    /// <param name="meter">Up to which block of readings the meter had been read.</param>
    public static async Task<KeptRun> Write(
        NpgsqlDataSource database, BillingMonth closed, IEnumerable<KeptLine> lines,
        Func<BillingMonth, string, IEnumerable<KeptPart>> partsOf, string? before, long meter, CancellationToken ct)
    {
        const string Copy = """
            copy invoicing.kept_block (
              run, number, closed, kind, service_month, first, last, entries, digest, hash, body)
            from stdin (format binary)
            """;
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var rows = await connection.BeginBinaryImportAsync(Copy, ct);
        var keep = new KeepCharges(rows, closed, before is null ? KeptBlock.Genesis : Convert.FromHexString(before));
        foreach (var month in lines.GroupBy(line => line.Line.ServiceMonth(closed)).OrderBy(of => of.Key))
        {
            KeptLine[] sorted = [.. month.OrderBy(line => line.Line.ChargeId, StringComparer.Ordinal)
                .ThenBy(line => line.Account.Name, StringComparer.Ordinal)];
            await keep.Blocks(KeptBlock.Lines, month.Key, sorted, line => line.Line.ChargeId, LinesABlock, ct);
            var charged = sorted.Select(line => line.Charge?.LineId).OfType<string>()
                .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
            await keep.Blocks(
                KeptBlock.Parts, month.Key, charged.SelectMany(line => partsOf(month.Key, line)), part => part.Line,
                PartsABlock, ct);
        }

        await rows.CompleteAsync(ct);
        return new(keep._run, keep._number, Convert.ToHexString(keep._hash), meter);
    }

    /// <summary>Deletes what closes of a month kept that were never written.</summary>
    public static async Task Sweep(NpgsqlDataSource database, BillingMonth closed, KeptRun kept, CancellationToken ct) =>
        await database.Execute(
            "delete from invoicing.kept_block where closed = $1 and run <> $2", [closed.ToString(), kept.Id], ct);

    private async Task Blocks<T>(
        string kind, BillingMonth month, IEnumerable<T> entries, Func<T, string> key, int most, CancellationToken ct)
    {
        foreach (var part in entries.Chunk(most))
        {
            var block = new KeptBlock(
                _run, ++_number, _closed, kind, month, key(part[0]), key(part[^1]), part.Length, [], [],
                KeptBlock.Pack(part)).After(_hash);
            _hash = block.Hash;
            await _rows.StartRowAsync(ct);
            await _rows.WriteAsync(block.Run, NpgsqlDbType.Text, ct);
            await _rows.WriteAsync(block.Number, NpgsqlDbType.Integer, ct);
            foreach (var text in (string[])[
                block.Closed.ToString(), block.Kind, block.Month.ToString(), block.First, block.Last])
            {
                await _rows.WriteAsync(text, NpgsqlDbType.Text, ct);
            }

            await _rows.WriteAsync(block.Entries, NpgsqlDbType.Integer, ct);
            await _rows.WriteAsync(block.Digest, NpgsqlDbType.Bytea, ct);
            await _rows.WriteAsync(block.Hash, NpgsqlDbType.Bytea, ct);
            await _rows.WriteAsync(block.Body, NpgsqlDbType.Bytea, ct);
        }
    }
}
