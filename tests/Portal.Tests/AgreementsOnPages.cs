using System.Net;
using Exchange.Market.Deals;
using Exchange.Portal.Commands;
using Exchange.Portal.Keys;
using Exchange.Portal.ReadModels;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// A PI asks for a reservation, the landlord accepts it, both change it, and it is paid used or not: on pages and by
/// programs. The parties and finance see and answer, and to everybody else it is not there.
/// </summary>
public class AgreementsOnPages
{
    private const string Cpu = "OpenStack CPU";

    [Fact]
    public async Task A_reservation_is_asked_for_accepted_paid_and_changed_and_nobody_else_learns_of_it()
    {
        await using var serving = await UsedMonth.Start();
        using var nerc = await serving.As("nerc");
        using var ada = await serving.As("ada");
        using var finance = await serving.As("finance");
        using var program = await serving.WithKey(KeyScope.Finance, null);
        var id = await Asked(ada);
        await NobodyElse(serving, id);
        Assert.Contains("landlord: agree", await Text(nerc, "/agreements"), StringComparison.Ordinal);
        using (var own = await Say(ada, id, ("do", "accept"), ("because", "")))
        {
            Assert.Equal(HttpStatusCode.BadRequest, own.StatusCode); // Nobody accepts what they proposed.
        }

        using (var accepted = await Say(nerc, id, ("do", "accept"), ("because", "")))
        {
            Assert.Equal($"/agreements/{id}", accepted.Headers.Location?.ToString());
        }

        using (var given = await Say(
            ada, id, ("do", "transfer"), ("project", "p-ben"), ("at", "2026-11-10T00:00:00Z"), ("because", "")))
        {
            Assert.Contains("is not a project of the PI who holds it", WebUtility.HtmlDecode(
                await given.Content.ReadAsStringAsync(Serving.Ct)), StringComparison.Ordinal);
        }

        await Paid(serving, id, ada, nerc);
        Assert.Equal((HttpStatusCode)428, await Post(program, $"{id}/extend", null, Longer));
        Assert.Equal((HttpStatusCode)412, await Post(program, $"{id}/extend", "1", Longer));
        Assert.Equal(HttpStatusCode.BadRequest, await Post(program, $"{id}/extend", "3", "{}"));
        Assert.Equal(HttpStatusCode.OK, await Post(program, $"{id}/extend", "3", Longer));
        Assert.Contains("landlord: extend until 2027-01-01", await Text(nerc, $"/agreements/{id}"),
            StringComparison.Ordinal);
        using var prices = await serving.WithKey(KeyScope.Prices, Serving.Nerc);
        using var others = await serving.WithKey(KeyScope.Prices, Serving.Other);
        Assert.Equal(HttpStatusCode.NotFound, await Post(others, $"{id}/accept", "*", "{}"));
        Assert.Equal(HttpStatusCode.OK, await Post(prices, $"{id}/accept", "4", "{}"));
        Assert.Equal(Instant.FromUtc(2027, 1, 1, 0, 0), Assert.Single((await LoadPriceBooks.Run(
            serving.Exchange.Journal, Serving.Ct)).Agreements.Standing).Period.End);
        var seen = await Text(nerc, $"/agreements/{id}");
        Assert.DoesNotContain("person:ada", seen, StringComparison.Ordinal);
        Assert.Contains("person:ada", await Text(finance, $"/agreements/{id}"), StringComparison.Ordinal);
    }

