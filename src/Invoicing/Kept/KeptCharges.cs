using System.Runtime.CompilerServices;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Invoicing.Kept;

/// <summary>
/// Reads what closes kept, and proves it as it is read: every block is what the journal's root follows from, or
/// nothing is answered.
/// </summary>
public sealed class KeptCharges(NpgsqlDataSource database, Months months)
{
    internal const string Columns =
        "run, number, closed, kind, service_month, first, last, entries, digest, hash, salt";

    private readonly Dictionary<string, IReadOnlyList<KeptBlock>> _proven = new(StringComparer.Ordinal);

    /// <summary>What was billed of a month so far, adjustments among it; of void invoices nothing.</summary>
    public async Task<IReadOnlyList<KeptLine>> BilledOf(BillingMonth month, CancellationToken ct) =>
        [.. (await LinesOf(month, ct)).Where(line => !months.Voided.Contains(line.Invoice))];

    /// <summary>Every line about a month's usage, oldest first, void ones too.</summary>
    public async Task<IReadOnlyList<KeptLine>> LinesOf(BillingMonth month, CancellationToken ct)
    {
        var lines = new List<KeptLine>();
        foreach (var run in months.RunsSince(month))
        {
            await foreach (var block in Blocks(
                run, block => block.Kind == KeptBlock.Lines && block.Month == month, ct))
            {
                lines.AddRange(block.Unpack<KeptLine>());
            }
        }

        return lines;
    }

    /// <summary>What a close billed, or an invoice that was issued again; void ones too.</summary>
    public async Task<IReadOnlyList<KeptLine>> BilledIn(KeptRun run, CancellationToken ct)
    {
        var lines = new List<KeptLine>();
        await foreach (var block in Blocks(run, block => block.Kind == KeptBlock.Lines, ct))
        {
            lines.AddRange(block.Unpack<KeptLine>());
        }

        return lines;
    }

    /// <summary>The projects of which something was billed in a month: 'cluster/project'.</summary>
    public async Task<IReadOnlySet<string>> ProjectsOf(BillingMonth month, CancellationToken ct)
    {
        var projects = new HashSet<string>(StringComparer.Ordinal);
        foreach (var run in months.RunsSince(month))
        {
            await foreach (var block in Blocks(
                run, block => block.Kind == KeptBlock.Projects && block.Month == month, ct))
            {
                projects.UnionWith(block.Unpack<string>());
            }
        }

        return projects;
    }

    /// <summary>The lines about a charge, oldest first, void ones too.</summary>
    public async Task<IReadOnlyList<KeptLine>> OfCharge(BillingMonth month, string charge, CancellationToken ct)
    {
        var lines = new List<KeptLine>();
        foreach (var run in months.RunsSince(month))
        {
            await foreach (var block in Blocks(
                run, block => block.Kind == KeptBlock.Lines && block.Month == month && block.Spans(charge), ct))
            {
                lines.AddRange(block.Unpack<KeptLine>().Where(line => line.Line.ChargeId == charge));
            }
        }

        return lines;
    }

    /// <summary>The parts of a charge as one close kept them, by resource and time.</summary>
    public async Task<IReadOnlyList<KeptPart>> PartsOf(
        KeptRun run, BillingMonth month, string line, string charge, CancellationToken ct)
    {
        var parts = new List<KeptPart>();
        await foreach (var block in Blocks(
            run, block => block.Kind == KeptBlock.Parts && block.Month == month && block.Spans(line), ct))
        {
            parts.AddRange(block.Unpack<KeptPart>().Where(part => part.Line == line && part.IsOf(charge)));
        }

        return parts;
    }

    /// <summary>The month whose close billed a line.</summary>
    public static BillingMonth ClosedBy(KeptLine line) => BillingMonth.Parse(line.Invoice.Split(':')[0]);

    /// <summary>The run in which a line was billed; null where it is older than what is kept.</summary>
    public KeptRun? RunOf(KeptLine line) => months.RunOf(line);

