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
    public const string UnknownDatabase = "lanes/unknown-database";
    public const string Connection = "lanes/connection";

    /// <summary>Some have moved, and nobody told this server where to.</summary>
    public static readonly Refusal NotHere = new(
        Elsewhere,
        "Readings that were taken here live in another database, and this server has no databases.yaml that says " +
        "where. Give it the file that the other servers have.");

    private const int Tries = 100;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private static readonly Dictionary<int, Refusal> NoneMissing = [];

    private readonly ConcurrentDictionary<(int, string), Lane> _opened = new();
    private readonly LaneDatabases _databases;
    private readonly PostgresJournal _journal;
    private readonly LaneHost _host;
    private LaneMap _last;
    private volatile bool _isOn;

    public LaneSet(Lane home, LaneDatabases databases, LaneHost host)
    {
        (_databases, _host, _journal) = (databases, host, new(host.Ledger, host.Clock));
        _last = new(0, LaneBook.Fold.Initial, [home], NoneMissing);
        (_isOn, Heads) = (databases.AreNamed, new(this));
    }

    /// <summary>The lanes as they were known last: a commit in one that is no more is refused there.</summary>
    public LaneMap Last => Volatile.Read(ref _last);

    public LaneHost Host => _host;
    public LaneDatabases Databases => _databases;

    /// <summary>What the journal says of the ends of lanes.</summary>
    public LaneHeads Heads { get; }

    /// <summary>Whether the settings of this server name databases of lanes; they may come after its start.</summary>
    public bool IsOn => _isOn || (_isOn = _databases.AreNamed);
    public PostgresJournal Journal => _journal;
    public Lane Home => Last.Home;

    /// <summary>The lanes as they are known, asked for at first only.</summary>
    public ValueTask<LaneMap> Known(CancellationToken ct) =>
        !_isOn || Last is { Version: > 0, Missing.Count: 0 } ? ValueTask.FromResult(Last) : new(Now(ct));

    /// <summary>The lanes as they are now.</summary>
    public async Task<LaneMap> Now(CancellationToken ct)
    {
        var last = Last;
        if (!_isOn)
        {
            return last;
        }

        var happened = await _journal.Read<LaneEvent>(LaneBook.Fold.StreamOf(LaneBook.Id), last.Version, ct);
        if (happened.Count == 0 && last.Missing.Count == 0)
        {
            return last;
        }

        var next = Map(last.Version + happened.Count, happened.Aggregate(last.Book, LaneBook.Fold.Evolve));
        while (Last is var current && (current.Version < next.Version ||
            (current.Version == next.Version && next.Missing.Count < current.Missing.Count)))
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
        if (!IsOn)
        {
            throw new RefusedException(NotHere);
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

    /// <summary>No lane is asked for anything here: one that is away stops its own landlords only.</summary>
    private LaneMap Map(long version, LaneBook book)
    {
        var (lanes, missing) = (new List<Lane> { Home }, new Dictionary<int, Refusal>());
        foreach (var entry in book.Lanes.Values)
        {
            try
            {
                lanes.Add(Open(entry, book.Lanes.Count));
            }
            catch (RefusedException e)
            {
                missing[entry.Number] = e.Refusal; // Said to whoever asks for that lane; looked for again each time.
            }
        }

        return new(version, book, lanes, missing);
    }

    private Lane Open(LaneEntry entry, int lanes) => _opened.GetOrAdd((entry.Number, entry.Database), _ => new(
        entry.Number, entry.Name, _databases.Pool(entry.Database), _host with
        {
            ReadingsInMemory = DedupIndex.Among(_host.ReadingsInMemory, lanes + 1),
        },
        () => IsIn(entry)));

    /// <summary>Whether a lane is in a database still: whoever was told so long ago may be wrong.</summary>
    private async Task<bool> IsIn(LaneEntry entry) =>
        (await Now(CancellationToken.None)).Book.Lanes.GetValueOrDefault(entry.Number)?.Database == entry.Database;
}
