using Exchange.Invoicing.Explaining;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Quotes;
using Exchange.Metering;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// Months with agreements are closed: the bill is the accepted quote to the cent, whatever sheets do before the close
/// and after it, and corrections keep the agreed prices.
/// </summary>
public class AgreementsInClosedMonths
{
    private static readonly BillingMonth November = new(2026, 11);
    private static readonly Instant Before = Instant.FromUtc(2026, 10, 1, 0, 0);

    private static readonly Shape Server = Shape.Parse("""{"vcpu":"4","ram_mib":"4096"}""");

    [Fact]
    public async Task The_bill_is_the_accepted_quote_and_what_sheets_do_later_changes_nothing()
    {
        await using var world = await World.Start();
        var quote = await Agree(world, hours: 400);
        Assert.Equal("20.80 USD", $"{quote.Total}"); // 4 SU x 400 h x 0.013.
        await Raise(world, "2026-10-05", "0.02");
        await world.Ran("p-bob", World.October, 1, 400);
        await world.Ran("p-ada", World.October, 10, 100);
        await world.Close(World.October);

        Assert.Equal([$"OpenStack CPU, agreed in {quote.Id} 20.80 USD"], await Lines(world, "bob@elsewhere.edu"));
        Assert.Equal(["OpenStack CPU 8.00 USD"], await Lines(world, "ada@bu.edu"));
        await Holds(world);

        await Raise(world, "2026-11-05", "0.03");
        world.Now = Instant.FromUtc(2026, 12, 3, 9, 0);
        await world.Close(November, "charges/none");
        Assert.Empty(await Lines(world, "bob@elsewhere.edu", November));
        await Holds(world);
    }

    [Fact]
    public async Task Late_usage_of_a_closed_month_is_at_agreed_prices_within_the_agreement_and_at_list_after_it()
    {
        await using var world = await World.Start();
        var quote = await Agree(world, hours: 400);
        await Raise(world, "2026-10-05", "0.02");
        await world.Ran("p-bob", World.October, 1, 400);
        await world.Close(World.October);
        await world.Ran("p-bob", World.October, 2, 10); // 4 x 10 x 0.013, within.
        await world.Ran("p-bob", World.October, 25, 10); // 4 x 10 x 0.02, after it.
        world.Now = Instant.FromUtc(2026, 12, 3, 9, 0);
        await world.Close(November, "charges/none");
        Assert.Equal(
            ["OpenStack CPU 0.80 USD", $"OpenStack CPU, agreed in {quote.Id} 0.52 USD"],
            await Lines(world, "bob@elsewhere.edu", November));
        await Holds(world);
    }

    [Fact]
    public async Task An_invoice_with_an_agreement_is_void_and_issued_again_with_the_same_lines()
    {
        await using var world = await World.Start();
        var quote = await Agree(world, hours: 400);
        await Raise(world, "2026-10-05", "0.02");
        await world.Ran("p-bob", World.October, 1, 400);
        var closed = await world.Close(World.October);
        await world.Journal.Execute(
            new VoidInvoice(world.Sources, Assert.Single(closed.Numbers), "the wrong address"), world.Now, World.Ct);
        world.Now = Instant.FromUtc(2026, 12, 3, 9, 0);
        await world.Close(November, "charges/none");
        Assert.Equal(
            [$"OpenStack CPU, agreed in {quote.Id} 20.80 USD"], await Lines(world, "bob@elsewhere.edu", November));
        await Holds(world);
    }

