using System.Globalization;
using System.Text.Json.Serialization;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Metering;

/// <summary>How far a lane was, as it was sealed in the journal.</summary>
/// <param name="Hash">Of the last block.</param>
public sealed record SealedHead(int Lane, long Number, string Hash, Instant At);

/// <summary>The ends of the chains of all lanes at one time, to be compared with what is there later.</summary>
[JsonDerivedType(typeof(Sealed), "lane-heads-sealed/1")]
public abstract record LaneHeadsEvent
{
    private LaneHeadsEvent() { }

    /// <summary>The end of one chain.</summary>
    public sealed record End(int Lane, long Number, string Hash);

    /// <param name="Decisions">How many decisions about lanes there were: they say who lived where.</param>
    /// <param name="Root">Of the Merkle tree over all ends.</param>
    public sealed record Sealed(IReadOnlyList<End> Ends, long Decisions, string Root, Instant At) : LaneHeadsEvent;
}

/// <summary>
/// Seals the ends of all lanes in the journal, under a number that stands for what was known then: a close keeps it as
/// it keeps the number of the last block of an exchange on one database.
/// </summary>
internal sealed class LaneHeads(LaneSet lanes)
{
    /// <summary>Numbers from here on stand for seals, smaller ones for blocks; JSON holds both exactly.</summary>
    private const long First = 1L << 50;
    private const int ADay = 16; // Bits: more than one a second.
    private const string Category = "laneheads-";
    private const int CheckedADay = 24;
    private static readonly LocalDate Epoch = new(1970, 1, 1);
    private Tuple<LocalDate, int, LaneHeadsEvent.Sealed?> _known = new(Epoch, 0, null);

    /// <summary>Seals the ends as they are now, unless they are sealed already.</summary>
    /// <param name="atMost">Not where they were sealed so short a time ago, by whichever server.</param>
    /// <returns>The number of the seal.</returns>
    public async Task<long> Seal(CancellationToken ct, Duration atMost = default)
    {
        while (true)
        {
            var now = lanes.Host.Clock.GetCurrentInstant();
            var (day, map) = (now.InUtc().Date, await lanes.Now(ct));
            var (count, last) = await Last(day, ct);
            // A close seals what is there now, also where a server whose clock is ahead sealed before.
            if (last is not null && atMost > Duration.Zero && now - last.At < atMost && last.At - now < atMost)
            {
                return NumberOf(day, count - 1);
            }

            var ends = await Ends(map, ct);
            var root = LaneRoot.Of(ends);
            if (last is not null && last.Root == root && last.Decisions == map.Version)
            {
                return NumberOf(day, count - 1);
            }

            try
            {
                await lanes.Journal.Append([StreamAppend.Of<LaneHeadsEvent>(
                    StreamOf(day), count, [new LaneHeadsEvent.Sealed(ends, map.Version, root, now)])], ct);
                return NumberOf(day, count);
            }
            catch (ConflictException)
            {
                // Another server sealed meanwhile: perhaps just these.
            }
        }
    }

    /// <summary>How often was sealed on a day, and the last; what was read of it is not read again.</summary>
    private async Task<(int Count, LaneHeadsEvent.Sealed? Last)> Last(LocalDate day, CancellationToken ct)
    {
        var (of, count, last) = Volatile.Read(ref _known);
        (count, last) = of == day ? (count, last) : (0, null);
        var more = await lanes.Journal.Read<LaneHeadsEvent>(StreamOf(day), count, ct);
        (count, last) = (count + more.Count, more.Count > 0 ? (LaneHeadsEvent.Sealed)more[^1] : last);
        Volatile.Write(ref _known, new(day, count, last));
        return (count, last);
    }

    /// <summary>The last block of a lane that was known under a number.</summary>
    public async Task<long> Of(Lane lane, long number, CancellationToken ct) => number < First
        ? lane.IsHome ? number : 0
        : (await Find(number, ct)).Ends.FirstOrDefault(end => end.Lane == lane.Number)?.Number ?? 0;

    /// <summary>Where a landlord lived then, and the last block there.</summary>
    public async Task<(Lane Lane, long Last)> Then(
        LaneMap map, LandlordId landlord, long number, CancellationToken ct)
    {
        if (number < First)
        {
            return (map.Home, number);
        }

        var decided = await lanes.Journal.Read<LaneEvent>(LaneBook.Fold.StreamOf(LaneBook.Id), ct);
        var book = LaneBook.Fold.Of([.. decided.Take((int)(await Find(number, ct)).Decisions)]);
        var lane = map[book.Of(landlord)];
        return (lane, await Of(lane, number, ct));
    }

