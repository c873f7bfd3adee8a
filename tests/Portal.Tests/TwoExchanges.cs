using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Exchange.Journal;
using Exchange.Market.Peers;
using Exchange.Portal.Keys;
using Exchange.Portal.Peers;
using Exchange.Portal.Tests.Walks;
using Exchange.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Two exchanges whose people use each other's services. 'mit' sells GPUs to people of 'nerc', who are billed by nerc
/// for them; nerc sells to people of mit, which meters that itself and compares. Each is a server with a database of
/// its own, and they speak over HTTP.
/// </summary>
public sealed class TwoExchanges
{
    private const string Gpu = """
        "gpu":1,"gpu_model":"a100"
        """;

    private const string Bill = """
        landlord: mit
        service: peer
        clusters: [mit]
        from: 2026-01
        skus:
          - {name: At mit, unit: USD, counts: meter, meter: cost_usd, model: pass-through, markup: "0", match: {kind: bill}}
        examples:
          - {name: ten dollars, usage: [{kind: bill, meter: cost_usd, quantity: "10"}], total: "10.00"}
        """;

    private const string Metered = """
        landlord: nerc
        service: pods
        clusters: [c1]
        from: 2026-01
        skus:
          - {name: GPU, unit: SU-hour, rate: "1.5", counts: bundle, bundle: {gpu: "1"}, per: hour, match: {kind: pod, gpu: any}}
        examples:
          - {name: a GPU, usage: [{kind: pod, hours: "2", shape: {gpu: "1", gpu_model: a100} }], total: "3.00"}
        """;

    [Fact]
    public async Task They_bill_each_others_people_name_what_differs_and_settle_net_though_one_was_away_for_a_day()
    {
        using var nerc = await SmallExchange.Start();
        using var mit = await SmallExchange.Start();
        var (nercUrl, mitUrl) = (FreeUrl(), FreeUrl());
        await Admit(nerc, "mit", "nerc", mitUrl, await Key(mit), "--landlord mit");
        await Admit(mit, "nerc", "mit", nercUrl, await Key(nerc), "--landlord nerc --metered-here");
        await nerc.Done($"prices publish {await nerc.File("mit.yaml", Bill)}");
        await mit.Done($"prices publish {await mit.File("nerc.yaml", Metered)}");
        await nerc.Told("cluster,project,name,pi,code\nmit,p-17,Genomes,ada@bu.edu,\nmit,p-18,Proteins,carl@bu.edu,\n" +
            "c1,p-mit,Fusion,exchange@mit.example.org,");
        await mit.Told("cluster,project,name,pi,code\nc1,p-17,Genomes,exchange@nerc.org,\n" +
            "c1,p-18,Proteins,exchange@nerc.org,\nc1,own,Optics,ben@mit.edu,\nc1,p-mit,Fusion,dora@mit.edu,");

        // At mit: 100 h of a GPU and a core, and 50 GiB that left, by p-17; 10 h of a GPU by p-18. At nerc 100 GPUs for
        // an hour, of which mit hears of 99.
        await mit.Together(async () =>
        {
            await mit.Ran("p-17", "g", "2026-10-01T00:00:00Z", "2026-10-05T04:00:00Z", Gpu);
            await mit.Ran("p-17", "c", "2026-10-01T00:00:00Z", "2026-10-05T04:00:00Z");
            await mit.Ran("p-18", "h", "2026-10-02T00:00:00Z", "2026-10-02T10:00:00Z", Gpu);
            await mit.Ran("own", "o", "2026-10-02T00:00:00Z", "2026-10-02T10:00:00Z", Gpu);
        });
        await mit.Done("ingest -", Left);
        await mit.Done("ingest -", Pods("nerc", 99));
        await nerc.Done("ingest -", Pods("acme", 100));
        await mit.Done("close --month 2026-10 --commit");

        // nerc is away: what waits says why, once, and is asked again for a day.
        Assert.Contains("Tried again later: nerc cannot be reached", (await mit.Done("peers send")).Output, StringComparison.Ordinal);
        mit.Clock.Now += Duration.FromHours(24);
        Assert.Contains("0 statements drawn", (await mit.Done("peers send")).Output, StringComparison.Ordinal);
        Assert.Equal("cannot be reached", (await mit.Json("peers list"))[0].GetProperty("why").GetString());

        // Meanwhile mit changes its key: what waits was signed by the old one, which nerc takes for an hour only.
        var renewed = (await mit.Json("peers key --new")).GetProperty("key").GetString()!;
        await nerc.Done($"peers rekey mit --key {renewed} --old-until {Exchange.Text.Of(
            nerc.Clock.Now + Duration.FromHours(1))}");
        nerc.Clock.Now = mit.Clock.Now;
        await using (var serving = await At(nerc, nercUrl))
        {
            await Sent(mit);
            Assert.Equal((0, false), (
                (await mit.Json("peers list"))[0].GetProperty("waiting").GetInt32(),
                (await mit.Json("peers list"))[0].TryGetProperty("why", out _)));
            await Strangers(
                serving, (await mit.Done("peers statement nerc --month 2026-10")).Output.TrimEnd(), await OwnKey(mit));
        }

