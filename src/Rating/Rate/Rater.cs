using Exchange.Metering;

namespace Exchange.Rating;

/// <summary>
/// Turns usage into charges: a pure function fed one segment or count at a time. Segments of one resource come
/// together and in the order of time; nothing else about the order matters. Memory grows with projects and SKUs only.
/// </summary>
public sealed partial class Rater
{
    private static readonly ChargeOrder ChargeOrder = new();

    private readonly RateRequest _request;
    private readonly PriceLookup _books;
    private readonly Lines _lines;
    private readonly CompositeUsage _behind;
    private readonly UnpricedUsage _unpriced = new();
    private readonly Contributions? _told;
    private readonly Action<Contribution>? _explain;
    private readonly ResourceUse _use = new();
    private LeaseTrees _leases = new();
    private readonly AgreedPrices _agreed;
    private readonly Period _period;
    private readonly long _start;
    private readonly long _end;
    private readonly bool _isShared;
    private readonly bool _isTiered; // What landlords buy is priced for all of their customers together.
    private ResourceId? _resource;
    private ClusterPrices? _prices;

    /// <param name="explain">Told of each contribution to a charge.</param>
    public Rater(PriceBooks books, RateRequest request, Action<Contribution>? explain = null)
    {
        (_request, _period, _books) = (request, request.Period, new(books, request));
        (_start, _end) = (_period.Start.ToUnixTimeTicks(), _period.End.ToUnixTimeTicks());
        _agreed = new(books, request);
        _lines = new(
            request, new(books, request), (landlord, cluster) => _books.Of(landlord, cluster).Outages);
        _behind = new(books, _period, keepsCounts: explain is not null);
        _explain = explain;
        _told = explain is null ? null : new(request, explain);
        _isTiered = _books.Sells(Wholesale.IsTiered) ||
            books.Locked(_period).Any(sheet => sheet.Skus.Any(Wholesale.IsTiered));
        _isShared = _isTiered || _books.Sells(sku => sku.Scope != Scope.Project || LeaseTrees.IsFor(sku)) ||
            _behind.IsAsked(request.Landlord);
    }

    /// <summary>
    /// The usage that it must be told: more than is asked for where others' usage decides the tier of a project,
    /// where others sublet to it, or where other landlords are behind a service.
    /// </summary>
    public UsageQuery Needs => _isShared
        ? new(_period, _behind.IsAsked(_request.Landlord) ? null : _request.Landlord)
        : new(_period, _request.Landlord, _request.Cluster, _request.Project);

    public void Add(in Segment segment)
    {
        if (IsOutside(segment.Resource, segment.Project))
        {
            return;
        }

        if (LeaseTrees.IsLease(segment) && _request.Policies != Policies.NercCompatible)
        {
            _leases.Add(segment); // Who sold each second of a node is known once all its leases are.
            return;
        }

        Add(segment, lessor: null, lease: null);
    }

    private void Add(in Segment segment, ProjectId? lessor, Lease? lease)
    {
        if (!ReferenceEquals(segment.Resource, _resource) && segment.Resource != _resource)
        {
            _use.Settle();
            if (_resource?.Landlord != segment.Resource.Landlord || _resource.Cluster != segment.Resource.Cluster)
            {
                _prices = _books.Of(segment.Resource.Landlord, segment.Resource.Cluster);
            }

            _resource = segment.Resource;
        }

        var from = long.Max(segment.Period.Start.ToUnixTimeTicks(), _start);
        var to = segment.Period.End >= _period.End ? _end : segment.Period.End.ToUnixTimeTicks();
        if (lessor is null && lease is null && _agreed.Of(segment.Resource, segment.Project) is { } spans)
        {
            foreach (var span in spans)
            {
                var (start, end) = (long.Max(from, span.Start), long.Min(to, span.End));
                if (start < end && span.Of(segment.Resource.Kind, segment.Shape) is var (id, priced))
                {
                    AtList(segment, null, null, from, start);
                    AsAgreed(segment, id, priced, start, end);
                    from = end;
                }
            }
        }

        AtList(segment, lessor, lease, from, to);
    }

    private void AtList(in Segment segment, ProjectId? lessor, Lease? lease, long from, long to)
    {
        foreach (var era in _prices!.Eras)
        {
            var (start, end) = (long.Max(from, era.Start), long.Min(to, era.End));
            if (start < end)
            {
                Add(segment, (lessor, lease), era, start, end);
            }
        }
    }

