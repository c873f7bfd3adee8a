namespace Exchange.Nerc.Steps;

/// <summary>Step 3: who stands behind an alias.</summary>
internal sealed class People
{
    private readonly IReadOnlyList<(string Pi, HashSet<string> Aliases)> _renames;
    private readonly Dictionary<string, string> _spellings = new(StringComparer.OrdinalIgnoreCase);
    private readonly bool _anyCase;

    private People(NercSources sources, IReadOnlyList<NercLine> lines, Fix fixes)
    {
        _anyCase = fixes.HasFlag(Fix.OnePersonPerAddress);
        var compared = _anyCase ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;
        _renames = [.. sources.Aliases.Select(one => (one.Pi, one.Aliases.ToHashSet(compared)))];

        // The ledger's spelling first: its entry must be found again.
        foreach (var pi in sources.Ledger.Entries.Select(entry => entry.Pi)
            .Concat(sources.Aliases.Select(one => one.Pi)).Concat(lines.Select(line => line.Pi)))
        {
            if (pi is not null)
            {
                _spellings.TryAdd(pi, pi);
            }
        }
    }

    public static (People People, IReadOnlyList<NercLine> Lines) Apply(
        NercSources sources, IReadOnlyList<NercLine> lines, Fix fixes)
    {
        var people = new People(sources, lines, fixes);
        Dictionary<string, string> found = new(StringComparer.Ordinal);
        return (people, [.. lines.Select(line =>
        {
            if (line.Pi is null)
            {
                return line;
            }

            if (!found.TryGetValue(line.Pi, out var person))
            {
                found[line.Pi] = person = people.Behind(line.Pi);
            }

            return line with { Pi = person };
        })]);
    }

    /// <summary>Line by line of the alias file: who stands behind an alias may be an alias in a later line.</summary>
    public string Behind(string pi)
    {
        foreach (var (person, aliases) in _renames)
        {
            if (aliases.Contains(pi))
            {
                pi = person;
            }
        }

        return _anyCase ? _spellings.GetValueOrDefault(pi, pi) : pi;
    }
}