        // Its charges are mit's on the bills of ada and carl; what left costs nothing, here as there.
        await nerc.Done("close --month 2026-10 --commit");
        Assert.Equal(
            ["ada@bu.edu 151.30 USD", "carl@bu.edu 15.00 USD", "exchange@mit.example.org 150.00 USD"], await Invoiced(nerc, "total"));
        Assert.Equal(
            ["ben@mit.edu 15.00 USD", "dora@mit.edu 148.50 USD", "exchange@nerc.org 166.30 USD"], await Invoiced(mit, "total"));
        Assert.Empty((await nerc.Json("peers differences mit --month 2026-10")).EnumerateArray());

        // nerc asks too; mit has metered 99 of the 100 hours, and the line is named.
        await using (var serving = await At(mit, mitUrl))
        {
            await Sent(nerc);
        }

        var typed = await mit.Line("peers differences nerc --month 2026-10 --json");
        var differs = Assert.Single(JsonDocument.Parse(typed.Output).RootElement.EnumerateArray());
        Assert.Equal(
            (ExitCode.Refused, "p-mit", "c1 GPU", "150.00 USD", "148.50 USD", "100 SU-hour", "99 SU-hour"), (
            typed.Exit, differs.GetProperty("project").GetString(), differs.GetProperty("what").GetString(),
            differs.GetProperty("asked").GetString(), differs.GetProperty("here").GetString(),
            differs.GetProperty("askedQuantity").GetString(), differs.GetProperty("quantityHere").GetString()));
        Assert.Contains("peer/differs", (await mit.Line("peers settle nerc --month 2026-10")).Errors, StringComparison.Ordinal);
        await Disputed(nerc, mit, nercUrl, mitUrl);

        // Net: 166.30 less 150.00; the account of mit is paid, and the landlord mit is still owed the rest.
        await using (var serving = await At(nerc, nercUrl))
        {
            using var frances = new Walker(await serving.As("finance"));
            await frances.Go("/finance/peers/mit?month=2026-10");
            frances.Reads("Both exchanges agree on every line", "Due to peer", "$166.30", "withdrawn");
            await frances.Press("Settle net", ("month", "2026-10"));
            frances.Reads("settled", "$16.30");
        }

        var settled = (await nerc.Json("peers settle mit --month 2026-10"))[0];
        Assert.Equal(("166.30 USD", "150.00 USD", "16.30 USD", "settled"), (
            settled.GetProperty("owed").GetString(), settled.GetProperty("asked").GetString(),
            settled.GetProperty("net").GetString(), settled.GetProperty("state").GetString()));
        await nerc.Done("peers settle mit --month 2026-10"); // Once is enough.
        Assert.Contains("exchange@mit.example.org 0.00 USD", await Invoiced(nerc, "balanceDue"));
        await PaidOut(nerc, nercUrl);

