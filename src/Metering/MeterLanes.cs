using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Metering;

/// <summary>Takes readings, each once for ever; here is what of it is to be known of every lane.</summary>
public sealed partial class Meter
{
    /// <summary>The lanes, home first.</summary>
    internal LaneSet Lanes => _lanes;

    private IReadOnlyList<Lane> Known => _lanes.Last.Reachable;

    /// <summary>Until no runs of readings are being merged.</summary>
    internal Task Merged => Task.WhenAll(Known.Select(lane => lane.Intake.Merged));

    /// <summary>Why runs of known readings could not be merged when it was last tried; null when they could.</summary>
    public string? NotMerged => Known.Select(lane => lane.Intake.NotMerged).FirstOrDefault(why => why is not null);
    public long FilterBytes => Known.Sum(lane => lane.Intake.FilterBytes);

    /// <summary>What stops everybody's readings; null where some lane takes its own.</summary>
    public Refusal? Stopped => Known.All(lane => lane.Intake.Unreadable is not null)
        ? _home.Intake.Unreadable
        : null;

    /// <summary>Blocks that cannot be read, and whose readings are not taken until they are restored.</summary>
    public IReadOnlyList<string> Damaged =>
    [
        .. Known.SelectMany(lane => lane.Intake.Damaged
                .Union(lane.Folding.Unfolded.Select(block => block.ToString())).Select(place => In(lane, place)))
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Blocks without which usage is told, as of the last fold: theirs is incomplete.</summary>
    public IReadOnlyList<UnfoldedBlock> Unfolded => Known is [var home]
        ? home.Folding.Unfolded
        : [.. Known.SelectMany(lane => lane.Folding.Unfolded.Select(one => one with
        {
            Number = lane.BlockOf(one.Number),
        }))];

    /// <summary>The databases in which blocks are, that of the ledger first.</summary>
    public async Task<IReadOnlyList<NpgsqlDataSource>> Databases(CancellationToken ct) =>
        [.. (await _lanes.Now(ct)).Lanes.Select(lane => lane.Database)];

    /// <summary>
    /// Who lives in which lane, as a number: what was asked for in several questions belongs together where it is the
    /// same before and after them.
    /// </summary>
    public async Task<long> Placement(CancellationToken ct) => (await _lanes.Now(ct)).Version;

    /// <summary>
    /// Seals the ends of all lanes in the journal, unless some server did so just now; nothing where there is one lane.
    /// The settings may have come after the server's start.
    /// </summary>
    public async Task Seal(CancellationToken ct)
    {
        if (_lanes.IsOn && !(await _lanes.Now(ct)).IsSingle)
        {
            await _lanes.Heads.Seal(ct, Duration.FromSeconds(45));
        }
    }

    /// <summary>What the lanes hold, home first; also while something is being moved, which it names.</summary>
    public async Task<IReadOnlyList<LaneState>> LaneStates(CancellationToken ct)
    {
        var map = await _lanes.Now(ct);
        await Fold(map.Lanes, ct);
        return await Metering.LaneStates.Of(map, ct);
    }

    /// <summary>Whether a lane is called so.</summary>
    public async Task<bool> HasLane(string name, CancellationToken ct) =>
        (await _lanes.Now(ct)).Book.Find(name) is not null;

    /// <summary>Whether a landlord is called so: it was moved or is being moved, or has usage.</summary>
    public async Task<bool> HasLandlord(LandlordId landlord, CancellationToken ct)
    {
        var book = (await _lanes.Now(ct)).Book;
        return book.Landlords.ContainsKey(landlord) || book.MovingLandlord?.Landlord == landlord ||
            await HasUsageOf(landlord, ct);
    }

    /// <summary>Where all who live at home would go, so that the other lanes have about as much each.</summary>
    public async Task<IReadOnlyList<PlannedMove>> PlanSpread(CancellationToken ct) =>
        Metering.LaneStates.Spread(await LaneStates(ct));

    /// <summary>Whether a refusal says that readings are elsewhere, or on their way there: it is asked again.</summary>
    public static bool IsElsewhere(Refusal refusal) => refusal.Code is
        LaneSet.Moving or LaneSet.Elsewhere or LaneSet.UnknownDatabase or LaneSet.Connection;

    /// <summary>What was asked of a landlord for a reason and not answered, nor asked again for another.</summary>
    internal async Task<List<(string Name, bool IsWaiting, string Text)>> Unanswered(
        LandlordId landlord, string reason, string again, string behind, CancellationToken ct) =>
        await (await _lanes.Now(ct)).Of(landlord).Quarantine.Unanswered(landlord, reason, again, behind, ct);

    /// <summary>Drops what was made from the blocks and makes it again.</summary>
    public async Task Replay(CancellationToken ct)
    {
        var map = await _lanes.Now(ct);
        await (map.IsSingle
            ? Replay(_home, ct)
            : Parallel.ForEachAsync(map.Lanes, new ParallelOptions
            {
                CancellationToken = ct,
                MaxDegreeOfParallelism = Environment.ProcessorCount,
            }, async (lane, ct) => await Replay(lane, ct)));
    }

    /// <summary>Walks the chains of blocks and folds them again; says what differs, the first of each kind.</summary>
    public async Task<IReadOnlyList<Refusal>> Verify(CancellationToken ct)
    {
        var map = await _lanes.Now(ct);
        if (map.IsSingle)
        {
            var wrong = await new MeterCheck(_database).Run(ct);
            await using var connection = await _database.OpenConnectionAsync(ct);
            return (await Head.Read(connection, ct)).Moved.Length == 0 ? wrong : [.. wrong, LaneSet.NotHere];
        }

        var (heads, differs) = await _lanes.Heads.All(ct);
        var found = new IReadOnlyList<Refusal>[map.Lanes.Count];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, map.Lanes.Count), new ParallelOptions
            {
                CancellationToken = ct,
                MaxDegreeOfParallelism = Environment.ProcessorCount, // Each holds all pages of a lane.
            }, async (i, ct) => found[i] = await Verify(map.Lanes[i], heads, ct));
        return [.. differs, .. found.SelectMany(of => of)];
    }

    private static async Task<IReadOnlyList<Refusal>> Verify(
        Lane lane, IReadOnlyList<SealedHead> heads, CancellationToken ct)
    {
        List<Refusal> found = [.. await new MeterCheck(lane.Database, lane.IsHome).Run(ct)];
        if (await LaneHeads.Lost(lane, heads, ct) is { } lost)
        {
            found.Insert(0, lost);
        }

        if (!lane.IsHome)
        {
            found.AddRange((await lane.Quarantine.DifferingFromLedger(ct)).Select(DecisionDiffers));
        }

        return [.. found.Select(one => one with { Where = In(lane, one.Where ?? "the lane") })];
    }

    internal static Refusal DecisionDiffers(string name) => new(
        "meter/decision-differs",
        "It shows another decision than the journal holds. Run replay.", $"metering.quarantine, {name}");

    private static string In(Lane lane, string place) => lane.IsHome ? place : $"{place} of lane {lane.Name}";

    private static async Task Replay(Lane lane, CancellationToken ct)
    {
        const string Sql = """
            select number from metering.folded for update;
            update metering.head set flushed = 0, epoch = epoch + 1;
            insert into metering.folded (number) values (0) on conflict (one) do update set number = 0;
            truncate metering.page, metering.place, metering.block_pages, metering.key_run, metering.key_page,
                metering.key_filter, metering.correction_block, metering.corrected, metering.damaged_block,
                metering.unfolded_block
            """;
        await using (var connection = await lane.Database.OpenConnectionAsync(ct))
        {
            await connection.Execute(Sql, [], ct); // One statement after the other, in one transaction.
            await BlockNote.Mend(connection, ct);
        }

        lane.Intake.Forget();
        await lane.Intake.Names();
        await lane.Folding.Fold(ct);
        await lane.Quarantine.Rebuild(ct);
    }
}
