using Exchange.Metering;
using Exchange.Metering.Collectors;
using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// Gathers usage without a price, by project and by what it is, so that it can be shown and repaired.
/// </summary>
internal sealed class UnpricedUsage
{
    private const decimal Largest = 100_000_000_000_000_000m;
    private const int MaxListed = 10_000;
    private readonly Dictionary<(LandlordId, ClusterId, ProjectId, string Kind, string What, string Reason),
        Sum> _sums = [];

    private sealed class Sum(ResourceId first)
    {
        public ResourceId First { get; set; } = first;
        public decimal Quantity { get; set; }
    }

    public void Time(in Segment segment, string reason, long ticks) => Add(
        segment.Resource, segment.Project, segment.Shape.Word("gpu_resource") ?? segment.Shape.GpuModel ??
        segment.Shape.Word("resource_class") ?? "", reason, ticks);

    public void Count(DailyTotal total, string reason) =>
        Add(total.Resource, total.Project, total.Meter, reason,
        decimal.Min(total.Quantity, Largest) * NodaConstants.TicksPerHour);

    public void Bill(FocusRow row, string reason) => Add(
        FederatedBill.ResourceOf(row), FederatedBill.ProjectOf(row), row.Service, reason,
        decimal.Min(decimal.Abs(row.BilledCost), Largest) * NodaConstants.TicksPerHour);

    /// <summary>A line that comes to more than a charge may.</summary>
    public void Line(Line line) => Add(
        new(line.Sheet.Sheet.Landlord, line.Cluster, "sku", line.Sku.Id.Value), line.Project, line.Sku.Id.Value,
        "too-much", 0);

    /// <summary>What was gathered: of whom, what, why, how much, and the first resource of it.</summary>
    public IEnumerable<(ResourceId First, ProjectId Project, string What, string Code, decimal Ticks)> Gathered =>
        _sums.Select(sum => (sum.Value.First, sum.Key.Item3, sum.Key.What, sum.Key.Reason, sum.Value.Quantity));

    public void Clear() => _sums.Clear();

    /// <summary>Adds what another gathered.</summary>
    public void Add((ResourceId First, ProjectId Project, string What, string Code, decimal Ticks) other) =>
        Add(other.First, other.Project, other.What, other.Code, other.Ticks);

    public IReadOnlyList<Unpriced> All() =>
    [
        .. _sums.Select(sum => new Unpriced(
                sum.Key.Item1, sum.Key.Item2, sum.Key.Item3, sum.Key.Kind, sum.Key.What, sum.Key.Reason,
                Why(sum.Key.Reason, sum.Value.First, sum.Key.What), sum.Value.Quantity / NodaConstants.TicksPerHour,
                sum.Value.First))
            .OrderBy(u => u.Landlord.Value, StringComparer.Ordinal).ThenBy(u => u.Cluster.Value, StringComparer.Ordinal)
            .ThenBy(u => u.Project.Value, StringComparer.Ordinal).ThenBy(u => u.Kind, StringComparer.Ordinal)
            .ThenBy(u => u.What, StringComparer.Ordinal).ThenBy(u => u.Reason, StringComparer.Ordinal),
    ];

    private void Add(ResourceId resource, ProjectId project, string what, string reason, decimal ticks)
    {
        // Past so many kinds of unknown usage, those of a project are told together.
        var key = (resource.Landlord, resource.Cluster, project, resource.Kind, _sums.Count < MaxListed ? what : "",
            Code(reason));
        if (!_sums.TryGetValue(key, out var sum))
        {
            _sums[key] = sum = new(resource);
        }

        sum.Quantity = decimal.Min(sum.Quantity + ticks, Largest * NodaConstants.TicksPerHour);
        if (string.CompareOrdinal(resource.Subject, sum.First.Subject) < 0)
        {
            sum.First = resource; // The same one in whichever order usage comes.
        }
    }

    private static string Code(string reason) => reason switch
    {
        "no-sheet" => "unpriced/no-sheet",
        "no-sku" => "unpriced/no-sku",
        "too-large" => "unpriced/too-large",
        "too-much" => "unpriced/too-much",
        "other-currency" => "unpriced/other-currency",
        "leased-twice" => "unpriced/leased-twice",
        _ when reason.StartsWith("unpriced/", StringComparison.Ordinal) => reason,
        _ => "unpriced/nothing-to-count",
    };

    private static string Why(string code, ResourceId resource, string what) => code switch
    {
        "unpriced/no-sheet" => $"No price sheet of '{resource.Landlord}' covers cluster '{resource.Cluster}' at " +
        "that time. " +
            "Publish one.",
        "unpriced/no-sku" => $"No SKU matches '{resource.Kind}'{(what.Length > 0 ? $" with '{what}'" : "")}, such as " +
            $"{resource}. Add one to the sheet, or say that it is unbilled.",
        "unpriced/too-large" => $"{resource} says that it is larger than anything there is. Correct its reporter.",
        "unpriced/too-much" => $"What {resource} comes to is more than {LargestCharge.Amount:#,0} dollars. Correct " +
            "its price, or its reporter.",
        "unpriced/other-currency" => $"The bill of {resource} is not in US dollars. Have it issued in dollars.",
        "unpriced/leased-twice" => $"Lease {resource} holds a node while another lease of the same level has it, so " +
            "that time is not charged to it. Correct one of the two, or name the lease that it is sublet from.",
        _ => $"{resource} does not say what its SKU counts. Correct its reporter.",
    };
}
