using System.Globalization;
using System.Net;
using System.Text.Json;
using Exchange.Invoicing;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Market.Quotes;
using Exchange.Portal.Commands;
using Exchange.Portal.Keys;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// A quote for a project says what funds would pay of it and who the rest, by the rule of funds of the close: pages,
/// command line and API alike.
/// </summary>
public class QuotesAfterFunds
{
    private const string Subsidy = "nerc-bu-subsidy";
    private static readonly BillingMonth Month = new(2026, 10);
    private static readonly string[] Domains =
        ["bu.edu", "bu.edu", "harvard.edu", "mit.edu", "bentley.edu", "nowhere.org"];

    private static readonly string[] Clusters = ["stack", "ocp-prod"];
    private static readonly string[] Gpus = ["a100-sxm4", "a100", "v100"];

    /// <summary>
    /// Drawn: who somebody works for, what the payer caps, whom it enrolls or leaves out, what a group paid before, what
    /// is planned, and to whom some hand their project over while it is used. Each accepts a quote and uses exactly that;
    /// then the month is closed.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task What_is_left_of_an_accepted_quote_is_the_bill_of_exactly_that_usage(int seed)
    {
        const int People = 16;
        var draw = new Random(seed);
        var clock = new SetClock { Now = Month.Start };
        await using var serving = await UsedMonth.Empty(clock);
        var exchange = serving.Exchange;
        var projects = Enumerable.Range(0, People).Select(n => (
            Project: $"p-{n}", Pi: new PiId($"pi{n}@{Domains[draw.Next(Domains.Length)]}"),
            Cluster: Clusters[draw.Next(2)])).ToList();
        await ImportProjects.Run(exchange.Journal, string.Concat(projects.SelectMany(of => Owners(of, draw))
            .Prepend("cluster,project,name,pi,from\n")), "projects.csv", "test", Month.Start, Serving.Ct);
        await Fund(exchange, [.. projects.Select(of => (of.Project, of.Pi))], draw);

        var told = new Dictionary<string, PlanAfterFunds>();
        var usage = new List<string>();
        foreach (var of in projects)
        {
            var terms = await Accepted(exchange, of, draw);
            var funds = await FundsOfPlans.Read(exchange, null, Serving.Ct);
            told[of.Project] = (await funds.Of(terms, Serving.Ct))!;
            usage.AddRange(Exactly(terms));
        }

        clock.Now = Instant.FromUtc(2026, 11, 5, 12, 0);
        using var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        using var answer = await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(
            string.Concat(usage), "application/x-ndjson"), Serving.Ct);
        Assert.Contains("\"quarantined\":0", await answer.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
        await Typed.Done("close --month 2026-10 --commit", exchange.Place.Database!, clock: clock);

        var billed = await Billed(exchange);
        Assert.Equal(
            told.Select(of => Words(of.Key, of.Value)).Order(StringComparer.Ordinal),
            billed.Order(StringComparer.Ordinal));
        Assert.True(told.Values.SelectMany(of => of.Funds).Select(of => of.Fund).Distinct().Count() >= 3);
        Assert.Contains(told.Values, of => of.Left.Count > 1); // Of two owners.
    }

    /// <summary>Whose a project is, and of every second one whose it is from some time of the month on.</summary>
    private static IEnumerable<string> Owners((string Project, PiId Pi, string Cluster) of, Random draw)
    {
        var from = draw.Next(2) == 0 ? Month.Start + Duration.FromMinutes(1 + draw.Next(44_000)) : Month.End;
        yield return $"{of.Cluster},{of.Project},Group,{of.Pi},2026-01-01T00:00:00Z\n";
        yield return $"{of.Cluster},{of.Project},Group,next-{of.Pi},{Text.Of(from)}\n";
    }