    /// <summary>
    /// What was sealed, some of each day and the last of each; and the first seal of each day whose root is not what
    /// its ends come to.
    /// </summary>
    public async Task<(IReadOnlyList<SealedHead> Heads, IReadOnlyList<Refusal> Wrong)> All(CancellationToken ct)
    {
        var streams = await lanes.Home.Database.Texts(
            "select id from journal.mt_streams where id like 'laneheads-%' order by 1", [], ct);
        var (heads, wrong) = (new List<SealedHead>(), new List<Refusal>());
        foreach (var stream in streams)
        {
            var seals = await Read(stream, ct);
            if (seals.FindIndex(seal => !LaneRoot.Fits(seal)) is >= 0 and var first)
            {
                wrong.Add(LaneRoot.Differs(stream, first, seals[first]));
            }

            var step = Math.Max(1, seals.Count / CheckedADay);
            heads.AddRange(seals.Where((_, i) => (seals.Count - 1 - i) % step == 0).SelectMany(
                seal => seal.Ends.Select(end => new SealedHead(end.Lane, end.Number, end.Hash, seal.At))));
        }

        return (heads, wrong);
    }

    /// <summary>What of a lane's past is not there any more, or another; null where all that was sealed is.</summary>
    public static async Task<Refusal?> Lost(Lane lane, IReadOnlyList<SealedHead> heads, CancellationToken ct)
    {
        const string Sql = """
            select coalesce(encode(b.hash, 'hex'), encode(n.hash, 'hex'), '')
            from unnest($1) with ordinality as wanted (number, place)
            left join metering.block b using (number) left join metering.block_note n using (number)
            order by place
            """;
        SealedHead[] own = [.. heads.Where(one => one.Lane == lane.Number && one.Number > 0)
            .OrderBy(one => one.Number)];
        var there = await lane.Database.Texts(Sql, [Array.ConvertAll(own, one => one.Number)], ct);
        if (own.Zip(there).FirstOrDefault(one => one.First.Hash != one.Second) is not ({ } lost, var hash))
        {
            return null;
        }

        return new("meter/went-back", string.Create(CultureInfo.InvariantCulture,
            $"The journal says that it ended with block {lost.Number} at {Text.Of(lost.At)}, and ") +
            (hash.Length == 0 ? "that block is not there: its database went back, or was cut. "
                : "that block is another: its database went back, and others were written since. ") +
            "Restore a backup of it that is newer; readings that were lost are taken again when they are sent again.",
            string.Create(CultureInfo.InvariantCulture, $"block {lost.Number}"));
    }

    private static string StreamOf(LocalDate day) =>
        $"{Category}{day.ToString("uuuu-MM-dd", CultureInfo.InvariantCulture)}";

    private static long NumberOf(LocalDate day, int place) => place >> ADay == 0
        ? First + ((long)NodaTime.Period.DaysBetween(Epoch, day) << ADay) + place
        : throw new InvalidOperationException("The lanes were sealed more often on a day than seals have numbers.");

    private async Task<List<LaneHeadsEvent.Sealed>> Read(string stream, CancellationToken ct) =>
        [.. (await lanes.Journal.Read<LaneHeadsEvent>(stream, ct)).Cast<LaneHeadsEvent.Sealed>()];

    /// <summary>Some seals of a day, the first of which is 1: a server makes one each minute, for ever.</summary>
    private async Task<List<LaneHeadsEvent.Sealed>> Read(
        string stream, IEnumerable<int> wanted, CancellationToken ct) =>
    [
        .. (await lanes.Journal.Read<LaneHeadsEvent>(stream, [.. wanted.Select(version => (long)version)], ct))
            .Cast<LaneHeadsEvent.Sealed>(),
    ];

    private async Task<LaneHeadsEvent.Sealed> Find(long number, CancellationToken ct)
    {
        var day = Epoch.PlusDays((int)((number - First) >> ADay));
        var place = (int)((number - First) & ((1 << ADay) - 1));
        return await Read(StreamOf(day), [place + 1], ct) is [var seal] ? seal
            : throw new InvalidOperationException("The journal lacks a seal of lanes that a close names.");
    }

    private static async Task<List<LaneHeadsEvent.End>> Ends(LaneMap map, CancellationToken ct)
    {
        var ends = new List<LaneHeadsEvent.End>();
        foreach (var lane in map.Lanes)
        {
            await using var connection = await lane.Database.OpenConnectionAsync(ct);
            var head = await Head.Read(connection, ct);
            ends.Add(new(lane.Number, head.Number, Convert.ToHexStringLower(head.Hash)));
        }

        return ends;
    }
}
