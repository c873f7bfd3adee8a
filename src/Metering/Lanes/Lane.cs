using NodaTime;
using Npgsql;

namespace Exchange.Metering;

/// <summary>What all lanes of a process have in common.</summary>
/// <param name="Ledger">Where the journal is.</param>
/// <param name="Patience">How long another may hold the head and take no answer; as a turn says, usually.</param>
internal sealed record LaneHost(
    NpgsqlDataSource Ledger, IClock Clock, int ReadingsInMemory = DedupIndex.ReadingsInMemory,
    TimeSpan? Patience = null);

/// <summary>
/// A meter of its own in one database: head, chain, names, index, pages. To others its pages and blocks are told with
/// the number of the lane in front, so that no two lanes have the same; home, the ledger's own, has none in front.
/// </summary>
internal sealed class Lane
{
    /// <summary>A lane has so many pages at most: names are numbered by 32 bits, and a page is 256 of them.</summary>
    private const int PageBits = 23;

    public const int MaxNumber = (1 << (31 - PageBits)) - 1;

    /// <param name="isHere">Whether it is in this database still, as the journal says; null for one that stays.</param>
    public Lane(int number, string name, NpgsqlDataSource database, LaneHost host, Func<Task<bool>>? isHere = null)
    {
        (Number, Name, Database) = (number, name, database);
        Intake = new(database, host.ReadingsInMemory, host.Patience, isHere);
        (Folding, Usage) = (new(database, Intake), new(database, Intake));
        Quarantine = new(database, host.Ledger, host.Clock);
    }

    public int Number { get; }
    public string Name { get; }
    public bool IsHome => Number == 0;
    public NpgsqlDataSource Database { get; }
    public Intake Intake { get; }
    public Folding Folding { get; }
    public UsageStore Usage { get; }
    public QuarantineTable Quarantine { get; }

    /// <summary>The page of the lane as others call it.</summary>
    public int PageOf(int own) => own >> PageBits == 0
        ? (Number << PageBits) | own
        : throw new InvalidOperationException($"The lane '{Name}' has more resources than a lane can have.");

    /// <summary>The block of the lane as others call it.</summary>
    public long BlockOf(long own) => BlockNumber.Of(Number, own);

    public static int OwnPage(int page) => page & ((1 << PageBits) - 1);
    public static int NumberOfPage(int page) => page >> PageBits;
}
