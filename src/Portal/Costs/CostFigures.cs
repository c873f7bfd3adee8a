namespace Exchange.Portal.Costs;

/// <summary>What something costs: before funds, what funds take from it, what is left, and how much was used.</summary>
/// <param name="Credits">Below zero where funds pay.</param>
internal sealed record CostFigures(Money Cost, Money Credits, IReadOnlyList<Quantity> Usage)
{
    public static CostFigures None { get; } = new(Money.Zero, Money.Zero, []);

    public Money Net => Cost + Credits;

    public static CostFigures Sum(IEnumerable<CostFigures> figures)
    {
        var sum = new CostSum();
        foreach (var one in figures)
        {
            sum.Add(one);
        }

        return sum.Figures;
    }
}

/// <summary>Adds figures up.</summary>
internal sealed class CostSum
{
    private readonly SortedDictionary<string, decimal> _usage = new(StringComparer.Ordinal);
    private long _cost;
    private long _credits;

    public CostFigures Figures => new(
        new(_cost), new(_credits), [.. _usage.Select(of => new Quantity(of.Value, new(of.Key)))]);

    public void Add(CostFigures one)
    {
        (_cost, _credits) = (_cost + one.Cost.Cents, _credits + one.Credits.Cents);
        foreach (var quantity in one.Usage)
        {
            Count(quantity.Unit.Name, quantity.Amount);
        }
    }

    /// <param name="unit">Empty for what counts nothing.</param>
    public void Add(long cost, long credits, string unit, decimal quantity)
    {
        (_cost, _credits) = (_cost + cost, _credits + credits);
        if (unit.Length > 0)
        {
            Count(unit, quantity);
        }
    }

    /// <summary>A credit that is so many percent of so many dollars uses none of them.</summary>
    private void Count(string unit, decimal quantity)
    {
        if (!new Quantity(quantity, new(unit)).IsMoney)
        {
            _usage[unit] = _usage.GetValueOrDefault(unit) + quantity;
        }
    }
}
