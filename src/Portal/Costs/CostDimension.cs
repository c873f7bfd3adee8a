namespace Exchange.Portal.Costs;

/// <summary>What costs are grouped and filtered by.</summary>
internal enum CostDimension
{
    Month,
    Day,
    UsageMonth,
    Landlord,
    Service,
    Sku,
    Cluster,
    Project,
    Pi,
    Institution,
    Fund,
    Payer,
    Class,
    Charge,
    Resource,
}

/// <summary>How dimensions are called: in addresses, on the command line and in tables.</summary>
internal static class CostDimensions
{
    public static IReadOnlyList<CostDimension> All { get; } = Enum.GetValues<CostDimension>();

    /// <summary>Those that a filter can name; time is narrowed by the range.</summary>
    public static IReadOnlyList<CostDimension> Filters { get; } =
        [.. All.Where(one => !one.IsTime() && one is not (CostDimension.Resource or CostDimension.Charge))];

    public static bool IsTime(this CostDimension dimension) =>
        dimension is CostDimension.Month or CostDimension.Day or CostDimension.UsageMonth;

    /// <summary>As addresses and options write it: 'sku', 'usage_month'.</summary>
    public static string Name(this CostDimension dimension) => dimension switch
    {
        CostDimension.UsageMonth => "usage_month",
        _ => dimension.ToString().ToLowerInvariant(),
    };

    /// <summary>As pages head a column with it.</summary>
    public static string Words(this CostDimension dimension) => dimension switch
    {
        CostDimension.UsageMonth => "Month of usage",
        CostDimension.Sku => "SKU",
        CostDimension.Pi => "PI",
        CostDimension.Fund => "Program",
        _ => dimension.ToString(),
    };

    /// <exception cref="RefusedException">There is no such dimension.</exception>
    public static CostDimension Parse(string text) =>
        All.Where(one => string.Equals(one.Name(), text, StringComparison.OrdinalIgnoreCase))
            .Select(one => (CostDimension?)one).FirstOrDefault() ?? throw new RefusedException(new(
                "costs/no-such-group",
                $"Costs are not grouped by '{(text.Length > 50 ? text[..50] : text)}'. They are by " +
                $"{string.Join(", ", All.Select(one => one.Name()))}.", "group_by"));
}
