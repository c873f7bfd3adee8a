using System.Reflection;
using Exchange.Invoicing;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Parties;
using Exchange.Invoicing.Reading;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Portal.Audit;
using Exchange.Portal.Budgets;
using Exchange.Portal.Commands;
using Exchange.Portal.Funds;
using Exchange.Portal.Keys;
using Exchange.Portal.Webhooks;
using Exchange.Rating;
using NodaTime;
using Npgsql;

namespace Exchange.Portal;

/// <summary>The one place where the parts of the exchange are put together over a database.</summary>
internal sealed class Composition : IAsyncDisposable
{
    private Composition(Place place, NpgsqlDataSource database, IClock clock)
    {
        Place = place;
        Database = database;
        Clock = clock;
        Journal = new PostgresJournal(database, clock);
        Kept = new KeptStates(Journal);
        Audit = new AuditLog(Journal, clock);
        Meter = new Meter(database, clock);
        Institutions = Place.Pricing is { } pricing && Path.Combine(pricing, "institutions.yaml") is var list
            ? Institutions.Parse(File.ReadAllText(list), list)
            : Institutions.None;
        People = new People(Kept, Institutions);
        Landlords = Place.Pricing is { } terms && Path.Combine(terms, "landlords.yaml") is var landlords
            ? Landlords.Parse(File.ReadAllText(landlords), landlords)
            : Landlords.None;
        Programmes = Place.Pricing is { } home ? ProgrammeFile.ReadAll(Path.Combine(home, "programmes")) : [];
        Keys = new KeyRing(Journal, database, clock);
        Webhooks = new WebhookBook(Journal, database, clock);
        Projections = new Projections(database, Journal,
            [new KeyList(), new AuditTrail(), new BudgetList(),
                new InvoiceTables(), new WebhookList(), new PartyTables()]);
        Commands = new CommandExecutor(Journal, Audit, Projections, clock);
    }

    /// <summary>The modules with tables, in the order in which they may refer to each other.</summary>
    public static IReadOnlyList<Assembly> Modules { get; } =
    [
        typeof(IJournal).Assembly, typeof(Meter).Assembly, typeof(Charge).Assembly, typeof(Invoice).Assembly,
        typeof(Composition).Assembly,
    ];

    public Place Place { get; }
    public NpgsqlDataSource Database { get; }
    public IClock Clock { get; }
    public PostgresJournal Journal { get; }
    public KeptStates Kept { get; }
    public AuditLog Audit { get; }
    public KeyRing Keys { get; }
    public WebhookBook Webhooks { get; }
    public Meter Meter { get; }

    /// <summary>The institutions of the exchange's own list, by which people are known.</summary>
    public Institutions Institutions { get; }

    /// <summary>Who answers for projects.</summary>
    public People People { get; }

    /// <summary>The landlords and what was agreed with them.</summary>
    public Landlords Landlords { get; }
    public IReadOnlyList<Programme> Programmes { get; }
    public Projections Projections { get; }

    /// <summary>What every page, route and verb runs its command with.</summary>
    public CommandExecutor Commands { get; }

    /// <summary>What billing reads.</summary>
    public Sources Sources => new(Meter, Journal, Database, Institutions, Landlords, Programmes);

    /// <summary>Starts the embedded database where none is named, upgrades its tables, and fills a new one.</summary>
    public static async Task<Composition> Open(Place place, IClock clock, CancellationToken ct)
    {
        var connection = place.Database ?? (await EmbeddedPostgres.Open(place.Data, ct)).ConnectionString;
        var database = Connect(connection);
        try
        {
            await Schema.Upgrade(database, Modules, ct);
            var exchange = new Composition(place, database, clock);
            await Founding.Run(exchange, ct);
            return exchange;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }

    private static NpgsqlDataSource Connect(string connection)
    {
        try
        {
            return NpgsqlDataSource.Create(connection);
        }
        catch (ArgumentException e)
        {
            throw new RefusedException(new(
                "usage/connection-string",
                $"{e.Message} Write it like 'Host=db.example.org;Username=exchange;Database=exchange'.", "--database"));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Audit.DisposeAsync();
        await Database.DisposeAsync();
    }
}
