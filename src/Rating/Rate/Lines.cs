namespace Exchange.Rating;

/// <summary>The charges in the making: one for each sheet, SKU, cluster and project.</summary>
internal sealed class Lines(RateRequest request)
{
    private readonly Dictionary<(string Sheet, SkuId Sku, ClusterId Cluster), Dictionary<ProjectId, Line>> _lines = [];

    public IReadOnlyCollection<Line> All() => [.. _lines.Values.SelectMany(of => of.Values)];

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

    public Line In(
        Dictionary<ProjectId, Line> lines, SheetInForce sheet, Policies policies, Sku sku, ClusterId cluster,
        ProjectId project)
    {
        if (!lines.TryGetValue(project, out var line))
        {
            lines[project] = line = new(sheet, policies, cluster, project, sku,
                Hand.Of(request.Period, sheet.Period, request.MovesOf?.Invoke(cluster, project) ?? []));
        }

        return line;
    }
}
