using System.Net;
using System.Text.Json;
using Exchange.Journal;
using Exchange.Market.Auctions;
using Exchange.Market.Commands;
using Exchange.Market.Leases;
using Exchange.Portal.Commands;
using Exchange.Portal.Keys;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Auctions by programs and on a page: finance opens and clears, landlords ask, PIs bid, and nobody is told what
/// another asked or bid, before or after. Seen to fail with all asks and bids in the answer.
/// </summary>
public class AuctionsAreSealed
{
    private static readonly Instant Used = Instant.FromUtc(2027, 6, 1, 0, 0);

    [Fact]
    public async Task Each_sees_their_own_asks_and_bids_alone_and_all_pay_one_price()
    {
        var clock = new MovingClock { Now = UsedMonth.Now };
        await using var serving = await UsedMonth.Start(clock: clock);
        await Lent(serving);
        using var finance = await serving.WithKey(KeyScope.Finance, null);
        using var nerc = await serving.WithKey(KeyScope.Prices, Serving.Nerc);
        using var other = await serving.WithKey(KeyScope.Prices, Serving.Other);
        using var ada = await serving.As("ada");
        using var ben = await serving.As("ben");
        var id = (await Sent(finance, "", """
            {"from":"2027-06-01T00:00:00Z","until":"2027-06-02T00:00:00Z","closesAt":"2026-11-05T13:00:00Z"}
            """)).Json.GetProperty("id").GetString()!;
        const string Ask = """{"landlord":"nerc","cluster":"bm","nodes":["N1","N2"],"perHour":"0.31 USD"}""";
        Assert.Equal(HttpStatusCode.Forbidden, (await Sent(other, $"/{id}/asks", Ask)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await Sent(nerc, $"/{id}/bids", Bid)).Status); // No PI said so.
        var ask = (await Sent(nerc, $"/{id}/asks", Ask)).Json.GetProperty("id").GetString()!;
        await Placed(ada, id, "p-ada", "0.93");
        await Placed(ben, id, "p-ben", "0.12");
        using (var stolen = await Say(ada, id, ("project", "p-ben"), ("count", "1"), ("price", "0.50"), ("do", "bid")))
        {
            Assert.Contains("no project of yours", await stolen.Content.ReadAsStringAsync(Serving.Ct),
                StringComparison.Ordinal);
        }

        var bid = (await serving.Exchange.Journal.State(Auction.Fold, id, Serving.Ct)).Bids[0].Id;
        string[] secrets = ["0.31", ask, "0.93", bid, "0.12"];
        await Sees(serving, id, secrets, cleared: false);
        Assert.Equal("auction/unknown", (await Sent(other, $"/{id}/withdraw/{ask}", null, "*")).Code);
        Assert.Equal("auction/unknown", (await Sent(nerc, $"/{id}/withdraw/{bid}", null, "*")).Code);
        Assert.Equal((HttpStatusCode)428, (await Sent(nerc, $"/{id}/withdraw/{ask}", null)).Status);
        Assert.Equal((HttpStatusCode)412, (await Sent(nerc, $"/{id}/withdraw/{ask}", null, "\"0\"")).Status);
        Assert.Equal("auction/open", (await Sent(finance, $"/{id}/clear", null, "\"1\"")).Code);

        clock.Now += Duration.FromHours(2);
        Assert.Equal("auction/closed", (await Sent(nerc, $"/{id}/withdraw/{ask}", null, "\"1\"")).Code);
        var cleared = (await Sent(finance, $"/{id}/clear", null, "\"1\"")).Json;
        Assert.Equal("0.31 USD", cleared.GetProperty("auction").GetProperty("price").GetString());
        Assert.Equal((HttpStatusCode)412, (await Sent(finance, $"/{id}/clear", null, "\"1\"")).Status);
        await Sees(serving, id, secrets[1..], cleared: true); // The price is that of the last ask that sells.
        Assert.Single((await LoadPriceBooks.Run(serving.Exchange.Journal, Serving.Ct)).Agreements.Leases);
    }

    [Fact]
    public async Task Finance_opens_on_the_page_and_what_was_bid_is_taken_back_there()
    {
        await using var serving = await UsedMonth.Start();
        await Lent(serving);
        using var finance = await serving.As("finance");
        using var opened = await UsedMonth.Submit(
            finance, "/auctions", "/auctions", ("from", "2027-06-01T00:00:00Z"), ("until", "2027-06-02T00:00:00Z"),
            ("closes", "2027-05-01T00:00:00Z"), ("do", "open"));
        Assert.Equal(HttpStatusCode.Redirect, opened.StatusCode);
        var id = opened.Headers.Location!.ToString()["/auctions?id=".Length..];
        using var nerc = await serving.As("nerc");
        using (var asked = await Say(
            nerc, id, ("cluster", "bm"), ("nodes", "N1 N2"), ("price", "0.40"), ("shape", ""), ("do", "ask")))
        {
            Assert.Equal(HttpStatusCode.Redirect, asked.StatusCode);
        }

        using var ada = await serving.As("ada");
        await Placed(ada, id, "p-ada", "0.93");
        foreach (var person in (HttpClient[])[nerc, ada])
        {
            using var stale = await UsedMonth.Submit(
                person, $"/auctions?id={id}", "/auctions/act", ("do", "withdraw"), ("version", "0"));
            Assert.Equal(HttpStatusCode.PreconditionFailed, stale.StatusCode);
            using var back = await UsedMonth.Submit(person, $"/auctions?id={id}", "/auctions/act", ("do", "withdraw"));
            Assert.Equal(HttpStatusCode.Redirect, back.StatusCode);
        }

        var auction = await serving.Exchange.Journal.State(Auction.Fold, id, Serving.Ct);
        Assert.Equal((0, 0), (auction.Asks.Length, auction.Bids.Length));
        using var early = await UsedMonth.Submit(
            finance, "/auctions", "/auctions", ("from", "2027-06-02T00:00:00Z"), ("until", "2027-06-01T00:00:00Z"),
            ("closes", "2027-05-01T00:00:00Z"), ("do", "open"));
        Assert.Equal(HttpStatusCode.BadRequest, early.StatusCode);
    }

