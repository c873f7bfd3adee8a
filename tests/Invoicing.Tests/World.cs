using System.Globalization;
using Exchange.Facts;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Explaining;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Profiles;
using Exchange.Invoicing.Published;
using Exchange.Invoicing.Reading;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Rating;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// A whole exchange on a database of its own: two landlords with a sheet each, projects with PIs, and whatever usage
/// a test reports. Its clock stands still until it is moved.
/// </summary>
internal sealed class World : IAsyncDisposable, IClock
{
    public static readonly BillingMonth July = new(2026, 7);
    public static readonly BillingMonth September = new(2026, 9);
    public static readonly BillingMonth October = new(2026, 10);
    public static readonly Instant Later = Instant.FromUtc(2026, 11, 3, 9, 0);

    public const string Sheets = """
        landlord: nerc
        service: openstack
        clusters: [stack]
        from: 2026-01
        currency: USD
        skus:
          - name: OpenStack CPU
            unit: SU-hour
            rate: "0.013"
            counts: bundle
            bundle: {vcpu: "1", ram_mib: "4096"}
            per: hour
            match: {kind: vm, gpu: none}
          - name: OpenStack GPUA100
            unit: SU-hour
            rate: "1.803"
            counts: bundle
            bundle: {vcpu: "24", ram_mib: "75776", gpu: "1"}
            per: hour
            match: {kind: vm, gpu: any, gpu_model: a100}
        examples:
          - name: a server for ten hours
            usage:
              - {kind: vm, hours: "10", shape: {vcpu: "2", ram_mib: "4096"}}
            total: "0.26"
          - name: a GPU for an hour
            usage:
              - {kind: vm, hours: "1", shape: {vcpu: "24", ram_mib: "75776", gpu: "1", gpu_model: a100}}
            total: "1.80"
        """;

    public const string Storage = """
        landlord: blockbank
        service: block-storage
        clusters: [blockbank-1]
        from: 2026-01
        currency: USD
        skus:
          - name: Block volume
            unit: GiB-hour
            rate: "0.00009"
            counts: dimension
            dimension: storage_gib
            per: hour
            match: {kind: volume}
          - name: Egress
            unit: GiB
            rate: "0"
            counts: meter
            meter: egress
            match: {kind: volume}
        examples:
          - name: a volume
            usage:
              - {kind: volume, hours: "720", shape: {storage_gib: "1024"}}
            total: "66.36"
        """;

    private int _reported;

    private World(NpgsqlDataSource database, LaneDatabases? lanes)
    {
        Database = database;
        Journal = new PostgresJournal(database, this);
        Meter = new Meter(database, this, lanes: lanes);
    }

    public Instant Now { get; set; } = Later;
    public NpgsqlDataSource Database { get; }
    public IJournal Journal { get; set; }
    public Meter Meter { get; }
    public List<Programme> Programmes { get; } =
    [
        Closing.Books.Promotion("new-pi", 1_000m, 2, 10, "OpenStack GPU*"),
        new("bu-subsidy", ProgrammeKind.Subsidy, null, "bu-research-it", 30, true,
        [
            new(new(2020, 1), null, new Money(10_000), 1, false, ["Boston University"], [], ProgrammeShare.InOrder, []),
        ]),
    ];

    public Landlords Landlords { get; set; } = new(
    [
        new(new("blockbank"), "Block Bank", false, [new(new(2020, 1), 0.03m)]),
        new(new("nerc"), "New England Research Cloud", false, []),
    ]);

    /// <summary>Whether billing reads what was published, instead of what stands here.</summary>
    public bool Publishes { get; set; }

    public Sources Sources => new(Meter, Journal, Database, Institutions, Landlords, Programmes)
    {
        Billability = Billability,
        Profiles = Profiles,
        Facts = Publishes ? PublishedFacts.Nothing : null,
    };

    public BillingProfiles Profiles { get; set; } = BillingProfiles.None;

    public Billability Billability { get; set; } = Billability.Everything;

    /// <summary>Publishes files, as 'exchange directory publish' does.</summary>
    public async Task<PublishFacts.FactsPublished> Publish(string yaml, LocalDate? from = null) => await PublishFacts.Run(
        Journal, [FactFiles.Read(yaml, "file.yaml")!], from,
        await PublishedFacts.Context(Journal, "test", Now, false, Ct), PublishedFacts.Check, Ct);

