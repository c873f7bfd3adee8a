using System.Text.RegularExpressions;
using Exchange.Facts;
using Exchange.Invoicing.Published;
using Exchange.Portal.Bench;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests.Walks;

/// <summary>
/// One exchange with everybody of the walks through the market: its clock is set by the test, landlords and their
/// customers do everything on pages, and meters report with keys that landlords made there.
/// </summary>
internal sealed class MarketTown : IAsyncDisposable
{
    public const string Month = "2026-11";

    private static readonly string[] Landlords =
    [
        "harvard", "mit", "stora", "gatefarm", "acme", "vault-a", "vault-b", "proxco", "store-a", "store-b", "broker",
        "bridge",
    ];

    private static readonly string[] Pis =
    [
        "mia@mit.edu", "rob@mit.edu", "hal@harvard.edu", "sue@mit.edu", "gwen@mit.edu", "ada@bu.edu", "lena@mit.edu",
        "pat@mit.edu", "quin@mit.edu", "cora@mit.edu", "nina@mit.edu",
    ];

    private static readonly IReadOnlyList<Persona> People =
    [
        .. Landlords.Select(one => new Persona(one, "", new(
            $"person:{one}", one, Role.Landlord, Landlord: new(one)))),
        .. Pis.Select(one => new Persona(one.Split('@')[0], "", new(
            $"person:{one.Split('@')[0]}", one, Role.Pi, Pi: new PiId(one)))),
        new("finance", "", new("person:finance", "Frances", Role.Finance)),
        new("subsidy", "", new("person:subsidy", "Bea", Role.Subsidy, Payer: "bu-research-it")),
    ];

    private MarketTown(Serving serving, SmallExchange.Hand clock, string database) =>
        (Serving, Clock, Database) = (serving, clock, database);

    public Serving Serving { get; }
    public SmallExchange.Hand Clock { get; }
    public string Database { get; }

    public static async Task<MarketTown> Start()
    {
        var clock = new SmallExchange.Hand { Now = Instant.FromUtc(2026, 10, 30, 9, 0) };
        var database = await Exchange.Testing.TestDatabase.NewConnectionString(Composition.Modules);
        var serving = await Serving.Start(clock, people: People, database: database);
        const string Facts = """
            landlords:
              - {name: vault-a, title: Vault A, pseudonyms: true, terms: []}
              - {name: vault-b, title: Vault B, pseudonyms: true, terms: []}
              - {name: gatefarm, title: Gate Farm, terms: [{from: 2026-01, platform_share: "0.05"}]}
            """;
        const string Institutions = """
            institutions:
              - {name: Boston University, domains: [bu.edu]}
            """;
        const string Subsidy = """
            programme: bu-subsidy
            kind: subsidy
            payer: bu-research-it
            order: 30
            terms:
              - {from: 2026-01, amount: "100", eligible: [Boston University], share: in-order}
            """;
        await PublishFacts.Run(
            serving.Exchange.Journal,
            [
                FactFiles.Read(Facts, "landlords.yaml")!, FactFiles.Read(Institutions, "institutions.yaml")!,
                FactFiles.Read(Subsidy, "programmes/bu.yaml")!,
            ],
            new LocalDate(2026, 1, 1),
            await PublishedFacts.Context(serving.Exchange.Journal, "test", clock.Now, false, Serving.Ct),
            PublishedFacts.Check, Serving.Ct);
        await serving.Exchange.ReadFacts(Serving.Ct);
        await ImportProjects.Run(
            serving.Exchange.Journal, Projects, "projects.csv", "test", Instant.FromUtc(2026, 1, 1, 0, 0), Serving.Ct);
        return new(serving, clock, database);
    }

    public async Task<Walker> As(string who) => new(await PageBench.SignIn(
        Serving.Address, People.Single(one => one.Id == who), Serving.Ct));

    /// <summary>A landlord looks at what a sheet would do, and publishes it.</summary>
    public async Task Publish(string landlord, string sheet)
    {
        using var walker = await As(landlord);
        await (await walker.Go("/landlord/sheets")).Follow("Validate and publish a sheet");
        await walker.Press("Validate and preview", ("yaml", sheet), ("month", "2026-09"));
        await walker.Press(Regex.Match(walker.Text, "Publish sheet from [^U]+ UTC").Value);
        walker.Reads($"{landlord}/");
    }