    /// <summary>A clock that is set on by hand.</summary>
    private sealed class MovingClock : IClock
    {
        public Instant Now { get; set; }

        public Instant GetCurrentInstant() => Now;
    }

    private const string Bid = """{"project":"p-ada","nodes":1,"perHour":"0.50 USD"}""";

    /// <summary>What each is shown of what was asked and bid.</summary>
    private static async Task Sees(Serving serving, string id, string[] secrets, bool cleared)
    {
        foreach (var (who, own) in ((string, string[])[])[
            ("ada", ["0.93", secrets[^2]]), ("ben", ["0.12"]), ("nerc", ["0.31", secrets[^4]]), ("other", []),
            ("finance", [])])
        {
            using var person = await serving.As(who);
            var page = await person.GetStringAsync(new Uri($"/auctions?id={id}", UriKind.Relative), Serving.Ct);
            foreach (var secret in secrets)
            {
                Assert.Equal(
                    (who, secret, own.Contains(secret)),
                    (who, secret, page.Contains(secret, StringComparison.Ordinal)));
            }

            Assert.Equal(
                (who, cleared && (who is "ada" or "nerc" or "finance")),
                (who, page.Contains("/leases/L-", StringComparison.Ordinal)));
        }

        using var nerc = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        using var other = await serving.WithKey(KeyScope.Read, Serving.Other);
        using var all = await serving.WithKey(KeyScope.Read, null);
        foreach (var (key, own) in ((HttpClient, string[])[])[(nerc, ["0.31", secrets[^4]]), (other, []), (all, [])])
        {
            var text = (await TheApi.Json(key, $"/v1/auctions/{id}")).GetRawText() +
                (await TheApi.Json(key, "/v1/auctions")).GetRawText();
            Assert.All(secrets, secret => Assert.Equal(
                (secret, own.Contains(secret)), (secret, text.Contains(secret, StringComparison.Ordinal))));
        }
    }

    private static async Task Placed(HttpClient pi, string id, string project, string price)
    {
        using var bid = await Say(pi, id, ("project", project), ("count", "2"), ("price", price), ("do", "bid"));
        Assert.Equal(HttpStatusCode.Redirect, bid.StatusCode);
    }

    private static Task<HttpResponseMessage> Say(
        HttpClient client, string id, params (string Name, string Value)[] typed) =>
        UsedMonth.Submit(client, $"/auctions?id={id}", "/auctions", typed);

    private static async Task<(HttpStatusCode Status, JsonElement Json, string Code)> Sent(
        HttpClient key, string what, string? body, string? version = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/v1/auctions{what}", UriKind.Relative))
        {
            Content = body is null ? null : Serving.Json(body, "application/json"),
        };
        if (version is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", version);
        }

        using var answer = await key.SendAsync(request, Serving.Ct);
        var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Serving.Ct)).RootElement;
        return (answer.StatusCode, json, json.TryGetProperty("code", out var code) ? code.GetString()! : "");
    }

    private static async Task Lent(Serving serving)
    {
        await ImportProjects.Run(
            serving.Exchange.Journal,
            "cluster,project,name,pi\nbm,p-ada,Ada's group,ada@bu.edu\nbm,p-ben,Ben,ben@mit.edu\n", "bm.csv", "test",
            UsedMonth.Month.Start, Serving.Ct);
        await serving.Exchange.Commands.Execute(
            new DeclareNodes(Serving.Nerc, "declare nodes", now => DeclaredNodes.Declare(
                new("bm"), ["N1", "N2"], new(Used - Duration.FromDays(100), Used + Duration.FromDays(100)), "nerc",
                now)), Actors.Local("test"), Serving.Ct);
    }

    /// <summary>One that is open, with a bid of Ada's, and one that has closed. Nodes are lent already.</summary>
    internal static async Task<(string Open, string Bid, string Closed)> ForEachAct(Serving serving)
    {
        var (exchange, day) = (serving.Exchange, new Period(Used, Used + Duration.FromDays(1)));
        var open = (await AuctionsFor.Open(
            exchange, day, Used - Duration.FromDays(9), Actors.Local("test"), Serving.Ct)).Id;
        var bid = await AuctionsFor.Bid(
            exchange, open, new("", new("p-ada"), 1, new(80)), null, Actors.Local("test"), Serving.Ct);
        var before = UsedMonth.Now - Duration.FromDays(9);
        var closed = await exchange.Journal.Execute(
            new OpenAuction(day, before + Duration.FromDays(1), "test"), before, Serving.Ct);
        return (open, bid, closed.Id);
    }
}