    /// <summary>
    /// Ada used 12.48 in October, which is not closed: 4 SU for 240 h at 0.013. Two servers of 100 SU for 500 h in
    /// November are 1,300.00: the credit for new PIs has 1,000.00 less 12.48 for them, the subsidy 100.00, and Boston
    /// University takes the 212.48 that are left.
    /// </summary>
    [Fact]
    public async Task Page_command_line_and_API_say_the_same()
    {
        await using var serving = await UsedMonth.Start();
        string[] all = ["987.52", "100.00", "212.48"];
        using var key = await serving.WithKey(KeyScope.Read, null);
        using var answer = await key.PostAsync(new Uri("/v1/quotes", UriKind.Relative), Serving.Json(
            """
            {"usage":[{"kind":"vm","shape":{"vcpu":100,"ram_mib":409600},"hours":"500","count":2}],
            "project":"p-ada","landlord":"nerc","cluster":"stack"}
            """, "application/json"), Serving.Ct);
        var api = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Serving.Ct)).RootElement;
        Assert.Equal(
            ["nerc-bu-subsidy bu-research-it 100.00 USD", "nerc-new-pi-credit mghpcc 987.52 USD",
                "Boston University 212.48 USD"],
            Told(api.GetProperty("offers")[0].GetProperty("afterFunds")));

        var typed = await Typed.Done(
            "quote --machines 2 --form vm --vcpu 100 --ram 400 --hours 500 --project p-ada --landlord nerc " +
            "--cluster stack --at 2026-11-05T12:00:00Z --json", serving.Exchange.Place.Database!,
            clock: new StoppedClock(UsedMonth.Now));
        Assert.Equal(
            Told(api.GetProperty("offers")[0].GetProperty("afterFunds")),
            Told(JsonDocument.Parse(typed.Output).RootElement[0].GetProperty("afterFunds")));

        const string Plan = "/quotes?machines=2&form=vm&vcpu=100&ram=400&gpus=0&fpgas=0&hours=500&project=";
        using var ada = await serving.As("ada");
        var page = await ada.GetStringAsync(new Uri($"{Plan}p-ada", UriKind.Relative), Serving.Ct);
        Assert.All(all, amount => Assert.Contains($"${amount}", page, StringComparison.Ordinal));
        using var finance = await serving.As("finance");
        var theirs = await finance.GetStringAsync(new Uri($"{Plan}p-ada", UriKind.Relative), Serving.Ct);
        Assert.All(all, amount => Assert.Contains($"${amount}", theirs, StringComparison.Ordinal));

        // Without a project it is for somebody who uses nothing; another's is none to choose; a landlord is not asked.
        Assert.DoesNotContain("987.52", await ada.GetStringAsync(new Uri(Plan, UriKind.Relative), Serving.Ct),
            StringComparison.Ordinal);
        using var ben = await ada.GetAsync(new Uri($"{Plan}p-ben", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.BadRequest, ben.StatusCode);
        using var nerc = await serving.As("nerc");
        Assert.DoesNotContain(
            "987.52", await nerc.GetStringAsync(new Uri($"{Plan}p-ada", UriKind.Relative), Serving.Ct),
            StringComparison.Ordinal);
    }

    private static List<string> Told(JsonElement after) =>
    [
        .. after.GetProperty("funds").EnumerateArray().Select(one =>
            $"{one.GetProperty("fund")} {one.GetProperty("payer")} {one.GetProperty("amount")}").Order(),
        .. after.GetProperty("left").EnumerateArray().Select(
            one => $"{one.GetProperty("payer")} {one.GetProperty("amount")}"),
    ];

    private static string Words(string project, PlanAfterFunds after) =>
        $"{project} {after.Amount} owes {after.Owed}: " + string.Join(", ", after.Funds
            .Select(one => $"{one.Fund} {one.Amount}").Order(StringComparer.Ordinal));

    private static async Task<List<string>> Billed(Composition exchange)
    {
        await exchange.Projections.CatchUp(Serving.Ct);
        var lines = new List<InvoiceLine>();
        foreach (var row in await InvoiceList.Run(exchange.Database, new(Month), Serving.Ct))
        {
            var issued = Assert.IsType<Invoice.Issued>(
                await exchange.Journal.State(Invoice.Fold, row.Id, Serving.Ct));
            lines.AddRange(issued.Content.Lines);
        }

        return [.. lines.GroupBy(line => line.Project).Select(of => Words(of.Key.Value, new(
            Money.Sum(of.Select(line => line.Amount)),
            [.. of.SelectMany(line => line.Funds).GroupBy(share => share.Fund).Select(same => new PaidByFund(
                same.Key, "", Money.Sum(same.Select(share => share.Amount))))],
            [new(null, Money.Sum(of.Select(line => line.PiBalance)))], Money.Zero)))];
    }

    /// <summary>Caps, enrolments and suspensions of the subsidy, and money of a group for every third project.</summary>
    private static async Task Fund(
        Composition exchange, IReadOnlyList<(string Project, PiId Pi)> projects, Random draw)
    {
        var groups = new List<PrepaidEvent>();
        foreach (var (project, pi) in projects)
        {
            await exchange.Journal.Decide(Invoicing.Funds.Fund.Fold, Subsidy, fund => draw.Next(5) switch
            {
                0 => Invoicing.Funds.Fund.Cap(fund, pi, new(draw.Next(40_000)), Month, "test", Month.Start),
                1 => Invoicing.Funds.Fund.Suspend(fund, pi, Month, "test", Month.Start),
                2 => Invoicing.Funds.Fund.Enrol(fund, pi, Month, "test", Month.Start),
                _ => [],
            }, Serving.Ct);
            if (draw.Next(3) == 0)
            {
                groups.AddRange(
                [
                    new PrepaidEvent.Opened($"lab {project}", "lab@bu.edu", "me", Month.Start),
                    new PrepaidEvent.PaidIn(
                        $"lab {project}", "wire", new(1 + draw.Next(90_000)), Month, "me", Month.Start),
                    new PrepaidEvent.Covered($"lab {project}", project, Month, null, "me", Month.Start),
                ]);
            }
        }

        await exchange.Journal.Append(
            [StreamAppend.Of<PrepaidEvent>(PrepaidGroups.Fold.StreamOf(PrepaidGroups.Id), 0, [.. groups])], Serving.Ct);
    }

    private static async Task<QuoteTerms> Accepted(
        Composition exchange, (string Project, PiId Pi, string Cluster) of, Random draw)
    {
        var isGpu = draw.Next(3) == 0 && of.Cluster == "stack";
        var plan = new Workload
        {
            Machines = 1 + draw.Next(30),
            Kinds = [of.Cluster == "stack" ? "vm" : "pod"],
            VCpu = 1 + draw.Next(24),
            RamGib = 4 + draw.Next(96),
            Gpus = isGpu ? 1 : 0,
            GpuModel = isGpu ? Gpus[draw.Next(Gpus.Length)] : null,
            Hours = (1 + draw.Next(4_000)) / 10m,
            StorageGib = draw.Next(2) * draw.Next(20_000),
        };
        var at = Month.Start + Duration.FromMinutes(draw.Next(20_000));
        var terms = await KeepQuote.Save(
            exchange, new(plan.Usage, new(of.Project), Serving.Nerc, new(of.Cluster), at, 14), null,
            Actors.Local("test"), Serving.Ct);
        return await KeepQuote.Accept(exchange, terms.Id, null, Actors.Local("test"), Serving.Ct);
    }

    /// <summary>What was quoted, used to the second.</summary>
    private static IEnumerable<string> Exactly(QuoteTerms terms) =>
        from part in terms.Parts
        from usage in part.Usage.Select((one, place) => (One: one, Place: place))
        from n in Enumerable.Range(0, usage.One.Resources)
        let id = $"{terms.Id}-{usage.Place}-{n}"
        let data = string.Create(CultureInfo.InvariantCulture, $$"""
            {"landlord":"{{part.Landlord}}","cluster":"{{part.Cluster}}","project":"{{terms.Project}}",
            "kind":"{{usage.One.Kind}}","from":"{{terms.Period.Start}}",
            "to":"{{terms.Period.Start + Duration.FromSeconds(usage.One.Seconds)}}","state":"running",
            "shape":{{usage.One.Shape}}}
            """)
        select $$"""
            {"specversion":"1.0","id":"{{id}}","source":"urn:test","type":"exchange.usage.interval.v1",
            "subject":"{{id}}","time":"2026-10-31T00:00:00Z","data":{{data}}}
            """.ReplaceLineEndings("") + "\n";
}
