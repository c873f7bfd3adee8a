using System.Data;
using System.Runtime.CompilerServices;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Metering;

/// <summary>Answers what was used from the folded pages: only pages in which it can be are read.</summary>
internal sealed class UsageStore(NpgsqlDataSource database, Intake intake)
{
    private const int PagesARead = 64;
    private (string Head, UsageExtent Extent)? _extent;

    /// <summary>By resource, sorted by name, then by time.</summary>
    public async IAsyncEnumerable<Segment> Segments(UsageQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        var found = new List<(int Resource, int At)>();
        var pages = new List<Page>();
        var wanted = new WantedResources(query);
        Names? names = null;
        await foreach (var (number, page, known) in Pages(query, ct))
        {
            names = known;
            found.AddRange(Enumerable.Range(0, Page.Resources)
                .Where(place => page[place].Count > 0 && wanted.Has(known[(number * Page.Resources) + place]))
                .Select(place => ((number * Page.Resources) + place, pages.Count)));
            pages.Add(page);
        }

        found.Sort((left, right) => names![left.Resource].SequenceCompareTo(names[right.Resource]));
        var contents = new List<Content>?[pages.Count];
        var shapes = new Dictionary<string, Shape>(StringComparer.Ordinal);
        var stretches = new List<ClaimFold.Stretch>();
        foreach (var (number, at) in found)
        {
            stretches.Clear();
            ClaimFold.Of(pages[at][number % Page.Resources], contents[at] ??= Contents(pages[at], names!), stretches);
            var resource = ResourceId.Parse(Readings.Text(names!, number));
            foreach (var (from, to, content) in stretches)
            {
                var end = to == long.MaxValue ? query.Period.End : Readings.At(to);
                if (Readings.At(from) < end && (query.Project is not { } project || project.Value == content.Project) &&
                    new Period(Readings.At(from), end).Clip(query.Period) is { } period)
                {
                    var shape = shapes.TryGetValue(content.Shape, out var known)
                        ? known
                        : shapes[content.Shape] = Shape.Parse(content.Shape);
                    yield return new(resource, new(content.Project), period, content.State, shape);
                }
            }
        }
    }

    /// <summary>
    /// All of it in one walk: by name, or as it is stored, which needs no room for all resources at once.
    /// </summary>
    public async Task Read(
        UsageQuery query, bool byName, Action<Segment> onSegment, Action<DailyTotal> onTotal, CancellationToken ct)
    {
        if (!byName && query is { Project: null, Resource: null })
        {
            await new UsageStream(database).Read(query, onSegment, onTotal, ct);
            return;
        }

        await foreach (var segment in Segments(query, ct))
        {
            onSegment(segment);
        }

        foreach (var total in await Totals(query, ct))
        {
            onTotal(total);
        }
    }

    public async Task<IReadOnlyList<DailyTotal>> Totals(UsageQuery query, CancellationToken ct)
    {
        var found = new List<DailyTotal>();
        var of = new WantedResources(query);
        await foreach (var (number, page, names) in Pages(query, ct))
        {
            foreach (var (total, quantity) in page.Totals)
            {
                var begins = total.Date.AtMidnight().InUtc().ToInstant();
                var project = new ProjectId(Readings.Text(names, total.Project));
                var resource = (number * Page.Resources) + total.Place;
                if (begins >= query.Period.Start && begins < query.Period.End &&
                    (query.Project is not { } wanted || wanted == project) && of.Has(names[resource]))
                {
                    found.Add(new(
                        ResourceId.Parse(Readings.Text(names, resource)), project,
                        Readings.Text(names, total.Meter), total.Date, quantity));
                }
            }
        }

        return InOrder(found);
    }

    /// <summary>Totals by resource, project, meter and day.</summary>
    public static IReadOnlyList<DailyTotal> InOrder(IEnumerable<DailyTotal> totals) =>
        [
            .. totals.OrderBy(t => t.Resource.ToString(), StringComparer.Ordinal)
                .ThenBy(t => t.Project.Value, StringComparer.Ordinal)
                .ThenBy(t => t.Meter, StringComparer.Ordinal).ThenBy(t => t.Day),
        ];

