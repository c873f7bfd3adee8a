using Exchange.Journal;

namespace Exchange.Metering;

/// <summary>A lane as it is now.</summary>
/// <param name="Pages">How many pages of usage each who lives there has.</param>
/// <param name="Moving">What of it is being moved, and where to; null where nothing is.</param>
public sealed record LaneState(
    int Number, string Name, string Database, IReadOnlyDictionary<LandlordId, long> Pages, long Blocks, long Readings,
    long Bytes, string? Moving);

/// <summary>A landlord that is to be moved, and the lane it is to live in.</summary>
public sealed record PlannedMove(LandlordId Landlord, string To);

/// <summary>What lanes hold, and how those who live at home are spread over the others.</summary>
internal static class LaneStates
{
    public static async Task<IReadOnlyList<LaneState>> Of(LaneMap map, CancellationToken ct)
    {
        var states = new List<LaneState>();
        foreach (var lane in map.Lanes)
        {
            const string Sql = """
                select (select number from metering.head), coalesce(sum(readings), 0)::bigint,
                  pg_database_size(current_database())
                from metering.block
                """;
            var pages = await Pages(map, lane, ct);
            await using var command = lane.Database.Statement(Sql, []);
            await using var row = await command.ExecuteReaderAsync(ct);
            await row.ReadAsync(ct);
            states.Add(new(
                lane.Number, lane.Name, lane.IsHome ? "" : map.Book.Lanes[lane.Number].Database, pages,
                row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), Moving(map.Book, lane)));
        }

        return states;
    }

    /// <summary>
    /// Who lives at home moves, the largest first, each to the lane that has the fewest pages by then.
    /// </summary>
    public static IReadOnlyList<PlannedMove> Spread(IReadOnlyList<LaneState> lanes)
    {
        var load = lanes.Where(lane => lane.Number > 0).ToDictionary(lane => lane, lane => lane.Pages.Values.Sum());
        var moves = new List<PlannedMove>();
        foreach (var (landlord, pages) in lanes[0].Pages.OrderByDescending(one => one.Value)
            .ThenBy(one => one.Key.Value, StringComparer.Ordinal))
        {
            if (load.OrderBy(one => one.Value).ThenBy(one => one.Key.Number).Select(one => one.Key).FirstOrDefault() is
                { } least)
            {
                moves.Add(new(landlord, least.Name));
                load[least] += pages;
            }
        }

        return moves;
    }

    private static async Task<Dictionary<LandlordId, long>> Pages(LaneMap map, Lane lane, CancellationToken ct)
    {
        const string Sql = "select name, sum(cardinality(pages)) from metering.place where kind = 'l' group by name";
        var pages = map.Book.Landlords.Where(one => one.Value == lane.Number)
            .ToDictionary(one => one.Key, _ => 0L); // Also those of whom nothing came yet.
        await using var command = lane.Database.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            var landlord = new LandlordId(rows.GetString(0));
            if (map.Book.Of(landlord) == lane.Number)
            {
                pages[landlord] = rows.GetInt64(1);
            }
        }

        return pages;
    }

    private static string? Moving(LaneBook book, Lane lane) =>
        book.MovingLane is { } moving && moving.Number == lane.Number ? $"to {moving.Database}"
        : book.MovingLandlord is { } one && one.From == lane.Number ? $"{one.Landlord} to {book.NameOf(one.To)}"
        : null;
}
