using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Exchange.Metering;

namespace Exchange.Rating;

/// <summary>
/// Which SKUs of a sheet some usage matches, looked up by its kind and by the word of its shape that most of them ask
/// for: a sheet of thousands is not read through for each shape.
/// </summary>
internal sealed class SkuIndex
{
    private static readonly ConditionalWeakTable<PriceSheet, SkuIndex> Known = [];

    private readonly ImmutableArray<Sku> _skus;
    private readonly Dictionary<string, Group> _kinds = new(StringComparer.OrdinalIgnoreCase);
    private readonly Group _anyKind = new();
    private readonly Dictionary<string, List<Candidate>> _meters = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>That of a sheet is the same as long as the sheet is.</summary>
    public static SkuIndex Of(PriceSheet sheet) => Known.GetValue(sheet, one => new(one.Skus));

    internal SkuIndex(ImmutableArray<Sku> skus)
    {
        _skus = skus;
        foreach (var one in skus.SelectMany((sku, place) => sku.Match.Select(match => new Candidate(place, match))))
        {
            foreach (var meter in one.Match.Meters.Distinct(StringComparer.OrdinalIgnoreCase))
            {
                In(_meters, meter).Add(one);
            }

            foreach (var kind in one.Match.Meters.IsEmpty
                ? one.Match.Kinds.Distinct(StringComparer.OrdinalIgnoreCase) : [])
            {
                In(_kinds, kind).Add(one);
            }

            if (one.Match.Meters.IsEmpty && one.Match.Kinds.IsEmpty)
            {
                _anyKind.Add(one);
            }
        }

        foreach (var group in _kinds.Values.Append(_anyKind))
        {
            group.Divide();
        }
    }

    /// <summary>The SKUs that time of such a shape matches, in the order of the sheet.</summary>
    public IReadOnlyList<Sku> Of(ClusterId cluster, string kind, Shape shape)
    {
        var found = new List<int>();
        foreach (var one in _kinds.TryGetValue(kind, out var group) ? group.For(shape) : [])
        {
            Add(one);
        }

        foreach (var one in _anyKind.For(shape))
        {
            Add(one);
        }

        return InOrder(found);

        void Add(Candidate one)
        {
            if (one.Match.HoldsFor(cluster, kind, shape))
            {
                found.Add(one.Place);
            }
        }
    }

    /// <summary>The SKUs that counts of a meter match, in the order of the sheet.</summary>
    public IReadOnlyList<Sku> Of(ClusterId cluster, string kind, string meter) => _meters.TryGetValue(meter, out var of)
        ? InOrder([.. of.Where(one => one.Match.HoldsFor(cluster, kind, meter)).Select(one => one.Place)])
        : [];

    private IReadOnlyList<Sku> InOrder(List<int> places) => places.Count switch
    {
        0 => [],
        1 => [_skus[places[0]]],
        _ => [.. places.Distinct().Order().Select(place => _skus[place])],
    };

    private static T In<T>(Dictionary<string, T> groups, string name)
        where T : new()
    {
        if (!groups.TryGetValue(name, out var group))
        {
            groups[name] = group = new();
        }

        return group;
    }

    /// <summary>What a SKU asks for, and where it stands in the sheet.</summary>
    private sealed record Candidate(int Place, Match Match);

    /// <summary>Those of one kind, divided by the word that stands under one key of a shape.</summary>
    private sealed class Group
    {
        private readonly List<Candidate> _all = [];
        private readonly Dictionary<string, List<Candidate>> _byWord = new(StringComparer.OrdinalIgnoreCase);
        private readonly List<Candidate> _others = [];
        private string? _key;

        public void Add(Candidate one) => _all.Add(one);

        /// <summary>By the key for a word of which most of them ask; the others are always looked at.</summary>
        public void Divide()
        {
            _key = _all.SelectMany(one => one.Match.Shape.Where(IsOfWords).Select(asked => asked.Key).Distinct())
                .GroupBy(key => key, StringComparer.Ordinal).MaxBy(of => of.Count())?.Key;
            foreach (var one in _all)
            {
                if (one.Match.Shape.FirstOrDefault(asked => asked.Key == _key && IsOfWords(asked)) is not { } asked)
                {
                    _others.Add(one);
                    continue;
                }

                foreach (var word in asked.Words.Distinct(StringComparer.OrdinalIgnoreCase))
                {
                    In(_byWord, word).Add(one);
                }
            }
        }

        public IEnumerable<Candidate> For(Shape shape) =>
            _key is not null && shape.Word(_key) is { } word && _byWord.TryGetValue(word, out var asked)
                ? asked.Concat(_others) : _others;

        private static bool IsOfWords(Condition asked) => !asked.None && !asked.Any && !asked.Words.IsEmpty;
    }
}
