using System.Globalization;
using Exchange.Facts;
using Exchange.Invoicing.Published;
using Exchange.Market.Commands;
using Exchange.Market.Leases;
using Exchange.Market.Mandates;
using Exchange.Market.Orders;
using Exchange.Portal.Bench;
using Exchange.Portal.Commands;
using Exchange.Portal.Keys;
using Exchange.Portal.ReadModels;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Webhooks;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Tests;

/// <summary>
/// A store that may not know its customers, with one customer: it used something in a closed and in an open month,
/// ordered, leases and lets the store act for it. No two stores have a number in common.
/// </summary>
/// <param name="Letter">'a' for 'stora', whose project is 'alpha-a'.</param>
/// <param name="N">What makes its numbers its own.</param>
internal sealed record StoreApart(char Letter, int N, PiId Pi, string Title)
{
    public LandlordId Landlord { get; } = new($"stor{Letter}");
    public ClusterId Cluster { get; } = new($"s{Letter}-1");
    public ProjectId Project { get; } = new($"lab-{Letter}{Letter}{Letter}");
    public string Kind { get; } = $"drive{Letter}";
    public string Quote { get; set; } = "";
    public string Order { get; set; } = "";
    public string Lease { get; set; } = "";
    public Persona Persona { get; } = new(
        $"stor{Letter}", "",
        new($"person:stor{Letter}", $"Store {Letter}", Role.Landlord, Landlord: new($"stor{Letter}")));

    public string SheetId => $"{Landlord}/disks-{Letter}/2026-01-01#1";

    private string Rate => $"0.000{N}";

    public string Sheet => $$"""
        landlord: {{Landlord}}
        service: disks-{{Letter}}
        clusters: [{{Cluster}}]
        from: 2026-01
        skus:
          - name: Volume {{Letter}}
            unit: GiB-hour
            rate: "{{Rate}}"
            counts: dimension
            dimension: storage_gib
            per: hour
            match: {kind: volume}
          - name: Drive {{Letter}}
            unit: drive-hour
            rate: "0.{{N}}"
            counts: resource
            per: hour
            match: {kind: {{Kind}}}
        examples:
          - {name: 10000 GiB, usage: [{kind: volume, hours: "1", shape: {storage_gib: "10000"} }], total: "{{N}}.00"}
          - {name: a drive, usage: [{kind: {{Kind}}, hours: "10"}], total: "{{N}}.00"}
        """;

    /// <summary>A volume of October, and one of November.</summary>
    public string Usage => Event(10, N) + Event(11, 1);

    private string Event(int month, int day) => string.Create(CultureInfo.InvariantCulture, $$"""
        {"specversion":"1.0","id":"{{Letter}}-{{month}}","source":"urn:stor{{Letter}}",
        "type":"exchange.usage.interval.v1",
        "subject":"volume-{{Letter}}{{month}}","time":"2026-{{month}}-{{day:00}}T{{N + 10}}:{{N + 20}}:00Z","data":{
        "landlord":"{{Landlord}}","cluster":"{{Cluster}}","project":"{{Project}}","kind":"volume",
        "from":"2026-{{month}}-{{day:00}}T0{{N}}:0{{N}}:0{{N}}Z",
        "to":"2026-{{month}}-{{day:00}}T{{N + 10}}:{{N + 20}}:00Z",
        "state":"running","shape":{"storage_gib":{{1000 * N * N}}{{month}} } } }
        """).ReplaceLineEndings("") + "\n";
}

/// <summary>Three stores: two of them have the same customer, and neither may find out.</summary>
internal static class StoresApart
{
    public const string Title = "Genomes of the lab";
    public static readonly PiId Ada = Serving.Ada;

