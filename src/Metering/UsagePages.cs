using Exchange.Journal;

namespace Exchange.Metering;

/// <summary>
/// Pages of usage one by one, for whoever keeps what each comes to: which there are, which changed, what is in them.
/// </summary>
public sealed class UsagePages
{
    private readonly Meter _meter;

    internal UsagePages(Meter meter) => _meter = meter;

    /// <summary>Every page there is, with its last change. Folds first.</summary>
    public async Task<IReadOnlyList<PageState>> All(CancellationToken ct)
    {
        var asked = await _meter.Ask(null, ct);
        var pages = new List<PageState>();
        foreach (var lane in asked.Lanes)
        {
            await using var command = lane.Database.Statement(
                "select number, changed from metering.page order by number", []);
            await using var rows = await command.ExecuteReaderAsync(ct);
            while (await rows.ReadAsync(ct))
            {
                pages.Add(new(lane.PageOf(rows.GetInt32(0)), rows.GetInt64(1)));
            }
        }

        await asked.Check(ct);
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
    public async Task Read(IReadOnlyCollection<int> pages, PageReader reader, CancellationToken ct)
    {
        var asked = await _meter.Ask(null, ct);
        (Lane Lane, int[] Pages)[] parts =
        [
            .. pages.GroupBy(Lane.NumberOfPage).OrderBy(part => part.Key)
                .Select(part => (asked.Map[part.Key], part.Select(Lane.OwnPage).ToArray())),
        ];
        if (parts is [var (only, own)])
        {
            var (segments, totals) = AskedLanes.OfLiving(asked.Map, only, reader.OnSegment, reader.OnTotal);
            await new UsageStream(only.Database).Read(
                own, only.Intake, new(
                    page => reader.Begin(page with { Page = only.PageOf(page.Page) }), segments, totals, reader.End),
                ct);
        }
        else
        {
            await LanesInOrder.Tell(
                parts.Length, (i, full, ct) => Ahead(asked.Map, parts[i].Lane, parts[i].Pages, full, ct), (i, page) =>
                {
                    reader.Begin(page.State with { Page = parts[i].Lane.PageOf(page.State.Page) });
                    page.Tell(reader.OnSegment, reader.OnTotal);
                    reader.End();
                }, ct);
        }

        await asked.Check(ct); // Before anybody keeps what was read: who moved has other pages from then on.
    }

    private static async Task Ahead(
        LaneMap map, Lane lane, int[] own, Func<ToldPage, ValueTask> full, CancellationToken ct)
    {
        var page = new ToldPage();
        var (segments, totals) = AskedLanes.OfLiving(map, lane, one => page.Add(one), one => page.Add(one));
        await new UsageStream(lane.Database).Read(
            own, lane.Intake, new(state => page = new() { State = state }, segments, totals, () => { }), ct,
            () => full(page));
    }

    private async Task<IReadOnlySet<int>> Of(char kind, IEnumerable<string> names, CancellationToken ct)
    {
        const string Sql = """
            select distinct unnest(pages) from metering.place where kind = $1::text::"char" and name = any($2)
            """;
        var (pages, wanted) = (new HashSet<int>(), names.Distinct().ToArray());
        foreach (var lane in (await _meter.Lanes.Now(ct)).Lanes)
        {
            await using var command = lane.Database.Statement(Sql, [kind.ToString(), wanted]);
            await using var rows = await command.ExecuteReaderAsync(ct);
            while (await rows.ReadAsync(ct))
            {
                pages.Add(lane.PageOf(rows.GetInt32(0)));
            }
        }

        return pages;
    }
}
