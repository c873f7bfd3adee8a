namespace Exchange.Metering;

/// <summary>
/// All corrections, by what they correct: readings, or other corrections. What holds of a reading follows from their
/// set alone, so that it does not matter in which order they came.
/// </summary>
internal sealed class CorrectionTree(Fingerprint fingerprint)
{
    private readonly Dictionary<Fingerprint.Key, Node> _nodes = [];
    private readonly Dictionary<Fingerprint.Key, List<Node>> _of = [];
    private readonly HashSet<int> _sources = [];
    private ILookup<int, Node>? _saying;

    /// <summary>A correction, and where it stands.</summary>
    internal sealed record Node(Fingerprint.Key Key, Fingerprint.Key Target, long Block, Row Row);

    /// <summary>What holds of a reading: the correction that decides, and whose row says what is true; null for none.
    /// </summary>
    internal readonly record struct Effect(Node? By, Node? Says)
    {
        public bool IsRetracted => Says is { Row.Correction.Replaces: false };
    }

    public int Count => _nodes.Count;

    public Node Add(long block, in Row row)
    {
        var target = fingerprint.Of(row with { Id = RowId.Of(row.Correction!.Corrects) });
        var node = new Node(fingerprint.Of(row), target, block, row);
        if (_nodes.TryAdd(node.Key, node))
        {
            _saying = null;
            _sources.Add(row.Source);
            if (!_of.TryGetValue(target, out var those))
            {
                _of[target] = those = [];
            }

            those.Add(node);
        }

        return node;
    }

    /// <summary>Whether some reading of these sources may be corrected.</summary>
    public bool MayCorrect(IReadOnlySet<int> sources) => _sources.Overlaps(sources);

    /// <summary>Whether this row is a reading that some correction corrects, and the fingerprint of it.</summary>
    public bool Corrects(in Row row, out Fingerprint.Key key)
    {
        key = default;
        return row.Correction is null && _sources.Contains(row.Source) && _of.ContainsKey(key = fingerprint.Of(row));
    }

    public bool IsCorrection(Fingerprint.Key key) => _nodes.ContainsKey(key);

    /// <summary>
    /// The readings that corrections correct in the end; none where corrections only correct each other. Each is walked
    /// once, however long the chains are that lead to it.
    /// </summary>
    public HashSet<Fingerprint.Key> Roots(IEnumerable<Node> nodes)
    {
        var known = new Dictionary<Fingerprint.Key, Fingerprint.Key?>();
        var path = new List<Fingerprint.Key>();
        var roots = new HashSet<Fingerprint.Key>();
        foreach (var start in nodes)
        {
            path.Clear();
            Fingerprint.Key? root;
            for (var key = start.Key; !known.TryGetValue(key, out root); key = _nodes[key].Target)
            {
                if (!_nodes.ContainsKey(key))
                {
                    root = key;
                    break;
                }

                known[key] = null; // Whoever comes back here goes in a circle.
                path.Add(key);
            }

            path.ForEach(key => known[key] = root);
            if (root is { } reading)
            {
                roots.Add(reading);
            }
        }

        return roots;
    }

    /// <summary>
    /// The readings that corrections after a block correct in the end, and all times of which any correction of them
    /// speaks: what one of them said until then is said no longer.
    /// </summary>
    public (HashSet<Fingerprint.Key> Readings, List<(long From, long To)> Times) CorrectedSince(long block)
    {
        var roots = Roots(_nodes.Values.Where(node => node.Block > block));
        var times = new List<(long, long)>();
        var left = new Queue<Fingerprint.Key>(roots);
        while (left.TryDequeue(out var key))
        {
            foreach (var node in _of.GetValueOrDefault(key) ?? [])
            {
                left.Enqueue(node.Key);
                if (node.Row.Correction is { Replaces: true, KeepsTime: false })
                {
                    times.Add((node.Row.From, node.Row.Type == ReadingType.State ? long.MaxValue : node.Row.To));
                }
            }
        }

        return (roots, times);
    }

    /// <summary>The readings that some correction says to be of a resource.</summary>
    public HashSet<Fingerprint.Key> ThatSay(int resource) =>
        Roots((_saying ??= _nodes.Values.ToLookup(node => node.Row.Resource))[resource]);

    /// <summary>
    /// What holds of a reading: the latest correction of it that was not taken back itself, with what the corrections
    /// of that one make of it.
    /// </summary>
    public Effect Of(Fingerprint.Key reading)
    {
        var order = new List<Fingerprint.Key> { reading };
        for (var i = 0; i < order.Count; i++)
        {
            order.AddRange(_of.GetValueOrDefault(order[i])?.Select(node => node.Key) ?? []);
        }

        // From the leaves to the root: of each correction what it says now, or nothing where it was taken back.
        var says = new Dictionary<Fingerprint.Key, Node?>();
        for (var i = order.Count - 1; i > 0; i--)
        {
            var latest = Latest(order[i], says);
            says[order[i]] = latest is null ? _nodes[order[i]]
                : says[latest.Key]!.Row.Correction!.Replaces ? says[latest.Key]
                : null;
        }

        return Latest(reading, says) is { } by ? new(by, says[by.Key]) : default;
    }

    private Node? Latest(Fingerprint.Key of, Dictionary<Fingerprint.Key, Node?> says)
    {
        Node? latest = null;
        foreach (var node in _of.GetValueOrDefault(of) ?? [])
        {
            latest = says[node.Key] is not null && (latest is null || IsLater(node, latest)) ? node : latest;
        }

        return latest;
    }

    private static bool IsLater(Node node, Node than)
    {
        var order = node.Row.Correction!.At.CompareTo(than.Row.Correction!.At);
        return order != 0 ? order > 0 : string.CompareOrdinal(node.Row.Id.ToString(), than.Row.Id.ToString()) > 0;
    }

    /// <summary>A reading as an effect leaves it; null where it is taken back.</summary>
    public static FoldRow? Apply(in Effect effect, in Row reading)
    {
        if (effect.Says is not { } node)
        {
            return FoldRow.Of(reading);
        }

        if (effect.IsRetracted)
        {
            return null;
        }

        var row = FoldRow.Of(node.Row);
        row = row.Resource == 0 ? row with { Resource = reading.Resource } : row;
        return node.Row.Correction!.KeepsTime
            ? row with { From = reading.From, To = reading.From + row.To - row.From }
            : row;
    }
}