    /// <summary>The run of a close; null where an older version closed the month, or it is open.</summary>
    public KeptRun? RunOf(BillingMonth closed) => months.Closed.GetValueOrDefault(closed)?.Kept;

    private async IAsyncEnumerable<KeptBlock> Blocks(
        KeptRun run, Func<KeptBlock, bool> wanted, [EnumeratorCancellation] CancellationToken ct)
    {
        const string Sql = """
            select number, kept.body, shown.body, kept.salt
            from invoicing.kept_block as kept
            left join invoicing.shown_block as shown using (run, number)
            where run = $1 and number = any($2)
            """;
        var found = (await Proven(run, ct)).Where(wanted).ToDictionary(block => block.Number);
        if (found.Count == 0)
        {
            yield break;
        }

        var blocks = new List<(KeptBlock Kept, byte[]? Shown)>();
        await using (var command = database.Statement(Sql, [run.Id, found.Keys.ToArray()]))
        await using (var rows = await command.ExecuteReaderAsync(ct))
        {
            while (await rows.ReadAsync(ct))
            {
                // Somebody may have been erased from it since the chain was proven: its salt is of now, too.
                blocks.Add((
                    found[rows.GetInt32(0)] with
                    {
                        Body = rows.GetFieldValue<byte[]>(1),
                        Salt = rows.IsDBNull(3) ? [] : rows.GetFieldValue<byte[]>(3),
                    },
                    rows.IsDBNull(2) ? null : rows.GetFieldValue<byte[]>(2)));
            }
        }

        foreach (var (block, shown) in blocks.OrderBy(block => block.Kept.Number))
        {
            yield return !(block.HasBody || (block.IsEmptied && shown is not null))
                ? throw Damaged(run.Id, block.Number)
                : shown is null ? block : block with { Body = shown };
        }
    }

    /// <summary>The blocks of a run without what is in them, once they lead to the hash in the journal.</summary>
    private async Task<IReadOnlyList<KeptBlock>> Proven(KeptRun run, CancellationToken ct)
    {
        if (_proven.TryGetValue(run.Id, out var known))
        {
            return known;
        }

        const string Sql = $"select {Columns}, ''::bytea from invoicing.kept_block where run = $1 order by number";
        var hash = months.RootBefore(run.Id) is { } before ? Convert.FromHexString(before) : KeptBlock.Genesis;
        var blocks = new List<KeptBlock>();
        await using var command = database.Statement(Sql, [run.Id]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            var block = Read(rows);
            hash = block.HashAfter(hash);
            blocks.Add(block);
            if (block.Number != blocks.Count || !hash.AsSpan().SequenceEqual(block.Hash))
            {
                throw Damaged(run.Id, block.Number);
            }
        }

        return blocks.Count == run.Blocks && Convert.ToHexString(hash) == run.Root
            ? _proven[run.Id] = blocks
            : throw Damaged(run.Id, blocks.Count);
    }

    /// <exception cref="RefusedException">Its months are none: somebody changed the row.</exception>
    internal static KeptBlock Read(NpgsqlDataReader rows) =>
        BillingMonth.TryParse(rows.GetString(2), null, out var closed) &&
        BillingMonth.TryParse(rows.GetString(4), null, out var service)
            ? new(
                rows.GetString(0), rows.GetInt32(1), closed, rows.GetString(3), service, rows.GetString(5),
                rows.GetString(6), rows.GetInt32(7), rows.GetFieldValue<byte[]>(8), rows.GetFieldValue<byte[]>(9),
                rows.GetFieldValue<byte[]>(11))
            {
                Salt = rows.IsDBNull(10) ? [] : rows.GetFieldValue<byte[]>(10),
            }
            : throw Damaged(rows.GetString(0), rows.GetInt32(1));

    private static RefusedException Damaged(string run, int number) => new(new(
        "kept/damaged",
        $"What a close kept is not what the journal says (run {run}, block {number}). Nothing is billed or explained " +
        "from it. Restore invoicing.kept_block from a backup; 'exchange verify' names every place.",
        "invoicing.kept_block"));
}