    /// <summary>When all usage begins and ends; read anew when there are new blocks.</summary>
    public async Task<UsageExtent?> Extent(CancellationToken ct)
    {
        long block;
        string head;
        await using (var command = database.Statement("select number, encode(hash, 'hex') from metering.head", []))
        await using (var rows = await command.ExecuteReaderAsync(ct))
        {
            await rows.ReadAsync(ct);
            (block, head) = (rows.GetInt64(0), rows.GetString(1));
        }

        // By its hash: where the database went back and on again, the block of the same number is another.
        if (_extent is { } known && known.Head == head)
        {
            return known.Extent;
        }

        var always = new UsageQuery(new(Instant.FromUtc(1970, 1, 1, 0, 0), Instant.MaxValue));
        var (from, to) = (Instant.MaxValue, Instant.MinValue);
        await Read(
            always, byName: false, segment => Span(segment.Period.Start, segment.Period.End),
            total => Span(
                total.Day.AtMidnight().InUtc().ToInstant(), total.Day.PlusDays(1).AtMidnight().InUtc().ToInstant()),
            ct);
        if (from > to)
        {
            return null;
        }

        var extent = new UsageExtent(block, 0, from, to == Instant.MaxValue ? null : to);
        _extent = (head, extent);
        return extent;

        void Span(Instant begins, Instant ends) => (from, to) = (Instant.Min(from, begins), Instant.Max(to, ends));
    }

    private async IAsyncEnumerable<(int Number, Page Page, Names Names)> Pages(
        UsageQuery query, [EnumeratorCancellation] CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        var names = await intake.Names(connection, await Head(connection, ct));
        foreach (var part in (await Numbers(connection, query, names, ct)).Chunk(PagesARead))
        {
            foreach (var (number, body) in await Bodies(connection, part, ct))
            {
                yield return (number, Page.Unpack(body), names);
            }
        }
    }

    private static async Task<List<int>> Numbers(
        NpgsqlConnection connection, UsageQuery query, Names names, CancellationToken ct)
    {
        const string Sql = """
            select number
            from metering.page
            where ($1 < 0 or number = $1)
              and ($2 = '' or number in (select unnest(pages) from metering.place where kind = 'p' and name = $2))
              and ($3 = '' or number in (select unnest(pages) from metering.place where kind = 'c' and name = $3))
              and ($4 = '' or number in (select unnest(pages) from metering.place where kind = 'l' and name = $4))
            order by number
            """;
        var page = query.Resource is { } resource
            ? Page.Of(names.Find([Names.Resource, .. System.Text.Encoding.UTF8.GetBytes(resource.ToString())]))
            : -1;
        await using var command = connection.Statement(
            Sql, [page, query.Project?.Value ?? "", query.Cluster?.Value ?? "", query.Landlord?.Value ?? ""]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var numbers = new List<int>();
        while (await rows.ReadAsync(ct))
        {
            numbers.Add(rows.GetInt32(0));
        }

        return numbers;
    }

    private static async Task<List<(int Number, byte[] Body)>> Bodies(
        NpgsqlConnection connection, int[] numbers, CancellationToken ct)
    {
        const string Sql = "select number, body from metering.page where number = any($1) order by number";
        await using var command = connection.Statement(Sql, [numbers]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var bodies = new List<(int, byte[])>();
        while (await rows.ReadAsync(ct))
        {
            bodies.Add((rows.GetInt32(0), rows.GetFieldValue<byte[]>(1)));
        }

        return bodies;
    }

    public static async Task<long> Head(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = connection.Statement("select number from metering.head", []);
        return (long)(await command.ExecuteScalarAsync(ct))!;
    }

    private static List<Content> Contents(Page page, Names names) =>
        [
            .. page.Contents.Select(c => new Content(
                c.Type, c.State, Readings.Text(names, c.Project), Readings.Text(names, c.Shape))),
        ];
}
