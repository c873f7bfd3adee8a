using Exchange.Metering;
using Exchange.Metering.Collectors;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Invoicing.Kept;

/// <summary>
/// What charges of a month rest on, gathered while it is rated, in whatever order that is, and told by line. A close of
/// a million servers has millions of parts: so many are held, packed, and the rest is in runs on disk.
/// </summary>
/// <param name="most">How many parts are held at most before they leave as a run.</param>
public sealed class PartsOfMonth(int most = PartsOfMonth.MaxHeld) : IDisposable
{
    /// <summary>Some three megabytes.</summary>
    public const int MaxHeld = 8_192;

    private const string Timed = ", for ";
    private readonly List<Packed> _held = [];
    private readonly Dictionary<string, string> _words = new(StringComparer.Ordinal);
    private readonly PartRuns _runs = new();
    private bool _isSorted = true;

    private readonly record struct Packed(
        string Line, ResourceId Resource, long From, long To, ResourceState State, Shape Shape, long Outage,
        decimal Count, string Arithmetic, string? Step, FocusRow? Row);

    /// <summary>How many parts are in memory now, those of runs that are being read among them.</summary>
    public int InMemory => _held.Count + _runs.InMemory;

    public void Dispose() => _runs.Dispose();

    public void Add(Contribution part)
    {
        var time = part.Row is null ? part.Arithmetic.LastIndexOf(Timed, StringComparison.Ordinal) : -1;
        _held.Add(new(
            part.ChargeId, part.Resource, part.Period.Start.ToUnixTimeTicks(), part.Period.End.ToUnixTimeTicks(),
            part.State, part.Shape, part.Outage.BclCompatibleTicks, part.Count,
            time < 0 ? part.Arithmetic : Word(part.Arithmetic[..(time + Timed.Length)]), part.Step, part.Row));
        _isSorted = false;
        if (_held.Count >= most)
        {
            Leave();
        }
    }

    /// <summary>The parts of a line of charges, by resource and time: the same however the usage was read.</summary>
    public IEnumerable<KeptPart> Of(string line)
    {
        Sort();
        var held = new List<KeptPart>();
        for (var i = First(line); i < _held.Count && _held[i].Line == line; i++)
        {
            held.Add(Unpack(_held[i]));
        }

        return _runs.IsEmpty ? held : Sorted([.. _runs.Of(line), .. held]);
    }

    /// <summary>What of a part's arithmetic does not follow from its time.</summary>
    private static string Prefix(KeptPart part) => part.Hours is null
        ? part.Arithmetic
        : part.Arithmetic[..(part.Arithmetic.LastIndexOf(Timed, StringComparison.Ordinal) + Timed.Length)];

    /// <summary>Equal ones stay in the order in which they came.</summary>
    private static IEnumerable<KeptPart> Sorted(IReadOnlyList<KeptPart> parts) => parts
        .OrderBy(part => part.Resource.ToString(), StringComparer.Ordinal)
        .ThenBy(part => part.Period.Start).ThenBy(part => part.Period.End)
        .ThenBy(Prefix, StringComparer.Ordinal);

    private void Leave()
    {
        Sort();
        _runs.Add(_held.Select(Unpack));
        _held.Clear();
    }

    private void Sort()
    {
        if (!_isSorted)
        {
            Packed[] sorted =
            [
                .. _held.OrderBy(part => part.Line, StringComparer.Ordinal)
                    .ThenBy(part => part.Resource.ToString(), StringComparer.Ordinal).ThenBy(part => part.From)
                    .ThenBy(part => part.To).ThenBy(part => part.Arithmetic, StringComparer.Ordinal),
            ];
            _held.Clear();
            _held.AddRange(sorted);
            _isSorted = true;
        }
    }

    private int First(string line)
    {
        var (low, high) = (0, _held.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = string.CompareOrdinal(_held[middle].Line, line) < 0 ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private static KeptPart Unpack(Packed part)
    {
        var isTimed = part.Row is null && part.Arithmetic.EndsWith(Timed, StringComparison.Ordinal);
        var ticks = part.To - part.From - part.Outage;
        return new(
            part.Line, part.Resource,
            new(Instant.FromUnixTimeTicks(part.From), Instant.FromUnixTimeTicks(part.To)),
            part.State.ToString().ToLowerInvariant(), part.Shape.ToString(),
            part.Outage == 0 ? null : Duration.FromTicks(part.Outage).ToString(), part.Count,
            isTimed ? (decimal)ticks / NodaConstants.TicksPerHour : null,
            isTimed ? $"{part.Arithmetic}{Text.Of(ticks / 10 / 1_000_000m)} s" : part.Arithmetic, part.Step, part.Row);
    }

    private string Word(string word)
    {
        if (!_words.TryGetValue(word, out var known))
        {
            _words[word] = known = word;
        }

        return known;
    }
}
