using Exchange.Invoicing.Payouts;
using Exchange.Invoicing.Reading;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// Whoever stands behind a seller is paid: wholesale, composite services and subleases. Seen to fail when a settlement
/// ended with the landlord who sold, and nobody behind it got anything.
/// </summary>
public class TransfersBetweenSellers
{
    private const string Front = """
        landlord: proxco
        service: objects
        clusters: [o1]
        from: 2026-01
        skus:
          - name: Objects
            unit: GiB-hour
            rate: "0.0001"
            counts: meter
            meter: storage_gib_hours
            match: {kind: bucket}
            wholesale: {rate: "0.00006",
                behind: [{landlord: stora, meter: object_gib}, {landlord: storb, meter: object_gib}]}
        examples:
          - {name: a bucket, usage: [{kind: bucket, meter: storage_gib_hours, quantity: "100000"}], total: "10.00"}
        """;

    private const string Broker = """
        landlord: broker
        service: compute
        clusters: [c1]
        from: 2026-01
        skus:
          - {name: VM, unit: vm-hour, rate: "0.02", counts: resource, per: hour, match: {kind: vm},
              wholesale: {payee: harvard, rate: "0.013"} }
        examples:
          - {name: a VM, usage: [{kind: vm, hours: "480"}], total: "9.60"}
        """;

    private const string Nodes = """
        landlord: mghpcc
        service: nodes
        clusters: [bm]
        from: 2026-01
        skus:
          - {name: FC430, unit: node-hour, rate: "0.85", counts: resource, per: hour, match: {kind: baremetal} }
        examples:
          - {name: a node, usage: [{kind: baremetal, hours: "10"}], total: "8.50"}
        """;

    private static string Sells(string landlord) => $$"""
        landlord: {{landlord}}
        service: archive
        clusters: [other]
        from: 2026-01
        skus:
          - {name: Archive, unit: GiB-hour, rate: "0.01", counts: dimension, dimension: storage_gib, per: hour,
              match: {kind: volume} }
        examples:
          - {name: an archive, usage: [{kind: volume, hours: "1", shape: {storage_gib: "100"} }], total: "1.00"}
        """;

    private static async Task<World> Start()
    {
        var world = await World.Start();
        var published = await PublishPrices.Run(
            world.Journal,
            [
                new("front.yaml", Front), new("broker.yaml", Broker), new("nodes.yaml", Nodes),
                .. ((string[])["stora", "storb", "harvard"]).Select(one => new PricingText($"{one}.yaml", Sells(one))),
            ], PricePublishContext.Nothing, "test", World.Later, World.Ct);
        Assert.Empty(published.Refusals);
        await world.Told("""
            cluster,project,name,pi
            o1,p-ada,Objects,ada@bu.edu
            c1,p-ada,VMs,ada@bu.edu
            bm,p-mit,Nodes,mia@mit.edu
            bm,p-sub,Nodes,ada@bu.edu
            """);
        return world;
    }

    private static async Task Uses(World world, string lessee = "p-mit")
    {
        var day = World.October.Start + Duration.FromDays(3);
        Metering.Reading Count(string landlord, string meter, decimal quantity) => new()
        {
            Source = $"urn:{landlord}",
            Id = meter,
            Type = ReadingType.Count,
            Resource = new(new(landlord), new("o1"), "bucket", "b"),
            Project = new("p-ada"),
            From = day,
            To = day,
            Meter = meter,
            Quantity = quantity,
        };
        Metering.Reading Ran(
            string landlord, string cluster, string kind, string id, string project, int from, int to, string shape) =>
            new()
            {
                Source = $"urn:{landlord}",
                Id = id,
                Type = ReadingType.Interval,
                Resource = new(new(landlord), new(cluster), kind, id),
                Project = new(project),
                From = World.October.Start + Duration.FromDays(from - 1),
                To = World.October.Start + Duration.FromDays(to - 1),
                State = ResourceState.Running,
                Shape = Shape.Parse(shape),
            };
        var outcome = await world.Meter.Ingest(
        [
            Count("proxco", "storage_gib_hours", 100_000), Count("stora", "object_gib", 300),
            Count("storb", "object_gib", 100), Ran("broker", "c1", "vm", "v", "p-ada", 1, 21, "{}"),
            Ran("mghpcc", "bm", "baremetal", "L1", lessee, 1, 32, """{"node":"N1"}"""),
            Ran("mghpcc", "bm", "baremetal", "L2", "p-sub", 10, 20, """{"node":"N1","parent_lease":"L1"}"""),
        ], World.Ct);
        Assert.Equal(6, outcome.Accepted);
    }

    [Fact]
    public async Task Whoever_is_behind_a_seller_is_paid_and_each_transfer_stands_twice()
    {
        await using var world = await Start();
        await Uses(world);
        await world.Close(World.October);

        Assert.Equal(
            [
                "broker 9.60 USD 3.36 USD", "harvard 0.00 USD 6.24 USD", "mghpcc 836.40 USD 632.40 USD",
                "project:p-mit 0.00 USD 204.00 USD", "proxco 10.00 USD 4.00 USD", "stora 0.00 USD 4.50 USD",
                "storb 0.00 USD 1.50 USD",
            ], await Settled(world));
        var settlements = await All(world);
        var transfers = settlements.SelectMany(one => one.Transfers.Select(of => (From: one.Landlord, of))).ToList();
        Assert.Equal(8, transfers.Count);
        Assert.All(transfers, one => Assert.Single(transfers, other =>
            other.From == one.of.With && other.of.With == one.From && other.of.Pays != one.of.Pays &&
            other.of.Amount == -one.of.Amount && other.of.Sku == one.of.Sku));
        Assert.Equal(
            ["broker -3.36", "harvard -6.24", "mghpcc -632.40", "project:p-mit -204.00", "proxco -4.00", "stora -4.50",
                "storb -1.50"],
            await Payables(world));
    }

