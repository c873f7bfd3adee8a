using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// Pages of usage one by one, for whoever keeps what each comes to: which there are, which changed, what is in them.
/// </summary>
public sealed class UsagePages
{
    private readonly NpgsqlDataSource _database;
    private readonly Intake _intake;
    private readonly Meter _meter;

    internal UsagePages(NpgsqlDataSource database, Intake intake, Meter meter) =>
        (_database, _intake, _meter) = (database, intake, meter);

    /// <summary>Every page there is, with its last change. Folds first.</summary>
    public async Task<IReadOnlyList<PageState>> All(CancellationToken ct)
    {
        await _meter.Fold(ct);
        await using var command = _database.Statement("select number, changed from metering.page order by number", []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var pages = new List<PageState>();
        while (await rows.ReadAsync(ct))
        {
            pages.Add(new(rows.GetInt32(0), rows.GetInt64(1)));
        }

        return pages;
    }

    /// <summary>The pages that hold usage of some of these projects.</summary>
    public Task<IReadOnlySet<int>> OfProjects(IEnumerable<ProjectId> projects, CancellationToken ct) =>
        Of('p', projects.Select(project => project.Value), ct);

    /// <summary>The pages that hold usage of a landlord, in a cluster or in all, and perhaps others.</summary>
    public async Task<IReadOnlySet<int>> Of(LandlordId landlord, ClusterId? cluster, CancellationToken ct)
    {
        var pages = new HashSet<int>(await Of('l', [landlord.Value], ct));
        if (cluster is { } one)
        {
            pages.IntersectWith(await Of('c', [one.Value], ct));
        }

        return pages;
    }

    /// <summary>Tells all usage of some pages, in the order of their numbers.</summary>
    public Task Read(IReadOnlyCollection<int> pages, PageReader reader, CancellationToken ct) =>
        new UsageStream(_database).Read(pages, _intake, reader, ct);

    private async Task<IReadOnlySet<int>> Of(char kind, IEnumerable<string> names, CancellationToken ct)
    {
        const string Sql = """
            select distinct unnest(pages) from metering.place where kind = $1::text::"char" and name = any($2)
            """;
        await using var command = _database.Statement(Sql, [kind.ToString(), names.Distinct().ToArray()]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var pages = new HashSet<int>();
        while (await rows.ReadAsync(ct))
        {
            pages.Add(rows.GetInt32(0));
        }

        return pages;
    }
}