    public static async Task<(Serving Serving, StoreApart[] Stores)> Start()
    {
        StoreApart[] stores =
            [new('a', 2, Ada, Title), new('b', 5, Ada, Title), new('c', 3, new("carl@bu.edu"), "Proteins")];
        var serving = await Serving.Start(
            new TickingClock(UsedMonth.Now), people: [.. Serving.People, .. stores.Select(store => store.Persona)]);
        var exchange = serving.Exchange;
        var facts = "landlords:\n" + string.Concat(stores.Select(store =>
            $"  - {{name: {store.Landlord}, title: Store {store.Letter}, pseudonyms: true, terms: []}}\n"));
        await PublishFacts.Run(
            exchange.Journal, [FactFiles.Read(facts, "landlords.yaml")!], new LocalDate(2026, 1, 1),
            await PublishedFacts.Context(exchange.Journal, "test", UsedMonth.Now, false, Serving.Ct),
            PublishedFacts.Check, Serving.Ct);
        await exchange.ReadFacts(Serving.Ct);
        var outcome = await PublishPrices.Run(
            exchange.Journal, [.. stores.Select(store => new PricingText($"{store.Landlord}.yaml", store.Sheet))],
            PricePublishContext.Nothing, "test", Instant.FromUtc(2026, 1, 1, 0, 0), Serving.Ct);
        Xunit.Assert.Empty(outcome.Refusals);
        await ImportProjects.Run(
            exchange.Journal, "cluster,project,name,pi\n" + string.Concat(stores.Select(store =>
                $"{store.Cluster},{store.Project},{store.Title},{store.Pi}\n")),
            "projects.csv", "test", Instant.FromUtc(2026, 1, 1, 0, 0), Serving.Ct);
        foreach (var store in stores)
        {
            await Sell(serving, store);
        }

        await UsedMonth.Close(serving);
        await RateMonths.Run(exchange, _ => { }, Serving.Ct);
        return (serving, stores);
    }

    public static Task<HttpClient> As(Serving serving, StoreApart store) =>
        PageBench.SignIn(serving.Address, store.Persona, Serving.Ct);

    private static async Task Sell(Serving serving, StoreApart store)
    {
        var (exchange, ada) = (serving.Exchange, Actors.Local("person:ada"));
        await exchange.Do(new RegisterWebhook(
            exchange.Database, $"https://{store.Letter}.example.org/", store.Landlord, [], false, "test"));
        using var key = await serving.WithKey(KeyScope.Usage, store.Landlord);
        using var answer = await key.PostAsync(
            new Uri("/v1/usage", UriKind.Relative), Serving.Json(store.Usage, "application/x-ndjson"), Serving.Ct);
        Xunit.Assert.Equal(202, (int)answer.StatusCode);
        var quote = await KeepQuote.Save(
            exchange,
            new(
                [new(store.Kind, Metering.Shape.Parse("{}"), Duration.FromHours(10 * store.N))], store.Project,
                store.Landlord, store.Cluster, UsedMonth.Now + Duration.FromDays(store.N), 10 + store.N),
            null, ada, Serving.Ct);
        var order = await OrdersFor.Place(exchange, quote.Id, 0, quote.Pi, ada, Serving.Ct);
        if (order.Needs.Contains(Approver.Payer))
        {
            await OrdersFor.Answer(
                exchange, order.Id, new(Approver.Payer, "person:bea", _ => true), "approve order",
                (of, now) => Order.Approve(of, Approver.Payer, "person:bea", now), ada);
        }

        await exchange.Commands.Execute(
            new ChangeMandate(store.Pi, store.Landlord, "give mandate", (book, now) => MandateBook.Give(
                book, store.Pi, store.Landlord, now, "person:ada", now)), ada, Serving.Ct);
        (store.Quote, store.Order, store.Lease) = (quote.Id, order.Id, await Lend(exchange, store, ada));
    }

    private static async Task<string> Lend(Composition exchange, StoreApart store, Journal.Actor ada)
    {
        var from = Instant.FromUtc(2027, 1, store.N, store.N, 0);
        var period = new Period(from, from + Duration.FromDays(store.N));
        await exchange.Commands.Execute(
            new DeclareNodes(store.Landlord, "declare nodes", now => DeclaredNodes.Declare(
                store.Cluster, [$"node-{store.Letter}"], period, "test", now)), ada, Serving.Ct);
        var lease = (await LeasesFor.Propose(
            exchange,
            new(
                "", store.Landlord, store.Cluster, [$"node-{store.Letter}"], null, [new(store.Project, from)], period,
                1 + (store.N / 10m), store.N),
            new(LeaseSide.Lessor, "test", (_, _) => true), ada, Serving.Ct)).Needed().Id;
        await LeasesFor.Answer(
            exchange, lease, new(LeaseSide.Lessee, "person:ada", (_, _) => true), "accept lease",
            (deal, now) => LeaseDeal.Accept(deal, LeaseSide.Lessee, "person:ada", now), ada, Serving.Ct);
        return lease;
    }
}
