using System.Runtime.CompilerServices;
using NodaTime;
using Npgsql;

namespace Exchange.Metering;

/// <summary>
/// Walks over all usage once, page by page, with one page in memory: what a month needs does not grow with its
/// resources. They come in the order in which the meter first heard of them.
/// </summary>
internal sealed class UsageStream(NpgsqlDataSource database)
{
    /// <summary>
    /// One at a time takes the two connections that it needs: nobody has one of them and waits for somebody who has the
    /// other.
    /// </summary>
    private static readonly ConditionalWeakTable<NpgsqlDataSource, SemaphoreSlim> Turns = [];

    private readonly string?[] _resources = new string?[Page.Resources];
    private readonly Dictionary<string, Shape> _shapes = new(ReferenceEqualityComparer.Instance);
    private readonly List<ClaimFold.Stretch> _stretches = [];

    /// <param name="onPage">Is told when all of a page was, and is waited for.</param>
    public async Task Read(UsageQuery query, Action<Segment> onSegment, Action<DailyTotal> onTotal,
        CancellationToken ct, Func<ValueTask>? onPage = null)
    {
        const string Sql = """
            select number, body
            from metering.page
            where ($1 = '' or number in (select unnest(pages) from metering.place where kind = 'c' and name = $1))
              and ($2 = '' or number in (select unnest(pages) from metering.place where kind = 'l' and name = $2))
            order by number
            """;

        // What the pages name is in blocks that are older than they are, so the two need not be read at one instant.
        var (connection, other) = await Two(ct);
        await using var _ = connection;
        await using var __ = other;
        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Add(new() { Value = query.Cluster?.Value ?? "" });
        command.Parameters.Add(new() { Value = query.Landlord?.Value ?? "" });
        await using var rows = await command.ExecuteReaderAsync(ct);
        await using var names = new NameStream(other, await UsageStore.Head(other, ct));
        await names.Open(ct);
        while (await rows.ReadAsync(ct))
        {
            var page = Page.Unpack(rows.GetFieldValue<byte[]>(1));
            await names.Resources(rows.GetInt32(0), _resources);
            Read(query, page, names, onSegment, onTotal);
            await (onPage?.Invoke() ?? ValueTask.CompletedTask);
        }
    }

    /// <summary>Some pages, each told by itself with all that was ever used of it.</summary>
    /// <param name="onPage">Is told when all of a page was, and is waited for.</param>
    public async Task Read(
        IReadOnlyCollection<int> pages, Intake intake, PageReader reader, CancellationToken ct,
        Func<ValueTask>? onPage = null)
    {
        const string Sql = "select number, changed, body from metering.page where number = any($1) order by number";
        var always = new UsageQuery(new(Instant.FromUtc(1970, 1, 1, 0, 0), Instant.MaxValue));
        var (connection, other) = await Two(ct);
        await using var _ = connection;
        await using var __ = other;
        var upTo = await UsageStore.Head(other, ct);
        await using var walked = new NameStream(other, upTo);
        var known = await intake.NamesInMemory(other, upTo);
        IPageNames names = known is null ? walked : new KnownNames(known);
        if (known is null)
        {
            await walked.Open(ct);
        }

        await using var command = new NpgsqlCommand(Sql, connection);
        command.Parameters.Add(new() { Value = pages.ToArray() });
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            var page = Page.Unpack(rows.GetFieldValue<byte[]>(2));
            await names.Resources(rows.GetInt32(0), _resources);
            reader.Begin(new(rows.GetInt32(0), rows.GetInt64(1)));
            Read(always, page, names, reader.OnSegment, reader.OnTotal);
            reader.End();
            await (onPage?.Invoke() ?? ValueTask.CompletedTask);
        }
    }

    private async Task<(NpgsqlConnection, NpgsqlConnection)> Two(CancellationToken ct)
    {
        var turn = Turns.GetValue(database, _ => new(1, 1));
        await turn.WaitAsync(ct);
        try
        {
            var first = await database.OpenConnectionAsync(ct);
            try
            {
                return (first, await database.OpenConnectionAsync(ct));
            }
            catch
            {
                await first.DisposeAsync();
                throw;
            }
        }
        finally
        {
            turn.Release();
        }
    }

    private void Read(
        UsageQuery query, Page page, IPageNames names, Action<Segment> onSegment, Action<DailyTotal> onTotal)
    {
        var totals = page.Totals.ToLookup(total => total.Key.Place);
        List<Content> contents =
            [.. page.Contents.Select(c => new Content(c.Type, c.State, names[c.Project], names[c.Shape]))];
        for (var place = 0; place < Page.Resources; place++)
        {
            if ((page[place].Count == 0 && !totals.Contains(place)) ||
                ResourceId.Parse(_resources[place] ?? throw BytesReader.Damaged()) is not { } resource ||
                (query.Landlord ?? resource.Landlord) != resource.Landlord ||
                (query.Cluster ?? resource.Cluster) != resource.Cluster)
            {
                continue;
            }

            _stretches.Clear();
            ClaimFold.Of(page[place], contents, _stretches);
            foreach (var (from, to, content) in _stretches)
            {
                var end = to == long.MaxValue ? query.Period.End : Readings.At(to);
                if (Readings.At(from) < end && new Period(Readings.At(from), end).Clip(query.Period) is { } period)
                {
                    onSegment(new(resource, new(content.Project), period, content.State, ShapeOf(content.Shape)));
                }
            }

            foreach (var (total, quantity) in totals[place])
            {
                var begins = total.Date.AtMidnight().InUtc().ToInstant();
                if (begins >= query.Period.Start && begins < query.Period.End)
                {
                    onTotal(new(resource, new(names[total.Project]), names[total.Meter], total.Date, quantity));
                }
            }
        }
    }

    private Shape ShapeOf(string text) =>
        _shapes.TryGetValue(text, out var known) ? known : _shapes[text] = Shape.Parse(text);
}
