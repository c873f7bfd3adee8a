using Exchange.Metering;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Exports;

/// <summary>
/// Leases of bare metal as NERC's script lists them beside what is charged: a lease outside the month has a row of no
/// hours, and a node of a class that nobody priced a row under the name of its class, at no rate.
/// </summary>
internal sealed class Leases(Period covered)
{
    private readonly Dictionary<(ClusterId Cluster, ProjectId Project, string Class, ResourceId Lease), Duration>
        _used = [];

    public void Add(Segment segment)
    {
        if (segment.Resource.Kind == "baremetal" && segment.State == ResourceState.Running &&
            segment.Shape.Word("resource_class") is { } of)
        {
            var key = (segment.Resource.Cluster, segment.Project, of, segment.Resource);
            _used[key] = _used.GetValueOrDefault(key) + (segment.Period.Clip(covered)?.Length ?? Duration.Zero);
        }
    }

    /// <summary>The rows that no charge stands for; each lease's hours are made whole.</summary>
    public IEnumerable<Charge> Beside(IReadOnlyList<Charge> charges, PriceBooks books, RateRequest request)
    {
        var rows =
            from lease in _used
            group lease by (lease.Key.Cluster, lease.Key.Project, lease.Key.Class) into of
            let sheets = books.Covering(request.Landlord!.Value, of.Key.Cluster, covered)
            let shape = Shape.Of([new("resource_class", of.Key.Class)])
            let priced = (
                from sheet in sheets
                from sku in sheet.Sheet.Skus
                where sku.Match.Any(match => match.HoldsFor(of.Key.Cluster, "baremetal", shape))
                select (Sheet: sheet, Sku: sku)).FirstOrDefault()
            let sheet = priced.Sheet ?? (sheets.Count > 0 ? sheets[0] : null)
            where sheet is not null
            let name = priced.Sku?.Id ?? new SkuId(of.Key.Class)
            where !charges.Any(c => c.Cluster == of.Key.Cluster && c.Project == of.Key.Project && c.Sku == name)
            let hours = of.Sum(lease => decimal.Ceiling((decimal)lease.Value.TotalTicks / NodaConstants.TicksPerHour))
            select new Charge
            {
                Month = request.Month,
                Period = covered,
                Landlord = request.Landlord!.Value,
                Service = sheet.Sheet.Service,
                Cluster = of.Key.Cluster,
                Project = of.Key.Project,
                Sku = name,
                Quantity = new(hours, new("SU-hour")),
                Rate = new(priced.Sku?.Rate ?? 0, new("SU-hour"), sheet.Sheet.Currency),
                Amount = Money.Zero,
                Sheet = sheet.Published.Id,
                Policies = request.Policies,
            };
        return rows.DistinctBy(row => (row.Cluster, row.Project, row.Sku));
    }
}