    [Fact]
    public async Task A_lease_with_a_sublease_is_billed_and_paid_out_and_everything_adds_up()
    {
        await using var world = await World.Start();
        const string Nodes = """
            landlord: mghpcc
            service: nodes
            clusters: [bm]
            from: 2026-01
            skus:
              - {name: FC430, unit: node-hour, rate: "0.75", counts: resource, per: hour, match: {kind: baremetal} }
            examples:
              - {name: a node, usage: [{kind: baremetal, hours: "10"}], total: "7.50"}
            """;
        Assert.Empty((await PublishPrices.Run(
            world.Journal, [new("nodes.yaml", Nodes)], PricePublishContext.Nothing, "test", Before, World.Ct)).Refusals);
        await world.Told("""
            cluster,project,name,pi
            bm,p-mit,Nodes,mia@mit.edu
            bm,p-sub,Nodes,bob@elsewhere.edu
            """);
        Exchange.Period October(int from, int to) => new(
            World.October.Start + Duration.FromDays(from - 1), World.October.Start + Duration.FromDays(to - 1));
        foreach (var lease in (Lease[])[
            new("L-1", new("mghpcc"), new("bm"), ["N1", "N2"], null,
                [new(new("p-mit"), World.October.Start)], October(1, 32), 0.5m, 7),
            new("L-2", new("mghpcc"), new("bm"), ["N2"], "L-1",
                [new(new("p-sub"), World.October.Start + Duration.FromDays(9))], October(10, 20), 2m, 0)])
        {
            (await world.Journal.Decide(Agreements.Fold, Agreements.Id, agreed => Leasing.Agree(
                agreed, lease, "test", Before, new HashSet<BillingMonth>()), World.Ct)).OrThrow();
        }

        await world.Close(World.October);
        Assert.Equal(["FC430, agreed in L-1 744.00 USD"], await Lines(world, "mia@mit.edu"));
        Assert.Equal(["FC430, sublet by p-mit in L-2 480.00 USD"], await Lines(world, "bob@elsewhere.edu"));
        var settled = await SettledIn.Run(world.Journal, world.Database, World.October, null, World.Ct);
        Assert.Equal(
            ["mghpcc 1224.00 USD 744.00 USD", "project:p-mit 0.00 USD 480.00 USD"],
            settled.Select(one => $"{one.Landlord} {one.Gross} {one.Payable}").Order(StringComparer.Ordinal));
        await Holds(world);
    }

    private static async Task<QuoteTerms> Agree(World world, int hours)
    {
        var books = await LoadPriceBooks.Run(world.Journal, World.Ct);
        var whose = new QuoteFor(new("p-bob"), [], []);
        var offers = Quote.Of(
            books, [new("vm", Server, Duration.FromHours(hours))], World.October.Start, whose: whose);
        var terms = await world.Journal.Execute(
            new SaveQuote(
                new(books, whose, new("bob@elsewhere.edu"), [offers.Single(one => one.Landlord.Value == "nerc")],
                    World.October.Start, 14), "bob"), Before, World.Ct);
        await world.Journal.Execute(
            new AcceptQuote(terms.Id, null, "bob", new HashSet<BillingMonth>()), Before, World.Ct);
        return terms;
    }

    private static async Task Raise(World world, string from, string rate) => Assert.Empty((await PublishPrices.Run(
        world.Journal, [new("openstack.yaml", World.Sheets.Replace("from: 2026-01", $"from: {from}", StringComparison.Ordinal)
            .Replace("rate: \"0.013\"", $"rate: \"{rate}\"", StringComparison.Ordinal)
            .Replace("total: \"0.26\"", rate == "0.02" ? "total: \"0.40\"" : "total: \"0.60\"", StringComparison.Ordinal))],
        PricePublishContext.Nothing, "nerc", Instant.FromUtc(2026, 8, 1, 0, 0), World.Ct)).Refusals);

    private static async Task<string[]> Lines(World world, string pi, BillingMonth? month = null) =>
        [.. (await BilledLines.InvoicedIn(world.Database, month ?? World.October, World.Ct))[new(new PiId(pi))]
            .Select(line => $"{line.Title} {line.Amount}").Order(StringComparer.Ordinal)];

    private static async Task Holds(World world)
    {
        var books = await world.HoldBooks();
        foreach (var month in books.Months.Closed.Keys)
        {
            Assert.Empty((await VerifyRated.Run(world.Sources, month, world.Now, World.Ct)).Wrong);
        }
    }
}