    public Institutions Institutions { get; set; } = Closing.Books.Institutions;

    public static CancellationToken Ct => TestContext.Current.CancellationToken;

    public Instant GetCurrentInstant() => Now;

    public static async Task<World> Start(LaneDatabases? lanes = null)
    {
        var world = new World(await TestDatabase.New(
            typeof(IJournal).Assembly, typeof(Meter).Assembly, typeof(Charge).Assembly, typeof(Invoice).Assembly), lanes);
        var published = await PublishPrices.Run(
            world.Journal, [new("openstack.yaml", Sheets), new("storage.yaml", Storage)], PricePublishContext.Nothing,
                "test",
            Instant.FromUtc(2026, 1, 1, 0, 0), Ct);
        Assert.Empty(published.Refusals);
        await world.Told("""
            cluster,project,name,pi
            stack,p-ada,Ada's genomes,ada@bu.edu
            blockbank-1,v-ada,Ada's volumes,ada@bu.edu
            stack,p-bob,=Bob & co,bob@elsewhere.edu
            """);
        return world;
    }

    public Task Told(string projects) => ImportProjects.Run(Journal, projects + "\n", "projects.csv", "test", Now, Ct);

    /// <summary>Reports that a server of so many vCPU ran for so many hours from a day of a month on.</summary>
    public Task Ran(string project, BillingMonth month, int day, int hours, int vcpu = 4, bool gpu = false) => Report(
        new ResourceId(new("nerc"), new("stack"), "vm", $"vm-{++_reported}"), project, month, day, hours,
        gpu
            ? Shape.Of([new("vcpu", "24"), new("ram_mib", "75776"), new("gpu", "1"), new("gpu_model", "a100")])
            : Shape.Of([new("vcpu", vcpu.ToString(CultureInfo.InvariantCulture)), new("ram_mib", "4096")]));

    public Task Stored(string project, BillingMonth month, int gib) => Report(
        new ResourceId(new("blockbank"), new("blockbank-1"), "volume", $"volume-{++_reported}"), project, month, 1, 240,
        Shape.Of([new("storage_gib", gib.ToString(CultureInfo.InvariantCulture))]));

    public async Task<CloseMonth.CloseOutcome> Close(BillingMonth month, params string[] accepted)
    {
        await CatchUp();
        var outcome = await CloseMonth.Commit(
            Sources, month, "corrected", accepted.ToHashSet(StringComparer.Ordinal), "test", Now, Ct);
        await CatchUp();
        return outcome;
    }

    public Task CatchUp() => new Projections(
        Database, new PostgresJournal(Database, this), [new InvoiceTables(), new PartyTables()]).CatchUp(Ct);

    /// <summary>Everybody owes what their documents say, the books add up, and closes keep what they billed.</summary>
    public async Task<VerifyBooks> HoldBooks()
    {
        await CorrectingInvoices.KeepsWhatIsOwed(this);
        return await VerifyWhatIsKept();
    }

    /// <summary>The books add up, and closes keep what they billed.</summary>
    public async Task<VerifyBooks> VerifyWhatIsKept()
    {
        var books = new VerifyBooks();
        foreach (var recorded in await Journal.ReadAll(0, 10_000, Ct))
        {
            books.Add(recorded);
        }

        Assert.Equal([], books.Finish());
        Assert.Equal([], await VerifyKept.Run(Database, books.Months, books.LinesOf, Ct));
        return books;
    }

    public ValueTask DisposeAsync() => Database.DisposeAsync();

    private async Task Report(
        ResourceId resource, string project, BillingMonth month, int day, int hours, Shape shape)
    {
        var from = month.Start + Duration.FromDays(day - 1);
        var outcome = await Meter.Ingest([new Metering.Reading
        {
            Source = "urn:test",
            Id = resource.ToString(),
            Type = ReadingType.Interval,
            Resource = resource,
            Project = new(project),
            From = from,
            To = from + Duration.FromHours(hours),
            State = ResourceState.Running,
            Shape = shape,
        }], Ct);
        Assert.Equal(1, outcome.Accepted);
    }
}
