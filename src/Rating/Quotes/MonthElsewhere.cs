using System.Text.Json.Serialization;
using Exchange.Metering;

namespace Exchange.Rating;

/// <summary>What the usage of a month came to, and what the same usage would have cost at other places.</summary>
/// <param name="Here">As it was used, before funds; bills of other clouds are not in it.</param>
/// <param name="There">At the prices of that month, whole offers first, then the cheaper.</param>
public sealed record PricedElsewhere(BillingMonth Month, Money Here, IReadOnlyList<Offer> There)
{
    /// <summary>The charges that it came to as it was used.</summary>
    [JsonIgnore]
    public IReadOnlyList<Charge> Used { get; init; } = [];

    /// <summary>The projects, and parts of projects, that were asked about and used something.</summary>
    [JsonIgnore]
    public IReadOnlySet<ProjectId> Asked { get; init; } = new HashSet<ProjectId>();
}

/// <summary>
/// 'exchange quotes elsewhere' — what would this month have cost elsewhere: exactly what was used, second by second,
/// priced by other landlords' sheets of the month. The usage is told once, whatever the number of places.
/// </summary>
public sealed class MonthElsewhere
{
    /// <summary>What does as well where the kind itself is not sold.</summary>
    private static readonly Dictionary<string, string> Instead = new(StringComparer.OrdinalIgnoreCase)
    {
        ["vm"] = "pod",
        ["pod"] = "vm",
        ["volume"] = "quota",
        ["quota"] = "volume",
    };

    private readonly RateRequest _request;
    private readonly Func<ClusterId, ProjectId, bool>? _only;
    private readonly Rater _here;
    private readonly Place[] _there;
    private readonly HashSet<ProjectId> _asked = [];
    private ProjectId _lastAsked;

    /// <param name="request">Whose usage: a landlord's, a cluster's, a project's, or all.</param>
    /// <param name="places">Where it would have been used.</param>
    /// <param name="only">Of that only some projects; null for all.</param>
    public MonthElsewhere(
        PriceBooks books, RateRequest request, IEnumerable<(LandlordId Landlord, ClusterId Cluster)> places,
        Func<ClusterId, ProjectId, bool>? only = null)
    {
        (_request, _only, _here) = (request, only, new(books, request));
        var own = LandlordBooks.Of(books);
        _there = [.. places.Select(of => new Place(own.Of(of.Landlord), request, of.Landlord, of.Cluster))];
    }

    /// <summary>The usage that it must be told: all of it, where prices depend on what others use.</summary>
    public UsageQuery Needs => _there.Any(place => place.IsShared) ? new(_request.Period) : _here.Needs;

    /// <summary>Reads what the meter has of a month.</summary>
    public static async Task<PricedElsewhere> Run(
        Meter meter, PriceBooks books, Attribution owners, RateRequest request,
        IEnumerable<(LandlordId Landlord, ClusterId Cluster)> places, CancellationToken ct,
        Func<ClusterId, ProjectId, bool>? only = null)
    {
        var asked = new MonthElsewhere(books, request.OwnedBy(owners), places, only);
        await meter.Read(
            asked.Needs, byName: false, used => asked.Add(used with { Project = owners.UserOf(used) }), asked.Add, ct);
        return asked.Finish();
    }

    /// <summary>Every cluster that is priced at some time of a month.</summary>
    public static IReadOnlyList<(LandlordId Landlord, ClusterId Cluster)> Places(
        PriceBooks books, BillingMonth month) =>
    [
        .. books.List().Where(sheet => sheet.Period.Overlaps(month.Period))
            .SelectMany(sheet => sheet.Sheet.Clusters.Select(cluster => (sheet.Sheet.Landlord, cluster))).Distinct(),
    ];

    public void Add(Segment used)
    {
        _here.Add(used);
        var isAsked = IsAsked(used.Resource.Landlord, used.Resource.Cluster, used.Project);
        Note(used.Project, isAsked);
        foreach (var place in _there)
        {
            place.Add(used, isAsked);
        }
    }

    public void Add(DailyTotal total)
    {
        _here.Add(total);
        var isAsked = IsAsked(total.Resource.Landlord, total.Resource.Cluster, total.Project);
        Note(total.Project, isAsked);
        foreach (var place in _there)
        {
            place.Add(total, isAsked);
        }
    }