        // The hour that was lost comes late: mit adjusts it with the next close, and both agree.
        await mit.Done("ingest -", Pods("nerc", 100));
        mit.Clock.Now = Instant.FromUtc(2026, 12, 2, 0, 0);
        await mit.Done("close --month 2026-11 --commit");
        await mit.Done("peers differences nerc --month 2026-10");
        await mit.Done("verify");
    }

    /// <summary>The rest is paid out on a page: what mit earned, less what was set against it.</summary>
    private static async Task PaidOut(SmallExchange nerc, string nercUrl)
    {
        Assert.Equal("16.30 USD", await Open());
        await nerc.Done("payouts accept landlord:mit --month 2026-10");
        await using (var serving = await At(nerc, nercUrl))
        {
            using var frances = new Walker(await serving.As("finance"));
            await (await frances.Go("/finance/payouts")).Follow("mit");
            frances.Reads("accepted", "$166.30", "$150.00", "$16.30");
            await frances.Press(
                "Record payout", ("reference", "wire-mit"), ("amount", "16.30"), ("month", "2026-10"));
            frances.Reads("wire-mit", "Open $0.00");
        }

        Assert.Equal("0.00 USD", await Open());

        async Task<string?> Open() => (await nerc.Json("payouts list")).EnumerateArray()
            .Single(row => row.GetProperty("payee").GetString() == "landlord:mit").GetProperty("open").GetString();
    }

    /// <summary>
    /// mit disputes the line on its page and nerc reads it there, signed; a stranger's is not taken, and nothing is
    /// settled before mit withdraws it, or nerc answers it.
    /// </summary>
    private static async Task Disputed(SmallExchange nerc, SmallExchange mit, string nercUrl, string mitUrl)
    {
        await using (var serving = await At(mit, mitUrl))
        {
            using var frank = new Walker(await serving.As("finance"));
            await frank.Go("/finance/peers/nerc?month=2026-10");
            frank.Reads("Differences in Oct 2026", "$150.00", "$148.50", "$1.50");
            await frank.Press("Dispute line", ("line", "p-mit|c1 GPU"), ("because", "an hour is missing here"));
            frank.Reads("this exchange", "waiting");
        }

        await using (var serving = await At(nerc, nercUrl))
        {
            await Sent(mit);
            using var frances = new Walker(await serving.As("finance"));
            await frances.Go("/finance/peers/mit?month=2026-10");
            frances.Reads("Disputed lines", "an hour is missing here", "$150.00", "$148.50", "open");
            await frances.Refused("Settle net", "an hour is missing here", ("month", "2026-10"));
            using var stranger = serving.Anonymous();
            var said = new PeerDispute(
                "mit", "nerc", new(2026, 10), 2, 1, new("p-mit"), "c1 GPU", new(15_000), Money.Zero, "all of it", null);
            Assert.Contains("peer/signature", (await Post(
                stranger, "mit", said.Write(SigningKey.Of(new byte[32])))).Body, StringComparison.Ordinal);
            Assert.Contains("peer/no-line", (await mit.Line( // Nobody asks for it, so it keeps nobody from settling.
                "peers dispute nerc --month 2026-10 --project own --line \"c1 GPU\" --because no")).Errors, StringComparison.Ordinal);
            await mit.Done("peers withdraw-dispute nerc 1 --because \"the hour comes late\"");
            await Sent(mit);
            using var key = await serving.WithKey(KeyScope.Finance, null);
            var row = (await TheApi.Json(key, "/v1/peers/mit/disputes")).GetProperty("items")[0];
            Assert.Equal("withdrawn", row.GetProperty("state").GetString());

            // Disputed again, and not withdrawn: nerc answers, and mit reads why.
            await mit.Done("peers dispute nerc --month 2026-10 --project p-mit --line \"c1 GPU\" --because again");
            await Sent(mit);
            await frances.Go("/finance/peers/mit?month=2026-10");
            await frances.Refused("Settle net", "again", ("month", "2026-10"));
            await frances.Go("/finance/peers/mit?month=2026-10");
            await frances.Press("Answer dispute", ("number", "3"), ("answer", "it was metered here"));
            frances.Reads("answered", "it was metered here");
        }

        await using (var serving = await At(mit, mitUrl))
        {
            await Sent(nerc);
        }

        var answered = (await mit.Json("peers disputes nerc"))[1];
        Assert.Equal(("answered", "it was metered here"), (
            answered.GetProperty("state").GetString(), answered.GetProperty("answer").GetString()));
    }

    /// <summary>Nobody else is heard, and nobody else looks.</summary>
    private static async Task Strangers(Serving serving, string statement, SigningKey key)
    {
        using var anonymous = serving.Anonymous();
        Assert.Equal((HttpStatusCode.OK, "{\"isNew\":false}"), await Post(anonymous, "mit", statement + "\n"));
        var changed = await Post(anonymous, "mit", statement.Replace("15.00 USD", "5.00 USD", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.Forbidden, changed.Status);
        Assert.Contains("peer/signature", changed.Body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await Post(anonymous, "mit", "what?")).Status);
        Assert.Equal((changed.Status, changed.Body), await Post(anonymous, "yale", statement)); // Nobody learns who is a peer.

        await KeepNobodyOut(serving, statement, key);
        using var reader = await serving.WithKey(KeyScope.Read, null);
        using var finance = await serving.WithKey(KeyScope.Finance, null);
        using var landlord = await serving.As("nerc");
        using var frances = await serving.As("finance");
        Assert.Equal(HttpStatusCode.Forbidden, (await reader.GetAsync(new Uri("/v1/peers/mit/months", UriKind.Relative), Serving.Ct)).StatusCode);
        Assert.Equal("166.30 USD", (await TheApi.Json(finance, "/v1/peers/mit/months")).GetProperty("items")[0].GetProperty("owed").GetString());
        Assert.Equal(HttpStatusCode.Forbidden, (await landlord.GetAsync(new Uri("/finance/peers/mit", UriKind.Relative), Serving.Ct)).StatusCode);
        var page = await frances.GetStringAsync(new Uri("/finance/peers/mit", UriKind.Relative), Serving.Ct);
        Assert.Contains("166.30", page, StringComparison.Ordinal);
    }

    /// <summary>
    /// Two who send just fast enough have both places of strangers, for 17 minutes as it was: the peer, who signs what it
    /// is about to send, has its own.
    /// </summary>
    private static async Task KeepNobodyOut(Serving serving, string statement, SigningKey key)
    {
        var slow = new[] { new TcpClient(), new TcpClient() };
        foreach (var one in slow)
        {
            await one.ConnectAsync(serving.Address.Host, serving.Address.Port, Serving.Ct);
            await one.GetStream().WriteAsync(System.Text.Encoding.ASCII.GetBytes(
                "POST /v1/peers/mit/statements HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8000000\r\n\r\n" +
                new string('x', 400_000)), Serving.Ct);
        }

        using var client = serving.Anonymous();
        var turns = serving.App.Services.GetRequiredService<StatementTurns>();
        await Waiting.For(() => Task.FromResult(turns.OfStrangers == 0), () => "There is a place for a third stranger.");
        var forged = StatementProof.Of(SigningKey.Of(new byte[32]), statement);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await Post(client, "mit", statement)).Status);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await Post(client, "mit", statement, forged)).Status);
        var proof = StatementProof.Of(key, statement);
        Assert.Equal((HttpStatusCode.OK, "{\"isNew\":false}"), await Post(client, "mit", statement, proof));
        Assert.Equal(HttpStatusCode.Forbidden, (await Post(client, "mit", statement + " ", proof)).Status);
        Array.ForEach(slow, one => one.Dispose());
    }

    private static async Task<(HttpStatusCode Status, string Body)> Post(
        HttpClient client, string peer, string text, string? proof = null)
    {
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri($"/v1/peers/{peer}/statements", UriKind.Relative))
        {
            Content = Serving.Json(text, "application/x-ndjson"),
        };
        request.Headers.TryAddWithoutValidation(StatementProof.Header, proof);
        using var answer = await client.SendAsync(request, Serving.Ct);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Serving.Ct));
    }

    private static Task<Serving> At(SmallExchange exchange, string url) => Serving.Start(
        exchange.Clock, database: exchange.Database, with: options => options with { Urls = [url] });

    private static async Task<SigningKey> OwnKey(SmallExchange exchange)
    {
        await using var database = DataSources.Open(exchange.Database);
        return await SigningKey.Own(database, Serving.Ct);
    }

    private static async Task<string> Key(SmallExchange exchange) =>
        (await exchange.Json("peers key")).GetProperty("key").GetString()!;

    private static Task<Typed> Admit(SmallExchange at, string name, string knownAs, string url, string key, string more) =>
        at.Done($"peers admit {name} --known-as {knownAs} --url {url} --key {key} --pi exchange@{name}.{(name == "mit" ? "example.org" : "org")} --from 2026-10 --private {more}");

    private static async Task<IReadOnlyList<string>> Invoiced(SmallExchange at, string what) =>
    [
        .. (await at.Json("invoices list --month 2026-10")).EnumerateArray()
            .Select(row => $"{row.GetProperty("account").GetProperty("pi")} {row.GetProperty(what)}").Order(StringComparer.Ordinal),
    ];

    private static string Pods(string landlord, int count) => $"[{string.Join(',', Enumerable.Range(0, count).Select(i => $$"""
        {"specversion":"1.0","id":"n{{i}}","source":"urn:nerc","type":"exchange.usage.interval.v1","subject":"n{{i}}",
         "time":"2026-10-09T01:00:00Z","data":{"landlord":"{{landlord}}","cluster":"c1","project":"p-mit","kind":"pod",
         "from":"2026-10-09T00:00:00Z","to":"2026-10-09T01:00:00Z","state":"running","shape":{ {{Gpu}} } } }
        """))}]";

    private const string Left = """
        {"specversion":"1.0","id":"x1","source":"urn:small","type":"exchange.usage.count.v1","subject":"b",
         "time":"2026-10-09T01:00:00Z","data":{"landlord":"acme","cluster":"c1","project":"p-17","kind":"bucket",
         "meter":"egress_gib","quantity":50} }
        """;

    /// <summary>Sends what waits: on a busy machine the other may not answer in the ten seconds that it has.</summary>
    private static Task Sent(SmallExchange from)
    {
        var said = "";
        return Waiting.For(
            async () => !(said = (await from.Done("peers send")).Output).Contains(
                "did not answer in time", StringComparison.Ordinal),
            () => said);
    }

    private static string FreeUrl() => $"http://127.0.0.1:{Ports.Free()}";
}