    [Fact]
    public async Task A_void_invoice_takes_back_what_went_to_those_behind_it()
    {
        await using var world = await Start();
        await Uses(world);
        var closed = await world.Close(World.October);
        foreach (var number in closed.Numbers)
        {
            await world.Journal.Execute(new VoidInvoice(world.Sources, number, "wrong"), world.Now, World.Ct);
        }

        await world.CatchUp();
        Assert.All(await Settled(world), one => Assert.EndsWith(" 0.00 USD 0.00 USD", one, StringComparison.Ordinal));
        Assert.Empty(await Payables(world));
    }

    /// <summary>
    /// A project may have the name of a landlord, here of the one whose node it sublets. Seen to fail when both were one
    /// payee: the landlord kept what the project had earned, and neither settlement had a transfer.
    /// </summary>
    [Fact]
    public async Task A_project_is_not_taken_for_the_landlord_of_its_name()
    {
        await using var world = await Start();
        await world.Told("cluster,project,name,pi\nbm,mghpcc,Nodes,mia@mit.edu\n");
        await Uses(world, lessee: "mghpcc");
        await world.Close(World.October);
        Assert.Equal(
            ["mghpcc 836.40 USD 632.40 USD", "project:mghpcc 0.00 USD 204.00 USD"],
            (await Settled(world)).Where(one => one.Contains("mghpcc", StringComparison.Ordinal)));
        (PayeeName Payee, string Total, int Lines)[] expected =
            [(new("landlord", "mghpcc"), "632.40 USD", 2), (PayeeName.Of(new("mghpcc")), "204.00 USD", 1)];
        foreach (var (payee, total, lines) in expected)
        {
            var statement = await PayeeStatement.Read(world.Journal, world.Database, payee, World.October, World.Ct);
            Assert.Equal((total, lines), (statement.Total.ToString(), statement.Lines.Count));
            Assert.Equal(total, Assert.Single(
                await PayeeList.Run(world.Database, World.Ct), row => row.Payee == payee).Open.ToString());
            await world.Journal.Execute(
                new RecordPayout(world.Database, world.Journal, payee, "t-1", statement.Total, null, World.October),
                world.Now, World.Ct);
        }

        await world.CatchUp();
        Assert.All(
            (await PayeeList.Run(world.Database, World.Ct)).Where(row => row.Payee.Name == "mghpcc"),
            row => Assert.Equal(Money.Zero, row.Open));
        Assert.Equal("yaml/bad-value", Assert.Throws<RefusedException>(() => Landlords.Parse(
            "landlords:\n  - {name: \"project:p-mit\", title: T, terms: []}\n", "l.yaml")).Refusal.Code);
        Assert.Equal("yaml/bad-value", Assert.Throws<RefusedException>(() => SheetReader.Read(
            Sells("\"Project:p-mit\""), "s.yaml")).Refusal.Code);
    }

    [Fact]
    public async Task Two_lines_of_one_composite_are_told_apart()
    {
        await using var world = await Start();
        await Uses(world);
        await world.Close(World.October);
        var lines = (await BilledLines.InvoicedIn(world.Database, World.October, World.Ct)).SelectMany(of => of)
            .Select(line => line.Title).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(["FC430", "FC430, sublet by p-mit", "Objects, by stora", "Objects, by storb", "VM"], lines);
    }

    private static async Task<IReadOnlyList<Settlement>> All(World world)
    {
        await using var connection = await world.Database.OpenConnectionAsync(World.Ct);
        var found = new List<Settlement>();
        foreach (var row in await SettlementList.Run(connection, new(World.October), World.Ct))
        {
            var told = await SettledIn.Run(world.Journal, world.Database, World.October, null, World.Ct);
            Assert.Equal(row.Payable, told.Single(one => one.Landlord == row.Landlord).Payable);
            found.Add(Settlement.Fold.Of(await world.Journal.Read<SettlementEvent>(
                Settle.StreamOf(row.Landlord, World.October), World.Ct)));
        }

        return found;
    }

    private static async Task<string[]> Settled(World world) =>
        [.. (await All(world)).Select(one => $"{one.Landlord} {one.Gross} {one.Payable}")];

    private static async Task<string[]> Payables(World world)
    {
        await using var command = world.Database.CreateCommand("""
            select regexp_replace(account, '^payable:(landlord:)?', '') || ' ' || (sum(cents) / 100.0)::numeric(12, 2)
            from invoicing.posting where account like 'payable:%'
            group by account having sum(cents) <> 0 order by 1
            """);
        await using var rows = await command.ExecuteReaderAsync(World.Ct);
        var found = new List<string>();
        while (await rows.ReadAsync(World.Ct))
        {
            found.Add(rows.GetString(0));
        }

        return [.. found];
    }
}