    /// <summary>Nothing can be added after this.</summary>
    public PricedElsewhere Finish()
    {
        var used = _here.Finish().Charges.Where(
            charge => IsAsked(charge.Landlord, charge.Cluster, charge.Project)).ToList();
        return new(
            _request.Month, Money.Sum(used.Select(charge => charge.Amount)),
            [
                .. _there.Select(place => place.Finish()).OfType<Offer>().OrderBy(offer => offer.Missing.Count)
                    .ThenBy(offer => offer.Total.Cents).ThenBy(offer => offer.Landlord.Value, StringComparer.Ordinal)
                    .ThenBy(offer => offer.Cluster.Value, StringComparer.Ordinal),
            ])
        {
            Used = used,
            Asked = _asked,
        };
    }

    /// <summary>Segments of a project come together, so the last is not looked for again.</summary>
    private void Note(ProjectId project, bool isAsked)
    {
        if (isAsked && project != _lastAsked)
        {
            _asked.Add(_lastAsked = project);
        }
    }

    /// <summary>Of a project that a label divides every part is asked for.</summary>
    private bool IsAsked(LandlordId landlord, ClusterId cluster, ProjectId project)
    {
        var whole = project.Value.IndexOf(':', StringComparison.Ordinal) is > 0 and var at
            ? new ProjectId(project.Value[..at])
            : project;
        return (_request.Landlord ?? landlord) == landlord && (_request.Cluster ?? cluster) == cluster &&
            (_request.Project ?? whole) == whole && (_only is null || _only(cluster, whole));
    }

    /// <summary>
    /// A place with the usage as if it had been there. Where its prices depend on what others use, that counts too, and
    /// what the usage adds to it is what it costs.
    /// </summary>
    private sealed class Place
    {
        private readonly (LandlordId Landlord, ClusterId Cluster) _where;
        private readonly Rater _after;
        private readonly Rater? _before;

        /// <summary>The kinds that are sold there; null where some price asks for none.</summary>
        private readonly HashSet<string>? _kinds;
        private (ResourceId? There, ResourceId? Here) _last;

        public Place(PriceBooks books, RateRequest request, LandlordId landlord, ClusterId cluster)
        {
            _where = (landlord, cluster);
            var alone = request with
            {
                Landlord = null,
                Cluster = null,
                Project = null,
                Binds = (_, _) => false,
            };
            var skus = books.Covering(landlord, cluster, request.Period).SelectMany(sheet => sheet.Sheet.Skus).ToList();
            var matches = skus.SelectMany(sku => sku.Match).ToList();
            _kinds = matches.Exists(match => match.Kinds.IsEmpty)
                ? null
                : matches.SelectMany(match => match.Kinds).ToHashSet(StringComparer.OrdinalIgnoreCase);
            _after = new(books, alone);
            _before = skus.Exists(sku => sku.Scope != Scope.Project) ? new(books, alone) : null;
        }

        public bool IsShared => _before is not null;

        public void Add(in Segment used, bool isAsked)
        {
            if (isAsked)
            {
                _after.Add(used with { Resource = Moved(used.Resource) });
            }
            else if (IsShared && used.Resource.Landlord == _where.Landlord)
            {
                _before!.Add(used);
                _after.Add(used);
            }
        }

        public void Add(DailyTotal total, bool isAsked)
        {
            if (isAsked)
            {
                _after.Add(total with { Resource = Moved(total.Resource) });
            }
            else if (IsShared && total.Resource.Landlord == _where.Landlord)
            {
                _before!.Add(total);
                _after.Add(total);
            }
        }

        /// <summary>Null where nothing of it is sold.</summary>
        public Offer? Finish()
        {
            var (before, after) = (_before?.Finish() ?? new([], []), _after.Finish());
            var charges = Quote.Added(before.Charges, after.Charges).ToList();
            var avoided = charges.Select(charge => charge.Avoided).OfType<Money>().ToList();
            return charges.TrueForAll(charge => charge.Avoided is not null) ? null : new(
                _where.Landlord, _where.Cluster, Money.Sum(charges.Select(charge => charge.Amount)),
                avoided.Count == 0 ? null : Money.Sum(avoided), charges,
                [.. after.Unpriced.Select(one => one.Why).Except(before.Unpriced.Select(one => one.Why))]);
        }

        /// <summary>The same resource there; segments of one come together, so one is remembered.</summary>
        private ResourceId Moved(ResourceId here)
        {
            if (!ReferenceEquals(_last.Here, here) || _last.There is not { } there)
            {
                var kind = _kinds is not null && !_kinds.Contains(here.Kind) &&
                    Instead.TryGetValue(here.Kind, out var other) && _kinds.Contains(other) ? other : here.Kind;
                there = (here.Landlord, here.Cluster) == _where && kind == here.Kind
                    ? here
                    : new(_where.Landlord, _where.Cluster, kind, here.ToString());
                _last = (there, here);
            }

            return there;
        }
    }
}