    /// <summary>An accepted quote whose prices both hold longer and change; the landlord of it alone can answer.</summary>
    [Fact]
    public async Task Locked_prices_are_extended_and_repriced_by_both()
    {
        await using var serving = await UsedMonth.Start();
        using var nerc = await serving.As("nerc");
        var quote = await QuotesAreKept.Save(serving);
        await KeepQuote.Accept(serving.Exchange, quote, null, Actors.Local("test"), Serving.Ct);
        var row = Assert.Single(await DealsFor.Rows(serving.Exchange, null, Serving.Ct));
        Assert.Equal(("price lock", "as quoted", "agreed"), (row.Kind, row.Rate, row.State));
        var until = row.Until + Duration.FromDays(30);
        using (var asked = await UsedMonth.Submit(
            nerc, $"/agreements/{quote}?landlord=nerc", $"/agreements/{quote}/answer?landlord=nerc", ("do", "extend"),
            ("at", Exchange.Text.Of(until)), ("because", ""), ("price", ""), ("sku", "")))
        {
            Assert.Equal(HttpStatusCode.Redirect, asked.StatusCode);
        }

        await DealsFor.Answer(
            serving.Exchange, (quote, null), new(DealSide.Customer, "ada", _ => true), "accept agreement",
            (deal, now) => AgreementDeal.Accept(deal, DealSide.Customer, "ada", now), Actors.Local("test"), Serving.Ct);
        Assert.Equal(until, Assert.Single(await DealsFor.Rows(serving.Exchange, null, Serving.Ct)).Until);
        using var stranger = await serving.As("other");
        using var hidden = await stranger.GetAsync(
            new Uri($"/agreements/{quote}?landlord=nerc", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
    }

    private const string Longer = """{"for":"customer","until":"2027-01-01T00:00:00Z"}""";

    /// <summary>
    /// 10 units at 0.010 from November 1 on: until November 5 at noon they are 108 hours, 10.80, whatever was used.
    /// </summary>
    private static async Task Paid(Serving serving, string id, HttpClient ada, HttpClient nerc)
    {
        await RateMonths.Run(serving.Exchange, _ => { }, Serving.Ct);
        using var all = await serving.WithKey(KeyScope.Read, null);
        var month = Assert.Single((await TheApi.Json(all, $"/v1/agreements/{id}")).GetProperty("months").EnumerateArray());
        Assert.Equal(
            ("2026-11", "10.80 USD"),
            (month.GetProperty("month").GetString(), month.GetProperty("charged").GetString()));
        Assert.Contains("$10.80", await Text(ada, $"/agreements/{id}"), StringComparison.Ordinal);
        Assert.Contains("$10.80", await Text(nerc, $"/agreements/{id}"), StringComparison.Ordinal);
        using var key = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        Assert.Equal(
            [id], (await TheApi.Json(key, "/v1/agreements/calendar")).GetProperty("items").EnumerateArray()
                .Select(row => row.GetProperty("id").GetString()!));
    }

    private static async Task NobodyElse(Serving serving, string id)
    {
        foreach (var stranger in (string[])["ben", "other", "operator", "subsidy"])
        {
            using var client = await serving.As(stranger);
            using var answer = await client.GetAsync(new Uri($"/agreements/{id}", UriKind.Relative), Serving.Ct);
            Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.NotFound, HttpStatusCode.Forbidden]);
            using var list = await client.GetAsync(new Uri("/agreements", UriKind.Relative), Serving.Ct);
            Assert.DoesNotContain(id, await list.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
        }

        using var other = await serving.WithKey(KeyScope.Read, Serving.Other);
        using var key = await other.GetAsync(new Uri($"/v1/agreements/{id}", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.NotFound, key.StatusCode);
        Assert.Empty((await TheApi.Json(other, "/v1/agreements/calendar")).GetProperty("items").EnumerateArray());
    }

    private static async Task<string> Asked(HttpClient ada)
    {
        using var asked = await UsedMonth.Submit(
            ada, "/agreements/new", "/agreements/new", ("kind", "reservation"), ("landlord", "nerc"), ("cluster", "stack"),
            ("sku", Cpu), ("project", "p-ada"), ("from", "2026-11-01T00:00:00Z"), ("until", "2026-12-01T00:00:00Z"),
            ("amount", "10"), ("price", "0.010"));
        Assert.Equal(HttpStatusCode.Redirect, asked.StatusCode);
        return asked.Headers.Location!.ToString()["/agreements/".Length..];
    }

    private static Task<HttpResponseMessage> Say(
        HttpClient client, string id, params (string Name, string Value)[] typed) =>
        UsedMonth.Submit(client, $"/agreements/{id}", $"/agreements/{id}/answer", typed);

    private static async Task<HttpStatusCode> Post(HttpClient key, string what, string? version, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/v1/agreements/{what}", UriKind.Relative))
        {
            Content = Serving.Json(body, "application/json"),
        };
        if (version is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", version == "*" ? version : $"\"{version}\"");
        }

        using var answer = await key.SendAsync(request, Serving.Ct);
        return answer.StatusCode;
    }

    private static async Task<string> Text(HttpClient client, string page) =>
        WebUtility.HtmlDecode(await client.GetStringAsync(new Uri(page, UriKind.Relative), Serving.Ct));

    /// <summary>Of next year: one for each thing that can be said of it, waiting or agreed as that needs.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>> ForEachAct(Serving serving)
    {
        var made = new Dictionary<string, string>();
        var from = Instant.FromUtc(2027, 1, 1, 0, 0);
        foreach (var act in DealWord.Acts)
        {
            made[act] = (await DealsFor.Propose(
                serving.Exchange,
                new(
                    "", StandingKind.Reservation, Serving.Nerc, new("stack"), new(Cpu), [new(new("p-ada"), from)],
                    new(from, Instant.FromUtc(2027, 3, 1, 0, 0)), 1, 0.01m),
                new(DealSide.Landlord, "nerc", _ => true), Actors.Local("test"), Serving.Ct)).Id!;
            if (act is not ("accept" or "decline"))
            {
                await DealsFor.Answer(
                    serving.Exchange, (made[act], null), new(DealSide.Customer, "ada", _ => true), "accept agreement",
                    (deal, now) => AgreementDeal.Accept(deal, DealSide.Customer, "ada", now), Actors.Local("test"),
                    Serving.Ct);
            }
        }

        return made;
    }
}
