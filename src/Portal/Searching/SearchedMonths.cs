using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Searching;

/// <summary>The months that are looked through, newest first, and what a reader has charges of in them.</summary>
internal sealed class SearchedMonths(View view, IReadOnlyList<BillingMonth> months, Viewer viewer)
{
    public const int Max = 13;

    public BillingMonth? Newest => months.Count == 0 ? null : months[0];

    /// <summary>Whether a charge of the reader's is of a project or of a PI: each is looked up by an index.</summary>
    public async Task<bool> Has(string? cluster, string? project, string? pi, CancellationToken ct)
    {
        const string OfProject = """
            select exists (select from exchange.charge
                           where month = any($1) and project = $2 and cluster = $3 and landlord = $4)
            """;
        const string OfPi = """
            select exists (select from exchange.charge where month = any($1) and pi = $2 and landlord = $3)
            """;

        await using var command = await view.Command(project is null ? OfPi : OfProject, ct);
        command.Parameters.Add(new() { Value = months.Select(month => month.ToString()).ToArray() });
        foreach (var value in (string?[])[project ?? pi, project is null ? null : cluster, viewer.Landlord?.Value])
        {
            if (value is not null)
            {
                command.Parameters.Add(new() { Value = value });
            }
        }

        return (bool)(await command.ExecuteScalarAsync(ct))!;
    }

    /// <summary>The explorer over the months, narrowed to what was found.</summary>
    public string Costs(string filter, string value, string groupBy) => months.Count == 0
        ? $"/costs?{filter}={Uri.EscapeDataString(value)}&group_by={groupBy}"
        : $"/costs?from={months[^1]}-01&to={months[0].Next}-01&{filter}={Uri.EscapeDataString(value)}" +
            $"&group_by={groupBy}";
}
