using Exchange.Portal.Web.Access;
using Npgsql;

namespace Exchange.Portal.Searching;

/// <summary>The months that are looked through, newest first, and what a reader has charges of in them.</summary>
internal sealed class SearchedMonths(View view, IReadOnlyList<BillingMonth> months, Viewer viewer)
{
    public const int Max = 13;

    public BillingMonth? Newest => months.Count == 0 ? null : months[0];

    /// <summary>
    /// Of which of these projects a landlord has charges: each is looked up by an index, all by one statement, however
    /// many there are, so that its time tells nobody of projects that are not theirs.
    /// </summary>
    public async Task<IReadOnlySet<(string Cluster, string Project)>> Projects(
        IReadOnlyCollection<(string Cluster, string Project)> candidates, CancellationToken ct)
    {
        const string Sql = """
            select asked.cluster, asked.project
            from unnest($3::text[], $4::text[]) as asked (cluster, project)
            where exists (select from exchange.charge as one
                          where one.month = any($1) and one.landlord = $2
                            and one.project = asked.project and one.cluster = asked.cluster)
            """;

        await using var command = await Command(
            Sql, [[.. candidates.Select(of => of.Cluster)], [.. candidates.Select(of => of.Project)]], ct);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new HashSet<(string, string)>();
        while (await rows.ReadAsync(ct))
        {
            found.Add((rows.GetString(0), rows.GetString(1)));
        }

        return found;
    }

    /// <summary>The same of PIs.</summary>
    public async Task<IReadOnlySet<string>> Pis(IReadOnlyCollection<string> candidates, CancellationToken ct)
    {
        const string Sql = """
            select asked.pi
            from unnest($3::text[]) as asked (pi)
            where exists (select from exchange.charge as one
                          where one.month = any($1) and one.landlord = $2 and one.pi = asked.pi)
            """;

        await using var command = await Command(Sql, [[.. candidates]], ct);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new HashSet<string>(StringComparer.Ordinal);
        while (await rows.ReadAsync(ct))
        {
            found.Add(rows.GetString(0));
        }

        return found;
    }

    private async Task<NpgsqlCommand> Command(string sql, IEnumerable<string[]> candidates, CancellationToken ct)
    {
        var command = await view.Command(sql, ct);
        command.Parameters.Add(new() { Value = months.Select(month => month.ToString()).ToArray() });
        command.Parameters.Add(new() { Value = viewer.Landlord!.Value.Value });
        foreach (var names in candidates)
        {
            command.Parameters.Add(new() { Value = names });
        }

        return command;
    }

    /// <summary>The explorer over the months, narrowed to what was found.</summary>
    public string Costs(string filter, string value, string groupBy) => months.Count == 0
        ? $"/costs?{filter}={Uri.EscapeDataString(value)}&group_by={groupBy}"
        : $"/costs?from={months[^1]}-01&to={months[0].Next}-01&{filter}={Uri.EscapeDataString(value)}" +
            $"&group_by={groupBy}";
}