    /// <summary>Meters of a landlord report with a key that it made on its page.</summary>
    public async Task Report(string landlord, IEnumerable<string> events)
    {
        using var walker = await As(landlord);
        await walker.Go("/landlord/keys");
        await walker.Press("Create key", ("name", "meters"));
        using var key = Serving.Anonymous();
        key.DefaultRequestHeaders.Authorization = new("Bearer", Regex.Match(
            walker.Text, "one time: (\\S+)").Groups[1].Value);
        using var answer = await key.PostAsync(
            new Uri("/v1/usage", UriKind.Relative),
            Serving.Json($"[{string.Join(',', events)}]", "application/cloudevents-batch+json"), Serving.Ct);
        var said = await answer.Content.ReadAsStringAsync(Serving.Ct);
        Assert.True((int)answer.StatusCode == 202 && said.Contains("\"quarantined\":0", StringComparison.Ordinal), said);
    }

    /// <summary>A PI asks what a plan costs on the page, and saves what one place asks.</summary>
    /// <returns>The number of the quote.</returns>
    public static async Task<string> Quote(
        Walker pi, (string Place, string Project) at, string total, params (string, string)[] plan)
    {
        await pi.Go("/quotes");
        await pi.Press("Get quotes", [("machines", "0"), .. plan]);
        await pi.Press("Save quote", ("place", $"{at.Place}|{at.Project}"));
        pi.Reads($"Total before funds {total}");
        return pi.Address.Split('/')[^1];
    }

    /// <summary>The landlord finds the order in its list, and answers it.</summary>
    public async Task Answer(string landlord, string order, string button, string because = "")
    {
        using var walker = await As(landlord);
        await (await walker.Go("/orders")).Follow(order);
        await walker.Press(button, ("because", because));
    }

    /// <summary>A payee looks at the statement of the month and accepts it; finance pays it out.</summary>
    public async Task PaidOut(string payee, string total, Walker? owner = null)
    {
        using var walker = owner ?? await As(payee);
        await walker.Go(owner is null ? "/landlord/statements" : "/pi/statements");
        walker.Reads($"Earned {total}", "Paid out $0.00", $"Open {total}");
        await (await walker.Follow("Nov 2026")).Press("Accept statement");
        walker.Reads("accepted");
        using var finance = await As("finance");
        await (await finance.Go("/finance/payouts")).Follow(payee);
        finance.Reads("accepted");
        await finance.Press(
            "Record payout", ("reference", $"wire-{payee}"), ("amount", total), ("month", Month));
        finance.Reads("Open $0.00", $"wire-{payee}");
    }

    /// <summary>What a PI is billed for the month, on the page of the invoice.</summary>
    public async Task Billed(string pi, string total, params string[] reads)
    {
        using var walker = await As(pi);
        await walker.Go("/invoices");
        walker.Reads($"Nov 2026");
        await walker.Follow(Regex.Match(walker.Text, "PI-2026-\\d+").Value);
        walker.Reads([total, .. reads]);
    }

    public ValueTask DisposeAsync() => Serving.DisposeAsync();

    public static string Event(
        string landlord, string cluster, string type, string subject, string at, string project, string data) => $$"""
        {"specversion":"1.0","id":"{{subject}}-{{at}}","source":"urn:{{landlord}}","type":"exchange.usage.{{type}}.v1",
        "subject":"{{subject}}","time":"{{at}}","data":{"landlord":"{{landlord}}","cluster":"{{cluster}}",
        "project":"{{project}}",{{data}} } }
        """;

    /// <summary>A resource that ran for some time.</summary>
    public static string Ran(
        (string Landlord, string Cluster) at, string subject, string project, string kind, (string From, string To) when,
        string shape) => Event(at.Landlord, at.Cluster, "interval", subject, when.To, project, $$"""
            "kind":"{{kind}}","from":"{{when.From}}","to":"{{when.To}}","state":"running","shape":{{{shape}}}
            """);

    /// <summary>So much of a meter.</summary>
    public static string Counted(
        (string Landlord, string Cluster) at, string subject, string project, string meter, decimal quantity) => Event(
        at.Landlord, at.Cluster, "count", subject, "2026-11-12T00:00:00Z", project, $$"""
            "kind":"bucket","meter":"{{meter}}","quantity":{{Exchange.Text.Of(quantity)}}
            """);

    private const string Projects = """
        cluster,project,name,pi
        h1,p-mit,Vision,mia@mit.edu
        h1,p-sub,Robots,rob@mit.edu
        h1,crimson,Own,hal@harvard.edu
        m1,crimson,Own,hal@harvard.edu
        v1,p-vol,Archive,sue@mit.edu
        v1,p-17,Genomes,gwen@mit.edu
        g1,p-17,Genomes,gwen@mit.edu
        c1,p-ada,Bursts,ada@bu.edu
        va1,lab-a,Cells,lena@mit.edu
        vb1,lab-b,Cells,lena@mit.edu
        o1,p-pat,Objects,pat@mit.edu
        o1,p-quin,Objects,quin@mit.edu
        b1,p-cora,Brokered,cora@mit.edu
        aws,p-nina,Clouds,nina@mit.edu
        google-cloud,p-nina,Clouds,nina@mit.edu

        """;
}
