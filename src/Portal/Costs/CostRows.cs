namespace Exchange.Portal.Costs;

/// <summary>A group of costs: a value for each dimension that was grouped by, and what it comes to.</summary>
/// <param name="Title">What the project is called; empty where projects are not grouped by.</param>
internal sealed record CostRow(IReadOnlyList<string> Keys, string Title, CostFigures Figures);

/// <summary>Adds up rows with the same values.</summary>
internal sealed class CostRows
{
    private const int MaxRows = 200_000;
    private readonly Dictionary<string, (string[] Keys, string Title, CostSum Sum)> _rows =
        new(StringComparer.Ordinal);

    public CostSum this[string[] keys, string title]
    {
        get
        {
            var name = string.Join('\u001f', keys);
            if (_rows.TryGetValue(name, out var row))
            {
                return row.Sum;
            }

            if (_rows.Count == MaxRows)
            {
                throw new RefusedException(new(
                    "costs/too-many-rows",
                    $"There are more than {MaxRows} groups. Narrow by a landlord, a project or a PI, or group by less.",
                    "group_by"));
            }

            var sum = new CostSum();
            _rows[name] = (keys, title, sum);
            return sum;
        }
    }

    /// <summary>The groups in the order of their values; what comes to nothing and counts nothing is none.</summary>
    public IReadOnlyList<CostRow> All =>
    [
        .. _rows.OrderBy(of => of.Key, StringComparer.Ordinal)
            .Select(of => new CostRow(of.Value.Keys, of.Value.Title, of.Value.Sum.Figures))
            .Where(row => !row.Figures.Cost.IsZero || !row.Figures.Credits.IsZero ||
                row.Figures.Usage.Any(quantity => quantity.Amount != 0)),
    ];
}
