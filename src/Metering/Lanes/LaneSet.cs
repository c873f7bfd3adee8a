using System.Collections.Concurrent;
using Exchange.Journal;

namespace Exchange.Metering;

/// <summary>
/// The lanes of an exchange as the journal says them. Where the settings name no database of a lane there is home
/// alone, and nobody is asked.
/// </summary>
internal sealed class LaneSet
{
    public const string Moving = "lanes/moving";
    public const string Elsewhere = "lanes/elsewhere";

    /// <summary>Some have moved, and nobody told this server where to.</summary>
    public static readonly Refusal NotHere = new(
        Elsewhere,
        "Readings that were taken here live in another database, and this server has no databases.yaml that says " +
        "where. Give it the file that the other servers have.");

    private const int Tries = 100;
    private const int OpenedAtOnce = 8;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentDictionary<(int, string), Lazy<Task<Lane>>> _opened = new();
    private readonly LaneDatabases _databases;
    private readonly PostgresJournal _journal;
    private readonly LaneHost _host;
    private LaneMap _last;
    private volatile bool _isOn;

    public LaneSet(Lane home, LaneDatabases databases, LaneHost host)
    {
        (_databases, _host, _journal) = (databases, host, new(host.Ledger, host.Clock));
        _last = new(0, LaneBook.Fold.Initial, [home]);
        (_isOn, Heads) = (databases.AreNamed, new(this));
    }

    /// <summary>The lanes as they were known last: a commit in one that is no more is refused there.</summary>
    public LaneMap Last => Volatile.Read(ref _last);

    public LaneHost Host => _host;
    public LaneDatabases Databases => _databases;

    /// <summary>What the journal says of the ends of lanes.</summary>
    public LaneHeads Heads { get; }

    /// <summary>Whether the settings of this server name databases of lanes.</summary>
    public bool IsOn => _isOn;
    public PostgresJournal Journal => _journal;
    public Lane Home => Last.Lanes[0];

    /// <summary>The lanes as they are known, asked for at first only.</summary>
    public ValueTask<LaneMap> Known(CancellationToken ct) =>
        !_isOn || Last.Version > 0 ? ValueTask.FromResult(Last) : new(Now(ct));

    /// <summary>The lanes as they are now.</summary>
    public async Task<LaneMap> Now(CancellationToken ct)
    {
        var last = Last;
        if (!_isOn)
        {
            return last;
        }

        var happened = await _journal.Read<LaneEvent>(LaneBook.Fold.StreamOf(LaneBook.Id), last.Version, ct);
        if (happened.Count == 0)
        {
            return last;
        }

        var book = happened.Aggregate(last.Book, LaneBook.Fold.Evolve);
        LaneEntry[] entries = [.. book.Lanes.Values];
        var lanes = new Lane[1 + entries.Length];
        lanes[0] = last.Lanes[0];
        await Parallel.ForAsync(0, entries.Length, new ParallelOptions
        {
            CancellationToken = ct,
            MaxDegreeOfParallelism = OpenedAtOnce,
        }, async (i, ct) => lanes[i + 1] = await Open(entries[i], entries.Length, ct));
        var next = new LaneMap(last.Version + happened.Count, book, lanes);
        while (Last is var current && current.Version < next.Version)
        {
            Interlocked.CompareExchange(ref _last, next, current);
        }

        return Last;
    }

    /// <summary>The lanes once something of them changed: a landlord was not where it was looked for.</summary>
    /// <param name="tried">How often it was so by now.</param>
    /// <exception cref="RefusedException">It takes too long, or this server knows no databases of lanes.</exception>
    public async Task<LaneMap> After(LaneMap before, int tried, CancellationToken ct)
    {
        if (!_isOn)
        {
            _isOn = _databases.AreNamed ? true : throw new RefusedException(NotHere);
        }

        var now = await Now(ct);
        if (now.Version == before.Version)
        {
            await Task.Delay(tried < Tries ? Pause : throw IsMoving(), ct);
        }

        return now;
    }

    public static RefusedException IsMoving() => new(new(
        Moving, "Readings are being moved to another database just now. Ask again in a moment."));

    private async Task<Lane> Open(LaneEntry entry, int lanes, CancellationToken ct)
    {
        var opened = _opened.GetOrAdd((entry.Number, entry.Database), _ => new(async () => new(
            entry.Number, entry.Name, await _databases.Open(entry.Database, ct), _host with
            {
                ReadingsInMemory = DedupIndex.Among(_host.ReadingsInMemory, lanes + 1),
            })));
        try
        {
            return await opened.Value;
        }
        catch
        {
            _opened.TryRemove(new((entry.Number, entry.Database), opened));
            throw;
        }
    }
}