    /// <summary>By agreed prices; on scales that others share it counts as it would without them.</summary>
    private void AsAgreed(in Segment segment, string agreement, Priced priced, long from, long to)
    {
        var (resource, project) = (segment.Resource, segment.Project);
        if (priced.Policies!.Bills(segment))
        {
            Use(segment, _lines.Agreed(
                priced.Sheet!, priced.Policies, priced.Sku!, resource, project, agreement), priced, from, to);
        }

        foreach (var era in _prices!.Eras)
        {
            var (start, end) = (long.Max(from, era.Start), long.Min(to, era.End));
            if (start < end && era.Of(resource.Kind, segment.Shape) is { Sku: { } sku } listed &&
                sku.Scope != Scope.Project && listed.Policies!.Bills(segment))
            {
                Use(segment, _lines.Agreed(
                    listed.Sheet!, listed.Policies, sku, resource, project, null), listed, start, end);
            }
        }
    }

    /// <summary>Rounds every line once. Nothing can be added after this.</summary>
    public Rated Finish()
    {
        var agreed = AgreedLeases();
        foreach (var (segment, lessor) in _leases.Sold())
        {
            Add(segment, lessor, agreed.GetValueOrDefault(segment.Resource));
        }

        foreach (var (twice, ticks) in _leases.SoldTwice(_period))
        {
            _unpriced.Time(twice, "leased-twice", ticks);
        }

        _use.Settle();
        _lines.AddBound(_books.Books, IsOutside);
        _told?.Splits(_lines.All(), _behind);
        return new(
            Priced(_lines.All()),
            [.. _unpriced.All().Where(u => IsAsked(u.Landlord, u.Cluster, u.Project))]);
    }

    private void Add(
        in Segment segment, (ProjectId? Lessor, Lease? Lease) of, PricePeriod era, long start, long end)
    {
        var priced = era.Of(segment.Resource.Kind, segment.Shape);
        if (priced.Sku is not { } sku)
        {
            var isFree = segment.State == ResourceState.Deleted ||
                (priced.Policies is { } rules ? !rules.Bills(segment) : segment.State != ResourceState.Running &&
                    priced.Missing is null);
            if (priced.Missing is { } missing && !isFree)
            {
                _unpriced.Time(segment, missing, end - start);
            }

            return;
        }

        if (!priced.Policies!.Bills(segment))
        {
            return;
        }

        if (of.Lease is { } lease)
        {
            UseLeased(segment, of.Lessor, lease, priced, start, end);
            return;
        }

        var line = of.Lessor is { } by
            ? _lines.Sublet(priced.Sheet!, priced.Policies, sku, segment.Resource.Cluster, segment.Project, by)
            : _lines.In(
                priced.Lines ??= _lines.Of(priced.Sheet!, sku, segment.Resource.Cluster), priced.Sheet!,
                priced.Policies, sku, segment.Resource.Cluster, segment.Project);
        Use(segment, line, priced, start, end);
    }

    private void Use(in Segment segment, Line line, Priced priced, long start, long end)
    {
        if (priced.Sku!.Model is TimeOfDay times)
        {
            foreach (var (from, until, hours) in times.Split(start, end))
            {
                Use(line.Span(hours), priced, from, until, addsUp: false);
            }

            OwnershipPeriod.Use(line.Hands, priced, _prices!.Outages, start, end);
        }
        else
        {
            Use(line, priced, start, end, priced.AddsUp);
        }

        if (!line.IsForScaleOnly)
        {
            _told?.Time(segment, line, priced, _prices!.Outages, start, end);
        }
    }

    private void Use(Line line, Priced priced, long start, long end, bool addsUp)
    {
        line.Profile?.Add(start, end, priced.Parts);
        var microseconds = (end - start - _prices!.Outages.Within(start, end, priced.Policies!)) / 10;
        if (addsUp)
        {
            line.Sum += microseconds * priced.Parts;
        }
        else
        {
            _use.Add(line, priced.Parts, microseconds);
        }

        OwnershipPeriod.Use(line.Hands, priced, _prices.Outages, start, end);
    }

    private bool IsOutside(ResourceId resource, ProjectId project) => _isShared
        ? (_request.Landlord ?? resource.Landlord) != resource.Landlord
        : !IsAsked(resource.Landlord, resource.Cluster, project);

    private bool IsAsked(LandlordId landlord, ClusterId cluster, ProjectId project) =>
        (_request.Landlord ?? landlord) == landlord && (_request.Cluster ?? cluster) == cluster &&
        (_request.Project ?? project) == project;

    /// <summary>What some lines come to, in the order of all.</summary>
    private IReadOnlyList<Charge> Priced(IReadOnlyCollection<Line> lines) =>
    [
        .. ServiceCredits.With(
            new LineCharges(_behind, _books.Books, _request, _unpriced.Line).Of(lines), _books.Books, _request,
            _explain)
            .Where(c => IsAsked(c.Landlord, c.Cluster, c.Project)).Order(ChargeOrder),
    ];
}
