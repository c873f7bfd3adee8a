using Exchange.Portal.Names;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Costs;

/// <summary>What is asked of costs: a range, what to group by, and what narrows it.</summary>
internal sealed record CostQuery(CostRange Range, IReadOnlyList<CostDimension> GroupBy)
{
    private const int MaxGroups = 5;

    /// <summary>One value for each dimension that is narrowed.</summary>
    public IReadOnlyDictionary<CostDimension, string> Where { get; init; } = new Dictionary<CostDimension, string>();

    /// <summary>The period that it is compared with; null for none.</summary>
    public CostRange? Compare { get; init; }

    /// <summary>Whether a sum without projects and PIs answers it.</summary>
    public bool IsCoarse => !GroupBy.Concat(Where.Keys).Any(
        one => one is CostDimension.Project or CostDimension.Pi or CostDimension.Charge or CostDimension.Resource);

    /// <summary>Whether nothing is in the way of an answer but the question.</summary>
    public static bool IsOdd(Refusal refusal) => refusal.Code.StartsWith("costs/", StringComparison.Ordinal);

    public bool Has(CostDimension dimension) => GroupBy.Contains(dimension);

    /// <summary>Refuses what cannot be answered, or is not the viewer's to ask.</summary>
    /// <exception cref="RefusedException">With what may be asked instead.</exception>
    public void Check(CostWalls walls)
    {
        if (GroupBy.Count > MaxGroups || GroupBy.Distinct().Count() != GroupBy.Count)
        {
            throw Refused("costs/too-many-groups", $"Costs are grouped by at most {MaxGroups}, each once.");
        }

        foreach (var hidden in GroupBy.Concat(Where.Keys).Where(one => !walls.Allows(one)))
        {
            throw Refused(
                "costs/not-shown",
                $"'{hidden.Name()}' is not shown to {walls.Who}. There are " +
                $"{string.Join(", ", CostDimensions.All.Where(walls.Allows).Select(one => one.Name()))}.");
        }

        if (Has(CostDimension.Resource) && (!Range.IsWhole || Has(CostDimension.Day)))
        {
            throw Refused(
                "costs/resources-by-month", "What a resource cost is known by month: ask for whole months, not days.");
        }

        if (Compare is not null && (Has(CostDimension.Day) || Has(CostDimension.UsageMonth)))
        {
            throw Refused(
                "costs/no-comparison",
                "Days and months of usage are not compared with those of another period. Group by month, or by " +
                "something else.");
        }
    }

    /// <summary>Refuses to narrow by a name that nothing has.</summary>
    /// <exception cref="RefusedException">With the names that there are.</exception>
    public async Task CheckNames(KnownNames names, CancellationToken ct)
    {
        foreach (var (dimension, name) in Where.OrderBy(one => one.Key))
        {
            await names.Check(ListedWord.Read<NameKind>(dimension.ToString()), name, dimension.Name(), ct);
        }
    }

    private static RefusedException Refused(string code, string why) => new(new(code, why, "group_by"));
}

/// <summary>What of costs somebody may see, and under what name: the first wall. Postgres is the second.</summary>
/// <param name="IsConfidential">Whether customers are known to them by one keyed name alone.</param>
internal sealed record CostWalls(Viewer Viewer, bool IsConfidential)
{
    public static CostWalls Of(Composition exchange, Viewer viewer) => new(
        viewer, viewer.Landlord is { } landlord && exchange.Landlords.HidesCustomers(landlord));

    /// <summary>Whose costs are what they pay for others.</summary>
    public bool IsPayer => Viewer.Role == Role.Subsidy;

    /// <summary>Whether the sums without PIs are theirs to read.</summary>
    public bool SeesSums => Viewer.Pi is null;

    public string Who => Viewer.Role switch
    {
        Role.Pi => "a PI",
        Role.Subsidy => "a payer",
        _ when Viewer.Landlord is not null => "a landlord",
        _ => "you",
    };

    public bool Allows(CostDimension dimension) => dimension switch
    {
        CostDimension.Fund or CostDimension.Payer => Viewer.Landlord is null,
        CostDimension.Institution => !IsConfidential,
        CostDimension.Resource or CostDimension.Charge => !IsPayer,
        _ => true,
    };

    /// <summary>Whether somebody may narrow by it: a name that stands for a customer is only shown.</summary>
    public bool Narrows(CostDimension dimension) =>
        Allows(dimension) && !(IsConfidential && dimension is CostDimension.Pi);
}
