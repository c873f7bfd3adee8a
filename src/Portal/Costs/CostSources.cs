using Npgsql;

namespace Exchange.Portal.Costs;

/// <summary>Where costs are read from, and what of it is narrowed: text for Postgres with its parameters.</summary>
internal sealed class CostSources(CostWalls walls, CostQuery query)
{
    /// <summary>Each charge and each credit, with how it lies over its month.</summary>
    private static string Fine(string weights, string join, string none) => $"""
        (select c.month, c.id, split_part(c.id, ':', 1) as usage_month,
                case when split_part(c.id, ':', 1) = c.month then 'usage' else 'correction' end as class,
                c.landlord, c.service, c.cluster, c.project, c.project_name, c.pi, c.institution, c.sku, '' as fund,
                '' as payer, c.unit, round(c.quantity, 9) as quantity, c.cents {weights}
         from exchange.charge c {join}
         union all
         select month, id, split_part(id, ':', 1), 'credit', landlord, service, cluster, project, project_name, pi,
                institution, sku, fund, payer, '', 0, -cents {none}
         from exchange.credit) of
        """;

    private readonly List<object> _values = [];

    /// <summary>Whether the sums without projects and PIs answer.</summary>
    public bool IsCoarse { get; } = walls.SeesSums && query.IsCoarse;

    /// <summary>The columns that are grouped by, without days and resources, which are not kept as such.</summary>
    public IReadOnlyList<CostDimension> Columns { get; } =
        [.. query.GroupBy.Where(one => one is not (CostDimension.Day or CostDimension.Resource))];

    /// <summary>What is selected for each of the columns.</summary>
    public string Selected => string.Concat(Columns.Select(one => $"{ColumnOf(one)}, "));

    public string Grouped => string.Concat(Columns.Select((_, i) => $"{i + 1}, "));

    public string Title => IsCoarse || !query.Has(CostDimension.Project) ? "''" : "max(project_name)";

    /// <summary>The rows of some months that are the viewer's and were asked for.</summary>
    /// <param name="withDays">Whether to read how each row lies over its month: 'weights'.</param>
    public string From(IEnumerable<BillingMonth> months, bool withDays)
    {
        _values.Clear();
        var source = IsCoarse ? "exchange.cost_sum"
            : withDays
                ? Fine(
                    ", d.weights", "join exchange.charge_day d on (d.month, d.id, d.pi) = (c.month, c.id, c.pi)",
                        ", weights")
                : Fine("", "", "");
        var narrowed = new List<string> { $"month = any({Value(months.Select(m => m.ToString()).ToArray())})" };
        Narrow("landlord", walls.Viewer.Landlord?.Value);
        Narrow("pi", walls.Viewer.Pi?.Value);
        Narrow("payer", walls.Viewer.Payer);
        foreach (var (dimension, value) in query.Where.OrderBy(one => one.Key))
        {
            Narrow(ColumnOf(dimension), value);
        }

        return $"from {source} where {string.Join(" and ", narrowed)}";

        void Narrow(string column, string? value)
        {
            if (value is not null && !(column == "pi" && IsCoarse))
            {
                narrowed.Add($"{column} = {Value(value)}");
            }
        }
    }

    public async Task<NpgsqlCommand> Command(View view, string sql, CancellationToken ct)
    {
        var command = await view.Command(sql, ct);
        foreach (var value in _values)
        {
            command.Parameters.Add(new() { Value = value });
        }

        return command;
    }

    /// <summary>The values that a row is grouped by; those of days and resources are left empty.</summary>
    public string[] Keys(NpgsqlDataReader read)
    {
        var (keys, column) = (new string[query.GroupBy.Count], 0);
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = query.GroupBy[i] is CostDimension.Day or CostDimension.Resource ? "" : read.GetString(column++);
        }

        return keys;
    }

    private static string ColumnOf(CostDimension dimension) =>
        dimension == CostDimension.Charge ? "id" : dimension.Name();

    private string Value(object value)
    {
        _values.Add(value);
        return $"${_values.Count}";
    }
}
