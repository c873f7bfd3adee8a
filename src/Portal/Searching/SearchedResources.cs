using Exchange.Portal.Spend;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Searching;

/// <summary>
/// Resources: those of a PI's charges in the newest month, those that cost each PI most in the newest months, and any
/// by its whole name, as 'nerc/stack/vm/vm-1', for its landlord and for finance.
/// </summary>
internal sealed class SearchedResources(
    Composition exchange, View view, Viewer viewer, IReadOnlyList<BillingMonth> months)
{
    private const int MaxCostlyMonths = 2;
    private const int MaxCharges = 200;

    public async Task<IReadOnlyList<SearchHit>> Run(string text, Instant now, CancellationToken ct)
    {
        if (viewer.Pi is { } pi)
        {
            var own = await Own(pi, text, now, ct);
            return own.Count > 0 ? own : await Costly(text, months.Count, ct);
        }

        if (viewer.Sees != "money" && viewer.Landlord is null)
        {
            return [];
        }

        if (ResourceId.TryParse(text, null, out var id))
        {
            return await Named(id, ct);
        }

        return viewer.Sees == "money" ? await Costly(text, MaxCostlyMonths, ct) : [];
    }

    private async Task<IReadOnlyList<SearchHit>> Own(PiId pi, string text, Instant now, CancellationToken ct)
    {
        if (months.Count == 0)
        {
            return [];
        }

        var charges = await Charges.Find(view, new(months[0], Pi: pi, Limit: MaxCharges), ct);
        var resources = await ResourceSpend.Of(exchange, months[0], charges, now, ct);
        return
        [
            .. resources.Where(one => SearchText.IsIn(text, one.Resource.Subject)).Take(Search.MaxOfAKind + 1)
                .Select(one => Hit(one.Resource, one.Charge.ProjectName, months[0], one.Charge.Id)),
        ];
    }

    private async Task<IReadOnlyList<SearchHit>> Costly(string text, int newest, CancellationToken ct)
    {
        const string Sql = """
            select landlord, cluster, kind, subject, project_name, month, charge
            from exchange.costly
            where month = any($1) and position(lower($2) in lower(subject)) > 0
              and ($3::text is null or pi = $3)
            order by month desc, cents desc, subject
            limit 50
            """;

        await using var command = await view.Command(Sql, ct);
        command.Parameters.Add(new() { Value = months.Take(newest).Select(month => month.ToString()).ToArray() });
        command.Parameters.Add(new() { Value = text });
        command.Parameters.Add(new() { Value = (object?)viewer.Pi?.Value ?? DBNull.Value, DataTypeName = "text" });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<SearchHit>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(Hit(
                new(new(rows.GetString(0)), new(rows.GetString(1)), rows.GetString(2), rows.GetString(3)),
                rows.GetString(4), BillingMonth.Parse(rows.GetString(5)), rows.GetString(6)));
        }

        return [.. found.DistinctBy(one => (one.Name, one.About))];
    }

    /// <summary>The usage of one resource in the newest month is what it was of: its project's costs show it.</summary>
    private async Task<IReadOnlyList<SearchHit>> Named(ResourceId id, CancellationToken ct)
    {
        if (months.Count == 0 || (viewer.Landlord ?? id.Landlord) != id.Landlord)
        {
            return [];
        }

        var period = new Period(months[^1].Start, months[0].End);
        await foreach (var segment in exchange.Meter.Segments(new(period, id.Landlord, Resource: id), ct))
        {
            return
            [
                new("resource", id.ToString(), $"{id.Kind} of {segment.Project}", new SearchedMonths(
                    view, months, viewer).Costs("project", segment.Project.Value, "sku")),
            ];
        }

        return [];
    }

    private static SearchHit Hit(ResourceId resource, string project, BillingMonth month, string charge) => new(
        "resource", resource.Subject, $"{resource.Kind} of {project}, on {resource.Cluster}",
        $"/charge?month={month}&id={Uri.EscapeDataString(charge)}");
}
