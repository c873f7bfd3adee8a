using System.Globalization;
using System.Runtime.InteropServices;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Metering.Collectors;

/// <summary>The files of one call, as they are read.</summary>
internal sealed class BillFiles(string format, BillRules rules)
{
    private const int Shown = 3;
    private readonly List<RejectedReading> _unreadable = [];
    private readonly Dictionary<string, string> _contents = new(StringComparer.Ordinal);
    private readonly List<Range> _rowsOf = [];

    public string Format => format;
    public List<BillRow> Rows { get; } = [];
    public List<string> Files { get; } = [];
    public LandlordId Landlord { get; private set; }
    public Instant Now { get; private set; }

    public void Read(Stream stream, CollectorContext context)
    {
        (Landlord, Now) = (context.Landlord, context.Now);
        var (before, bad) = (Rows.Count, _unreadable.Count);
        var reads = format == FocusRows.Format
            ? FocusRows.Read(stream, context)
                .Select(read => (Row: read.Row is { } row ? BillRow.Of(row) : null, read.Misfit))
            : RatedLines.Read(stream, context)
                .Select(read => (Row: read.Line is { } line ? BillRow.Of(line) : null, read.Misfit));
        foreach (var (row, misfit) in reads)
        {
            if (row is not null)
            {
                Rows.Add(row);
            }
            else if (misfit is not null)
            {
                _unreadable.Add(misfit);
            }
        }

        var content = Record.Hash(string.Join('\n', Rows.Skip(before).Select(row => row.Content)));
        if (Rows.Count > before && !_contents.TryAdd(content, context.File))
        {
            throw new RefusedException(new("bill/file-twice",
                $"It holds the same rows as '{_contents[content]}', so its money would count twice. Name it once.",
                context.File));
        }

        _rowsOf.Add(before..Rows.Count);
        Files.Add(Path.GetFileName(context.File));
        var count = Rows.Count - before + _unreadable.Count - bad;
        if (rules.Rows.TryGetValue(Files[^1], out var expected) && expected != count)
        {
            throw new RefusedException(new("bill/part-cut", string.Create(CultureInfo.InvariantCulture,
                $"It has {count} rows, its manifest says {expected}. Copy it again; nothing of the bill is taken " +
                $"before."), context.File));
        }
    }

    /// <summary>What is billed by whom to whom for when, with the rows of it; times written in two ways are one bill.
    /// </summary>
    public IReadOnlyList<(BillIssue Issue, IReadOnlyList<BillRow> Rows)> Issues()
    {
        var issues = new List<(BillIssue Issue, List<BillRow> Rows)>();
        foreach (var same in Rows.GroupBy(row => row.Issue))
        {
            var known = issues.Find(one => one.Issue.IsLike(same.Key)).Rows;
            if (known is null)
            {
                issues.Add((same.Key, known = []));
            }

            known.AddRange(same);
        }

        return issues.ConvertAll(one => (one.Issue, (IReadOnlyList<BillRow>)one.Rows));
    }

    /// <summary>The rows as they are compared: of another cloud's bill their order says nothing.</summary>
    public IReadOnlyList<string> Contents(IEnumerable<BillRow> rows) => format == FocusRows.Format
        ? [.. rows.Select(row => row.Content).Order(StringComparer.Ordinal)]
        : [.. rows.Select(row => row.Content)];

    /// <summary>Two files that share most of their money are a file and itself, perhaps sorted, cut or issued again.
    /// </summary>
    public void RefuseRepeated()
    {
        var first = new Dictionary<string, int>(StringComparer.Ordinal); // Of each row the file that has it first.
        var money = new decimal[Files.Count];
        for (var file = 0; file < Files.Count; file++)
        {
            var shared = new decimal[Files.Count];
            foreach (var row in CollectionsMarshal.AsSpan(Rows)[_rowsOf[file]])
            {
                money[file] += decimal.Abs(row.Cost);
                if (first.TryGetValue(row.Content, out var other) && other != file)
                {
                    shared[other] += decimal.Abs(row.Cost);
                }
                else
                {
                    first[row.Content] = file;
                }
            }

            for (var other = 0; other < file; other++)
            {
                if (shared[other] > 0 && shared[other] * 2 > decimal.Min(money[other], money[file]))
                {
                    throw new RefusedException(new("bill/file-twice",
                        $"It shares rows with '{Files[other]}' that come to {Text.Of(shared[other])}, so that money " +
                        "would count twice. Name only one of them.", Files[file]));
                }
            }
        }
    }

    /// <exception cref="RefusedException">It was taken before, and what stands replaced it.</exception>
    public async Task RefuseReplaced(
        NpgsqlConnection connection, BillIssue issue, object[] keyAndHash, CancellationToken ct)
    {
        const string Sql = """
            select taken_at
            from metering.bill
            where landlord = $1 and format = $2 and issuer = $3 and account = $4 and from_at = $5 and to_at = $6
              and sha256 = $7
            order by number desc
            limit 1
            """;
        if (rules.AcceptsLess)
        {
            return;
        }

        await using var command = connection.Statement(Sql, keyAndHash);
        if (await command.ExecuteScalarAsync(ct) is Instant taken)
        {
            throw new RefusedException(new("bill/replaced-before",
                $"The {issue} was taken as it is here on {Text.Of(taken)}, and was issued " +
                "again since. Nothing was taken. If this is what holds after all, repeat with --accept-less.",
                string.Join(", ", Files)));
        }
    }

    public void RefuseUnreadable()
    {
        if (_unreadable.Count > 0)
        {
            throw new RefusedException(new("bill/unreadable-row", string.Create(CultureInfo.InvariantCulture,
                $"{_unreadable.Count} of {_unreadable.Count + Rows.Count} rows cannot be read: " +
                $"{string.Join(' ', _unreadable.Take(Shown).Select(one => one.Why))} A bill is taken whole or " +
                $"not at all, and nothing of it was. Have it issued again, or correct the rows."),
                string.Join(", ", Files)));
        }
    }

    /// <exception cref="RefusedException">The difference is one that somebody has to see first.</exception>
    public void Compare(IReadOnlyList<BillRow> before, IReadOnlyList<BillRow> after, string[] files)
    {
        var difference = BillDifference.Between(before, after);
        if (rules.AsksForParts && files.Length > 0 && !files.Intersect(Files, StringComparer.Ordinal).Any())
        {
            throw new RefusedException(new("bill/part-or-again",
                $"{difference.Description} " +
                $"It was taken from {string.Join(", ", files)}. If these are parts of one " +
                "bill, let 'together:' of the collector, or a manifest, say which files belong together; if " +
                "each is the whole bill again, write 'reissues: true'.", string.Join(", ", Files)));
        }

        if (difference.IsLess && !rules.AcceptsLess)
        {
            throw new RefusedException(new("bill/less",
                $"{difference.Description} " +
                "Nothing was taken. If it is a part of the bill, take all its files in one " +
                "call; if it replaces what stands, repeat with --accept-less.", string.Join(", ", Files)));
        }
    }
}
