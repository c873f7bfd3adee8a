using Exchange.Metering;
using Exchange.Metering.Collectors;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Invoicing.Kept;

/// <summary>
/// Holds what charges of a month rest on while it is rated, packed: a close of a million servers has millions of parts.
/// </summary>
public sealed class PartsOfMonth
{
    private const string Timed = ", for ";
    private readonly Dictionary<string, List<Packed>> _lines = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _words = new(StringComparer.Ordinal);

    private readonly record struct Packed(
        ResourceId Resource, long From, long To, ResourceState State, Shape Shape, long Outage, decimal Count,
        string Arithmetic, string? Step, FocusRow? Row);

    public void Add(Contribution part)
    {
        if (!_lines.TryGetValue(part.ChargeId, out var parts))
        {
            _lines[part.ChargeId] = parts = [];
        }

        var time = part.Row is null ? part.Arithmetic.LastIndexOf(Timed, StringComparison.Ordinal) : -1;
        parts.Add(new(
            part.Resource, part.Period.Start.ToUnixTimeTicks(), part.Period.End.ToUnixTimeTicks(),
            part.State, part.Shape, part.Outage.BclCompatibleTicks, part.Count,
            time < 0 ? part.Arithmetic : Word(part.Arithmetic[..(time + Timed.Length)]), part.Step, part.Row));
    }

    /// <summary>The parts of a line of charges, by resource and time: the same however the usage was read.</summary>
    public IEnumerable<KeptPart> Of(string line) => (_lines.GetValueOrDefault(line) ?? [])
        .OrderBy(part => part.Resource.ToString(), StringComparer.Ordinal).ThenBy(part => part.From)
        .ThenBy(part => part.To).ThenBy(part => part.Arithmetic, StringComparer.Ordinal)
        .Select(part => Unpack(line, part));

    private static KeptPart Unpack(string line, Packed part)
    {
        var isTimed = part.Row is null && part.Arithmetic.EndsWith(Timed, StringComparison.Ordinal);
        var ticks = part.To - part.From - part.Outage;
        return new(
            line, part.Resource,
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
