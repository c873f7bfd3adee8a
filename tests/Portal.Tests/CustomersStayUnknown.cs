using System.Text.Json;
using Exchange.Facts;
using Exchange.Invoicing.Published;
using Exchange.Portal.Keys;
using Exchange.Portal.ReadModels;
using Exchange.Portal.Spend;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// A landlord that may not know its customers has one name for each at every door, and two such landlords have nothing in
/// common. Seen to fail when charges, panels and the page of a charge gave the PI, the institution and the title.
/// </summary>
public class CustomersStayUnknown
{
    private static readonly string[] Telling = ["ada@bu.edu", "Boston University", "Genomes of Ada", "nerc-bu-subsidy"];
    private static readonly LandlordId[] Stores = [new("stora"), new("storb")];

    [Fact]
    public async Task One_name_at_every_door_and_nothing_else_of_a_customer()
    {
        await using var serving = await Start();
        var names = new List<string>();
        foreach (var store in Stores)
        {
            using var key = await serving.WithKey(KeyScope.Read, store);
            var charges = await Text(key, "/v1/charges?month=2026-10");
            var charge = Assert.Single(JsonDocument.Parse(charges).RootElement.GetProperty("items").EnumerateArray());
            names.Add(charge.GetProperty("customer").GetString()!);
            Assert.StartsWith("customer-", names[^1], StringComparison.Ordinal);
            foreach (var path in (string[])["/v1/charges?month=2026-10", "/v1/charges?month=2026-10&limit=1",
                "/v1/projects/p-ada/spend?month=2026-10", "/v1/projects/p-ada/panel?month=2026-10"])
            {
                var said = await Text(key, path);
                Assert.All(Telling, word => Assert.DoesNotContain(word, said, StringComparison.Ordinal));
            }

            Assert.Equal(charges, await Text(key, "/v1/charges?month=2026-10"));
        }

        Assert.NotEqual(names[0], names[1]);
        using var all = await serving.WithKey(KeyScope.Read, null);
        Assert.Contains("ada@bu.edu", await Text(all, "/v1/charges?month=2026-10"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Agreements_are_seen_by_their_landlord_and_by_finance_alone()
    {
        await using var serving = await Start();
        var sheet = Uri.EscapeDataString("mit/res/2026-01-01#1");
        foreach (var (landlord, sees) in ((LandlordId?, bool)[])[(Stores[0], false), (new("mit"), true), (null, true)])
        {
            using var key = await serving.WithKey(KeyScope.Read, landlord);
            var yaml = await Text(key, $"/v1/price-sheets?id={sheet}");
            Assert.Equal(sees, yaml.Contains("p-secret", StringComparison.Ordinal));
            Assert.Equal(sees, yaml.Contains("0.123", StringComparison.Ordinal));
            Assert.Contains("Node", yaml, StringComparison.Ordinal);
            Assert.DoesNotContain("p-secret", await Text(key, "/v1/prices/mit"), StringComparison.Ordinal);
        }
    }

    private static async Task<Serving> Start()
    {
        var serving = await Serving.Start(new StoppedClock(UsedMonth.Now));
        var exchange = serving.Exchange;
        const string Landlords = """
            landlords:
              - {name: stora, title: Store A, pseudonyms: true, terms: []}
              - {name: storb, title: Store B, pseudonyms: true, terms: []}
            """;
        var published = await PublishFacts.Run(
            exchange.Journal, [FactFiles.Read(Landlords, "landlords.yaml")!], new LocalDate(2026, 10, 1),
            await PublishedFacts.Context(exchange.Journal, "test", UsedMonth.Now, false, Serving.Ct),
            PublishedFacts.Check, Serving.Ct);
        Assert.NotNull(published);
        await exchange.ReadFacts(Serving.Ct);
        const string Sheet = """
            landlord: mit
            service: res
            clusters: [c1]
            from: 2026-01
            skus:
              - name: Node
                unit: node-hour
                rate: "1"
                counts: resource
                per: hour
                match: {kind: vm}
                model: reservation
                reservations: [{project: p-secret, count: "3", rate: "0.123", from: 2026-02, until: 2026-03}]
            examples:
              - {name: an hour, usage: [{kind: vm, hours: "1"}], total: "1.00"}
            """;
        Assert.Empty((await PublishPrices.Run(
            exchange.Journal, [new("pricing/mit/res/2026-01.yaml", Sheet)], PricePublishContext.Nothing, "test",
                UsedMonth.Now,
            Serving.Ct)).Refusals);
        await WriteMonth.Run(
            exchange.Database, new(UsedMonth.Month, Basis: "", UsedMonth.Now), Stores.Select(Sold), [], MonthUse.None,
            Serving.Ct);
        return serving;
    }

    private static ShownCharge Sold(LandlordId landlord) => new()
    {
        Month = UsedMonth.Month,
        Id = $"2026-10:{landlord}:o1:p-ada:Objects:{landlord}/objects/2026-01-01#1",
        Landlord = landlord,
        Service = "objects",
        Cluster = new("o1"),
        Project = new("p-ada"),
        ProjectName = "Genomes of Ada",
        Pi = new PiId("ada@bu.edu"),
        Institution = "Boston University",
        Sku = new("Objects"),
        Quantity = new(10, new("GiB-hour")),
        Rate = new(0.1m, new("GiB-hour")),
        Amount = new(100),
        Sheet = $"{landlord}/objects/2026-01-01#1",
        Period = UsedMonth.Month.Period,
    };

    private static async Task<string> Text(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Serving.Ct);
        var body = await answer.Content.ReadAsStringAsync(Serving.Ct);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode} {body}");
        return body;
    }
}
