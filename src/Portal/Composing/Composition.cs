using System.Reflection;
using Exchange.Facts;
using Exchange.Invoicing;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Published;
using Exchange.Invoicing.Reading;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Exchange.Market.Quotes;
using Exchange.Market.Reading;
using Exchange.Metering;
using Exchange.Portal.Audit;
using Exchange.Portal.Budgets;
using Exchange.Portal.Commands;
using Exchange.Portal.Keys;
using Exchange.Portal.Webhooks;
using Exchange.Rating;
using NodaTime;
using Npgsql;

namespace Exchange.Portal;

/// <summary>The one place where the parts of the exchange are put together over a database.</summary>
internal sealed class Composition : IAsyncDisposable
{
    private readonly DatabasePools _pools;
    private readonly LaneDatabases _lanes;

    private Composition(DataLocation place, string connection, DatabasePools pools, IClock clock)
    {
        (_pools, Connection) = (pools, connection);
        var database = pools.Work;
        Place = place;
        Clock = clock;
        Journal = new PostgresJournal(database, clock);
        Kept = new StateCache(Journal);
        Prices = new PricesNow(Journal);
        Offers = new OffersNow(Journal);
        Standings = new Standings(() => Sources, Prices);
        Audit = new AuditLog(Journal, clock);
        _lanes = new(() => LaneFile.Read(place));
        Meter = new Meter(database, clock, MemoryLimit.OfProcess, _lanes);
        Late = new LateNow(() => Sources, Prices, Meter);
        People = new People(Kept, () => Institutions);
        Keys = new KeyRing(Journal, database);
        Projections = new Projections(database, Journal,
            [new KeyList(), new AuditTrail(), new BudgetList(),
                new InvoiceTables(), new WebhookList(), new PartyTables(), new MarketTables(), new OrderTables()]);
        Commands = new CommandExecutor(Journal, Audit, Projections, clock);
    }

    /// <summary>The modules with tables, in the order in which they may refer to each other.</summary>
    public static IReadOnlyList<Assembly> Modules { get; } =
    [
        typeof(IJournal).Assembly, typeof(Meter).Assembly, typeof(Charge).Assembly,
        typeof(SavedQuote).Assembly, typeof(Invoice).Assembly,
        typeof(Composition).Assembly,
    ];

    public DataLocation Place { get; }

    /// <summary>How to reach the database, for what opens connections of its own; with the password.</summary>
    public string Connection { get; }

    /// <summary>Whoever has one of its connections waits for no other connection.</summary>
    public NpgsqlDataSource Database => _pools.Work;

    /// <summary>What jobs hold while they wait for work that is done over the other connections.</summary>
    public NpgsqlDataSource JobDatabase => _pools.Jobs;

    /// <summary>What Hangfire alone uses.</summary>
    public NpgsqlDataSource ScheduleDatabase => _pools.Schedule;

    /// <summary>What viewers see; whoever has one of these may wait for one of the others.</summary>
    public NpgsqlDataSource Views => _pools.Views;

    /// <summary>For asking whether the database answers.</summary>
    public NpgsqlDataSource Probe => _pools.Probe;

    /// <summary>What is done by one at a time, here and in other processes.</summary>
    public DatabaseLocks Locks => _pools.Locks;

    public IClock Clock { get; }
    public PostgresJournal Journal { get; }
    public StateCache Kept { get; }

    /// <summary>Price books and agreements, as new as the journal.</summary>
    public PricesNow Prices { get; }

    /// <summary>On what terms each landlord offers what it sells, as new as the journal.</summary>
    public OffersNow Offers { get; }

    /// <summary>How programs stand, at most a minute old.</summary>
    public Standings Standings { get; }

    /// <summary>What came to closed months, as new as the journal and the meter.</summary>
    public LateNow Late { get; }
    public AuditLog Audit { get; }
    public KeyRing Keys { get; }
    public Meter Meter { get; }

    /// <summary>What was published of programs, institutions and landlords, as last read.</summary>
    public PublishedFacts Facts { get; private set; } = PublishedFacts.Nothing;

    /// <summary>The institutions, by which people are known.</summary>
    public Institutions Institutions => Facts.Institutions;

    /// <summary>Who answers for projects.</summary>
    public People People { get; }

    /// <summary>The landlords and what was agreed with them.</summary>
    public Landlords Landlords => Facts.Landlords;
    public IReadOnlyList<Programme> Programmes => Facts.Programmes;
    public Projections Projections { get; }

    /// <summary>The signed heads of the journal, to be handed out.</summary>
    public HeadFiles Heads => new(Place.Data, Place.Database);

    /// <summary>What every page, route and verb runs its command with.</summary>
    public CommandExecutor Commands { get; }

    /// <summary>What billing reads; it reads published facts again when it works.</summary>
    public Sources Sources => new(Meter, Journal, Database, Institutions, Landlords, Programmes)
    {
        Billability = Facts.Billability,
        Profiles = Facts.Profiles,
        Facts = Facts,
    };

    /// <summary>Reads what was published meanwhile, by whichever process.</summary>
    public async Task ReadFacts(CancellationToken ct)
    {
        var facts = await Kept.State(DatedFacts.Fold, DatedFacts.Id, ct);
        if (!ReferenceEquals(facts, Facts.Facts))
        {
            Facts = PublishedFacts.Of(facts);
        }
    }

    /// <summary>Starts the embedded database where none is named, upgrades its tables, and fills a new one.</summary>
    public static async Task<Composition> Open(DataLocation place, IClock clock, CancellationToken ct)
    {
        var connection = place.Database ?? (await EmbeddedPostgres.Open(place.Data, ct)).ConnectionString;
        var pools = DatabasePools.Open(connection);
        try
        {
            await Schema.Upgrade(pools.Work, Modules, ct);
            var exchange = new Composition(place, connection, pools, clock);
            await Seeding.Run(exchange, ct);
            await exchange.ReadFacts(ct);
            return exchange;
        }
        catch
        {
            await pools.DisposeAsync();
            throw;
        }
    }

    /// <summary>Forgets connections to a database that is gone.</summary>
    public void ForgetConnections() => _pools.Clear();

    public async ValueTask DisposeAsync()
    {
        await Audit.DisposeAsync();
        Late.Dispose();
        Standings.Dispose();
        await _lanes.DisposeAsync();
        await _pools.DisposeAsync();
    }
}
