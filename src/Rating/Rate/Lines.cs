namespace Exchange.Rating;

/// <summary>The charges in the making: one for each sheet, SKU, cluster and project.</summary>
internal sealed class Lines(
    RateRequest request, StandingPrices standing, Func<LandlordId, ClusterId, Outages> outagesOf)
{
    private readonly Dictionary<(string Sheet, SkuId Sku, ClusterId Cluster), Dictionary<ProjectId, Line>> _lines = [];

    private readonly Dictionary<(string Sheet, SkuId, ClusterId, ProjectId, ProjectId Lessor), Line> _sublet = [];

    private readonly Dictionary<(string Sheet, SkuId, ClusterId, ProjectId, string? Agreement), Line> _agreed = [];

    private readonly Dictionary<(string Sheet, SkuId, ClusterId, ProjectId, ProjectId? Lessor, string Lease), Line>
        _leased = [];

    public IReadOnlyCollection<Line> All() =>
        [.. _lines.Values.SelectMany(of => of.Values), .. _sublet.Values, .. _agreed.Values, .. _leased.Values];

    public Line Of(SheetInForce sheet, Policies policies, Sku sku, ClusterId cluster, ProjectId project) =>
        In(Of(sheet, sku, cluster), sheet, policies, sku, cluster, project);

    /// <summary>Those of all projects: whoever prices many segments of one SKU keeps them at hand.</summary>
    public Dictionary<ProjectId, Line> Of(SheetInForce sheet, Sku sku, ClusterId cluster)
    {
        var key = (sheet.Published.Id, sku.Id, cluster);
        if (!_lines.TryGetValue(key, out var lines))
        {
            _lines[key] = lines = [];
        }

        return lines;
    }

    /// <summary>Begins anew; whoever keeps lines of a SKU at hand may go on with them.</summary>
    public void Clear()
    {
        foreach (var lines in _lines.Values)
        {
            lines.Clear();
        }

        _sublet.Clear();
        _agreed.Clear();
        _leased.Clear();
    }

    /// <summary>Forgets lines that nothing is left of.</summary>
    public void Remove(IEnumerable<Line> gone)
    {
        foreach (var line in gone)
        {
            if (line.Agreement is not null || line.IsForScaleOnly)
            {
                _agreed.Remove((
                    line.Sheet.Published.Id, line.Sku.Id, line.Cluster, line.Project, line.Agreement));
            }
            else
            {
                Of(line.Sheet, line.Sku, line.Cluster).Remove(line.Project);
            }
        }
    }

    public Line In(
        Dictionary<ProjectId, Line> lines, SheetInForce sheet, Policies policies, Sku sku, ClusterId cluster,
        ProjectId project)
    {
        if (!lines.TryGetValue(project, out var line))
        {
            lines[project] = line = New(sheet, policies, sku, cluster, project, lessor: null);
        }

        return line;
    }

    /// <summary>What a project leases from another that leases it.</summary>
    public Line Sublet(
        SheetInForce sheet, Policies policies, Sku sku, ClusterId cluster, ProjectId project, ProjectId lessor)
    {
        var key = (sheet.Published.Id, sku.Id, cluster, project, lessor);
        if (!_sublet.TryGetValue(key, out var line))
        {
            _sublet[key] = line = New(sheet, policies, sku, cluster, project, lessor);
        }

        return line;
    }

    /// <summary>What a project uses at agreed prices.</summary>
    /// <param name="agreement">Null for the same usage where it only counts on a scale of others.</param>
    public Line Agreed(SheetInForce sheet, Policies policies, Sku sku, ResourceId resource, ProjectId project,
        string? agreement)
    {
        var key = (sheet.Published.Id, sku.Id, resource.Cluster, project, agreement);
        if (!_agreed.TryGetValue(key, out var line))
        {
            _agreed[key] = line = new(sheet, policies, resource.Cluster, project, sku,
                OwnershipPeriod.Of(
                    request.Period, sheet.Period, request.MovesOf?.Invoke(resource.Cluster, project) ?? []))
            {
                Agreement = agreement,
                IsForScaleOnly = agreement is null,
            };
        }

        return line;
    }

    /// <summary>What a project leases by an agreement, from the landlord or from whoever sublets it.</summary>
    public Line Leased(
        SheetInForce sheet, Policies policies, Sku sku, in Metering.Segment segment, ProjectId? lessor, string lease)
    {
        var (cluster, project) = (segment.Resource.Cluster, segment.Project);
        var key = (sheet.Published.Id, sku.Id, cluster, project, lessor, lease);
        if (!_leased.TryGetValue(key, out var line))
        {
            _leased[key] = line = new(sheet, policies, cluster, project, sku,
                OwnershipPeriod.Of(request.Period, sheet.Period, request.MovesOf?.Invoke(cluster, project) ?? []))
            {
                Agreement = lease,
                Lessor = lessor,
            };
        }

        return line;
    }

    /// <summary>Who promised to take something has a line, also in a month in which nothing was used.</summary>
    public void AddBound(PriceBooks books, Func<ResourceId, ProjectId, bool> isOutside)
    {
        var bound =
            from sheet in books.List()
            let part = sheet.Period.Clip(request.Period)
            where part is not null
            from sku in sheet.Sheet.Skus
            from promised in sku.Model.Bound
            where !isOutside(new(sheet.Sheet.Landlord, promised.Cluster, "", ""), promised.Project) &&
                request.Binds(promised.Cluster, promised.Project)
            select (Sheet: sheet with { Period = part.Value }, sku, promised.Cluster, promised.Project);
        foreach (var (sheet, sku, cluster, project) in bound)
        {
            Of(sheet, sheet.Sheet.PoliciesNamed(request.Policies), sku, cluster, project);
        }

        AddStanding(books, isOutside);
    }

    /// <summary>The same for what was agreed beside the sheets.</summary>
    private void AddStanding(PriceBooks books, Func<ResourceId, ProjectId, bool> isOutside)
    {
        var bound =
            from agreed in standing.All
            from sheet in books.Covering(agreed.Landlord, agreed.Cluster, request.Period)
            from sku in sheet.Sheet.Skus
            where sku.Id == agreed.Sku
            from part in agreed.Parts()
            where part.Period.Overlaps(sheet.Period) && request.Binds(agreed.Cluster, part.Project) &&
                !isOutside(new(agreed.Landlord, agreed.Cluster, "", ""), part.Project)
            select (sheet, sku, agreed.Cluster, part.Project);
        foreach (var (sheet, sku, cluster, project) in bound)
        {
            Of(sheet, sheet.Sheet.PoliciesNamed(request.Policies), sku, cluster, project);
        }
    }

    private Line New(
        SheetInForce sheet, Policies policies, Sku sku, ClusterId cluster, ProjectId project, ProjectId? lessor)
    {
        var sold = lessor is null ? standing.Of(sheet, sku, cluster, project) : sku;
        return new(sheet, policies, cluster, project, sold,
            OwnershipPeriod.Of(request.Period, sheet.Period, request.MovesOf?.Invoke(cluster, project) ?? []))
        {
            Lessor = lessor,
            Profile = lessor is null && sold.Model is Reservation model && model.For(cluster, project).Count > 0
                ? new(outagesOf(sheet.Sheet.Landlord, cluster), policies)
                : null,
        };
    }
}
