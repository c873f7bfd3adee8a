using System.Collections.Immutable;
using Exchange.Facts;
using Exchange.Journal;

namespace Exchange.Rating;

/// <summary>
/// An organisation that PIs work for, known by the domains of their e-mail addresses. Stored as it is here.
/// </summary>
/// <param name="PartnerSince">The first month in which it was a partner of the data centre; null for none.</param>
/// <param name="InNercTotal">Whether its lines are part of NERC's total invoice.</param>
/// <param name="CoursesNonbillable">Whether its courses use the clouds for free.</param>
public sealed record Institution(
    string Name, IReadOnlyList<string> Domains, BillingMonth? PartnerSince, bool InNercTotal, bool CoursesNonbillable)
{
    /// <summary>What was published of institutions, as versions in the journal.</summary>
    public static readonly FactKind<Institution> Facts = new("institution", one => one.Name, Decides);

    /// <summary>The first month of which it takes upon itself what its PIs owe; null where they pay.</summary>
    public BillingMonth? InvoicedSince { get; init; }

    /// <summary>The address that its invoices are mailed to; null where they are not.</summary>
    public string? BillingEmail { get; init; }

    public bool IsPartner(BillingMonth month) => PartnerSince is { } since && since <= month;

    private static IEnumerable<(string What, string Says)> Decides(Institution one, BillingMonth month) =>
    [
        ("domains", string.Join(", ", one.Domains.Order(StringComparer.Ordinal))),
        ("partner", one.IsPartner(month) ? "yes" : "no"),
        ("invoiced for its PIs", one.InvoicedSince <= month ? "yes" : "no"),
        ("courses", one.CoursesNonbillable ? "not billed" : "billed"),
        ("in NERC's total", one.InNercTotal ? "yes" : "no"),
    ];
}

/// <summary>
/// All institutions: who a PI works for, by e-mail domain. Its own answers are those of the last word; what held in a
/// month is asked by <see cref="At"/>.
/// </summary>
public sealed class Institutions
{
    private readonly Dictionary<string, Institution> _byDomain;
    private readonly Dictionary<string, Institution> _byName;

    /// <summary>The lists of other times, by the first month of each; empty where one list holds always.</summary>
    private readonly ImmutableArray<(BillingMonth From, Institutions List)> _times;

    private Institutions(
        IReadOnlyList<Institution> all, ImmutableArray<(BillingMonth From, Institutions List)>? times = null)
    {
        All = all;
        _times = times ?? [];
        _byName = all.ToDictionary(one => one.Name, StringComparer.Ordinal);
        _byDomain = all.SelectMany(one => one.Domains.Select(domain => (domain, one)))
            .ToDictionary(pair => pair.domain, pair => pair.one, StringComparer.Ordinal);
    }

    /// <summary>No institution is known.</summary>
    public static Institutions None { get; } = new([]);

    public IReadOnlyList<Institution> All { get; }

    /// <exception cref="RefusedException">A key is unknown or missing, or a name or domain is there twice.</exception>
    public static Institutions Parse(string yaml, string file)
    {
        var root = YamlMap.Read(yaml, file);
        var maps = root.Maps("institutions");
        root.NoOthers();
        HashSet<string> seen = new(StringComparer.Ordinal);
        return new([.. maps.Select(map => One(map, seen))]);
    }

    /// <summary>What was published of institutions.</summary>
    /// <exception cref="RefusedException">Two institutions share a domain in some month.</exception>
    public static Institutions Of(DatedFacts facts)
    {
        var all = facts.Of(Institution.Facts);
        var starts = all.Values.SelectMany(one => one.Spans.Select(span => span.From)).Distinct().Order().ToList();
        ImmutableArray<(BillingMonth From, Institutions List)> times =
        [
            .. starts.Select(from => (from, new Institutions(Checked(
                [.. all.Values.Select(one => one.At(from)).OfType<Institution>()], from)))),
        ];
        return times switch
        {
            [] => None,
            [var (_, list)] => list,
            [.., var (_, last)] => new(last.All, times),
        };
    }

    /// <summary>The part of an address's domain by which an institution is known at any time; null for none.</summary>
    public string? DomainOf(string address)
    {
        for (var domain = address[(address.LastIndexOf('@') + 1)..]; ;
            domain = domain[(domain.IndexOf('.', StringComparison.Ordinal) + 1)..])
        {
            if (_times.Select(time => time.List).Append(this).Any(list => list._byDomain.ContainsKey(domain)))
            {
                return domain;
            }

            if (!domain.Contains('.', StringComparison.Ordinal))
            {
                return null;
            }
        }
    }

    /// <summary>The list that holds in a month.</summary>
    public Institutions At(BillingMonth month)
    {
        for (var i = _times.Length - 1; i >= 0; i--)
        {
            if (_times[i].From <= month)
            {
                return _times[i].List;
            }
        }

        return _times.IsEmpty ? this : None;
    }

    public Institution? Named(string? name) => name is null ? null : _byName.GetValueOrDefault(name);

    /// <summary>
    /// The institution of an e-mail address: its whole domain first, then without its leading labels, one at a time.
    /// Domains here are lower case; an address written otherwise is only found when the caller lowers it.
    /// </summary>
    public Institution? OfAddress(string address)
    {
        var said = ErasedToken.WithDomain(address);
        var domain = said[(said.LastIndexOf('@') + 1)..];
        while (true)
        {
            if (_byDomain.TryGetValue(domain, out var found))
            {
                return found;
            }

            var dot = domain.IndexOf('.', StringComparison.Ordinal);
            if (dot < 0)
            {
                return null;
            }

            domain = domain[(dot + 1)..];
        }
    }

    private static List<Institution> Checked(List<Institution> all, BillingMonth from)
    {
        var twice = all.SelectMany(one => one.Domains.Select(domain => (domain, one.Name)))
            .GroupBy(pair => pair.domain, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1);
        return twice is null ? all : throw new RefusedException(new(
            "institutions/twice",
            $"From {from} on '{twice.Key}' would be a domain of " +
            $"{string.Join(" and of ", twice.Select(one => one.Name))}. Keep one of them."));
    }

    private static Institution One(YamlMap map, HashSet<string> seen)
    {
        var one = new Institution(
            map.Required("name"), map.Words("domains"), map.Month("partner_since"),
            map.Flag("in_nerc_total") ?? false, map.Flag("courses_nonbillable") ?? false)
        {
            InvoicedSince = map.Month("invoiced_since"),
            BillingEmail = map.Address("billing_email"),
        };
        map.NoOthers();
        if (one.Domains.Count == 0)
        {
            throw map.Bad("domains", "at least one domain");
        }

        // Names and domains never look alike, so one set finds a second use of either.
        foreach (var word in one.Domains.Prepend(one.Name))
        {
            if (!seen.Add(word))
            {
                throw new RefusedException(new(
                    "institutions/twice", $"'{word}' stands there twice. Keep one of them.", map.Where));
            }
        }

        return Array.Find([.. one.Domains], domain => !IsDomain(domain)) is { } wrong
            ? throw new RefusedException(new(
                "institutions/bad-domain",
                $"'{wrong}' is not a domain. Write it in lower case, like 'bu.edu'.", map.Where))
            : one;
    }

    private static bool IsDomain(string text) =>
        text.Split('.') is { Length: > 1 } labels && labels.All(label => label.Length > 0) &&
        text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '-');
}
