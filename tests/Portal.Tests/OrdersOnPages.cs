using System.Net;
using Exchange.Invoicing.Funds;
using Exchange.Journal;
using Exchange.Market.Orders;
using Exchange.Portal.Budgets;
using Exchange.Portal.Commands;
using Exchange.Portal.Keys;
using Exchange.Rating;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// From a quote to what was given: ordered by the PI, approved by its landlord, fulfilled over HTTP; and a hard budget that
/// no order passes.
/// </summary>
public class OrdersOnPages
{
    /// <summary>An order of Ada at nerc, which decides on requests.</summary>
    internal static async Task<string> Placed(Serving serving)
    {
        using var nerc = await serving.As("nerc");
        const string Offer = "/landlord/offer?service=openstack&sku=OpenStack%20CPU";
        using var drafted = await UsedMonth.Submit(
            nerc, Offer, "/landlord/offer", ("projects", ""), ("institutions", ""), ("notice", "0"), ("capacity", ""),
            ("level", ""), ("approval", "yes"), ("do", "draft"));
        using var published = await UsedMonth.Submit(nerc, Offer, "/landlord/offer", ("do", "publish"));
        var quote = await QuotesAreKept.Save(serving);
        using var ada = await serving.As("ada");
        using var placed = await UsedMonth.Submit(ada, $"/quotes/saved/{quote}", "/orders/place");
        Assert.Equal(HttpStatusCode.Redirect, placed.StatusCode);
        return placed.Headers.Location!.ToString()["/orders/".Length..];
    }

    /// <summary>The same, approved by the payer of the subsidy that Ada has by her address, and by the landlord.</summary>
    internal static async Task<string> Approved(Serving serving)
    {
        var id = await Placed(serving);
        await ApprovedByPayer(serving, id);
        using var nerc = await serving.As("nerc");
        using var approved = await UsedMonth.Submit(
            nerc, $"/orders/{id}", $"/orders/{id}/answer", ("do", "approve"), ("because", ""));
        Assert.Equal(HttpStatusCode.Redirect, approved.StatusCode);
        return id;
    }

    /// <summary>
    /// Ada is subsidized by where she works, and Ben once he is enrolled by name: who pays has a say.
    /// </summary>
    [Fact]
    public async Task The_payer_of_a_subsidy_approves_orders_of_those_whom_it_pays_for()
    {
        await using var serving = await UsedMonth.Start();
        var id = await Placed(serving);
        Assert.Equal([Approver.Payer, Approver.Landlord], await Awaits(serving, id));
        using var nerc = await serving.As("nerc");
        using var approved = await UsedMonth.Submit(
            nerc, $"/orders/{id}", $"/orders/{id}/answer", ("do", "approve"), ("because", ""));
        Assert.Equal([Approver.Payer], await Awaits(serving, id));
        await ApprovedByPayer(serving, id);
        Assert.Empty(await Awaits(serving, id));

        foreach (var isNamed in (bool[])[false, true])
        {
            if (isNamed)
            {
                await serving.Exchange.Journal.Decide(
                    Fund.Fold, "nerc-bu-subsidy", fund => Fund.Enrol(
                        fund, new("ben@mit.edu"), new(2026, 1), "bea", UsedMonth.Now), Serving.Ct);
            }

            var quote = await KeepQuote.Save(
                serving.Exchange,
                new(
                    [new("vm", Metering.Shape.Parse("""{"vcpu":"4","ram_mib":"16384"}"""),
                        NodaTime.Duration.FromHours(isNamed ? 10 : 20))],
                    new("p-ben"), Serving.Nerc, new("stack"), UsedMonth.Now, 14),
                null, Actors.Local("test"), Serving.Ct);
            var placed = await OrdersFor.Place(
                serving.Exchange, quote.Id, 0, quote.Pi, Actors.Local("test"), Serving.Ct);
            Assert.Equal(isNamed, placed.Needs.Contains(Approver.Payer));
        }
    }

    /// <summary>
    /// There is one of it: it is Ada's from the order on, and Ben's once hers is rejected. The filter that ColdFront asks
    /// says the same.
    /// </summary>
    [Fact]
    public async Task What_there_is_of_an_offer_is_held_by_one_order_at_a_time()
    {
        await using var serving = await UsedMonth.Start();
        using var nerc = await serving.As("nerc");
        const string Offer = "/landlord/offer?service=openstack&sku=OpenStack%20CPU";
        using var drafted = await UsedMonth.Submit(
            nerc, Offer, "/landlord/offer", ("projects", ""), ("institutions", ""), ("notice", "0"), ("capacity", "1"),
            ("level", ""), ("approval", "yes"), ("do", "draft"));
        using var published = await UsedMonth.Submit(nerc, Offer, "/landlord/offer", ("do", "publish"));
        var adas = await OneMachine(serving, "p-ada");
        var bens = await OneMachine(serving, "p-ben");
        var order = await OrdersFor.Place(serving.Exchange, adas.Id, 0, adas.Pi, Actors.Local("test"), Serving.Ct);
        var full = await Assert.ThrowsAsync<RefusedException>(() => OrdersFor.Place(
            serving.Exchange, bens.Id, 0, bens.Pi, Actors.Local("test"), Serving.Ct));
        Assert.Equal("offer/capacity", full.Refusal.Code);
        Assert.Contains("There are 1 of 'OpenStack CPU' at a time, and 1 are ordered", full.Refusal.Message,
            StringComparison.Ordinal);
        using var reader = await serving.WithKey(KeyScope.Read, null);
        async Task<bool> May() => (await TheApi.Json(reader,
            "/v1/catalogue/check?landlord=nerc&service=openstack&sku=OpenStack%20CPU&project=p-ben"))
            .GetProperty("isAllowed").GetBoolean();
        Assert.False(await May());

        using var rejected = await UsedMonth.Submit(
            nerc, $"/orders/{order.Id}", $"/orders/{order.Id}/answer", ("do", "reject"), ("because", "a course begins"));
        Assert.Equal(HttpStatusCode.Redirect, rejected.StatusCode);
        Assert.True(await May());
        var placed = await OrdersFor.Place(serving.Exchange, bens.Id, 0, bens.Pi, Actors.Local("test"), Serving.Ct);
        Assert.Equal("p-ben", placed.Project.Value);
    }

    private static Task<Market.Quotes.QuoteTerms> OneMachine(Serving serving, string project) => KeepQuote.Save(
        serving.Exchange,
        new(
            [new("vm", Metering.Shape.Parse("""{"vcpu":"4","ram_mib":"16384"}"""), NodaTime.Duration.FromHours(10))],
            new(project), Serving.Nerc, new("stack"), UsedMonth.Now, 14),
        null, Actors.Local("test"), Serving.Ct);

    private static async Task<Approver[]> Awaits(Serving serving, string id) =>
        [.. (await serving.Exchange.Journal.State(Order.Fold, id, Serving.Ct)).Awaits];

    private static async Task ApprovedByPayer(Serving serving, string id)
    {
        using var payer = await serving.As("subsidy");
        using var approved = await UsedMonth.Submit(
            payer, $"/orders/{id}", $"/orders/{id}/answer", ("do", "approve"), ("because", ""));
        Assert.Equal(HttpStatusCode.Redirect, approved.StatusCode);
    }

    [Fact]
    public async Task An_order_is_approved_by_its_landlord_locks_its_prices_and_is_fulfilled_over_HTTP()
    {
        await using var serving = await UsedMonth.Start();
        var id = await Placed(serving);
        var address = $"/orders/{id}";
        async Task<int> Locks() =>
            (await LoadPriceBooks.Run(serving.Exchange.Journal, Serving.Ct)).Agreements.Locks.Length;
        Assert.Equal(0, await Locks());

        using var nerc = await serving.As("nerc");
        using var prices = await serving.WithKey(KeyScope.Prices, Serving.Nerc);
        using var others = await serving.WithKey(KeyScope.Prices, Serving.Other);
        Assert.Contains("1 order awaits your approval", await nerc.GetStringAsync(
            new Uri("/orders", UriKind.Relative), Serving.Ct), StringComparison.Ordinal);
        await ApprovedByPayer(serving, id);
        using var early = await Fulfill(prices, id);
        Assert.Contains("order/not-approved", await early.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);

        using var approved = await UsedMonth.Submit(nerc, address, $"{address}/answer", ("do", "approve"), ("because", ""));
        Assert.Equal(HttpStatusCode.Redirect, approved.StatusCode);
        Assert.Equal(1, await Locks());

        using var foreign = await Fulfill(others, id);
        Assert.Contains("order/unknown", await foreign.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
        using var given = await Fulfill(prices, id);
        Assert.Equal(HttpStatusCode.OK, given.StatusCode);
        using var reader = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        var row = Assert.Single((await TheApi.Json(reader, "/v1/orders")).GetProperty("items").EnumerateArray());
        Assert.Equal("fulfilled lease-17", $"{row.GetProperty("state")} {row.GetProperty("because")}");

        foreach (var (who, sees) in ((string, bool)[])[("ada", true), ("finance", true), ("ben", false), ("other", false)])
        {
            using var client = await serving.As(who);
            using var answer = await client.GetAsync(new Uri(address, UriKind.Relative), Serving.Ct);
            Assert.Equal(sees ? HttpStatusCode.OK : HttpStatusCode.NotFound, answer.StatusCode);
        }
    }

    [Fact]
    public async Task A_rejected_order_gives_its_budget_back_and_a_hard_budget_is_never_passed()
    {
        await using var serving = await UsedMonth.Start();
        using var ada = await serving.As("ada");
        using var set = await UsedMonth.Submit(
            ada, "/pi/budget", "/pi/budget", ("amount", "6"), ("thresholds", "80"), ("forecast", ""),
            ("basis", "before"), ("hard", "yes"), ("do", "set"));
        Assert.Equal(HttpStatusCode.Redirect, set.StatusCode);
        var id = await Placed(serving); // 4 SU for 100 hours are 5.20.
        var ordered = await serving.Exchange.Journal.State(Ordered.Fold, "ada@bu.edu", Serving.Ct);
        Assert.Equal("5.20 USD", $"{Assert.Single(ordered.Open).Value.Months[0].Amount}");

        var quote = await QuotesAreKept.Save(serving);
        using var more = await UsedMonth.Submit(ada, $"/quotes/saved/{quote}", "/orders/place");
        Assert.Contains(
            "5.20 USD more do not fit", await more.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);

        using var nerc = await serving.As("nerc");
        using var rejected = await UsedMonth.Submit(
            nerc, $"/orders/{id}", $"/orders/{id}/answer", ("do", "reject"), ("because", "the racks are full"));
        Assert.Equal(HttpStatusCode.Redirect, rejected.StatusCode);
        Assert.Contains("the racks are full", await ada.GetStringAsync(
            new Uri($"/orders/{id}", UriKind.Relative), Serving.Ct), StringComparison.Ordinal);
        using var again = await UsedMonth.Submit(ada, $"/quotes/saved/{quote}", "/orders/place");
        Assert.Equal(HttpStatusCode.Redirect, again.StatusCode);
        Assert.True((await serving.Exchange.Journal.State(
            Budget.Fold, "ada@bu.edu", Serving.Ct)).Rules.IsHard);
    }

    /// <summary>Seen before: what was ordered and given up was kept of the budget for all of its months.</summary>
    [Fact]
    public async Task An_agreement_that_is_ended_frees_what_its_order_held_of_a_budget()
    {
        await using var serving = await UsedMonth.Start();
        using var ada = await serving.As("ada");
        using var set = await UsedMonth.Submit(
            ada, "/pi/budget", "/pi/budget", ("amount", "6"), ("thresholds", "80"), ("forecast", ""),
            ("basis", "before"), ("hard", "yes"), ("do", "set"));
        var id = await Approved(serving);
        var agreed = (await serving.Exchange.Journal.State(Order.Fold, id, Serving.Ct)).Needed().Quote;

        // The same again, for as long, at a time at which the first holds no prices any more.
        var quote = (await KeepQuote.Save(serving.Exchange, Plan(NodaTime.Duration.FromDays(10)), null,
            Actors.Local("test"), Serving.Ct)).Id;
        using var more = await UsedMonth.Submit(ada, $"/quotes/saved/{quote}", "/orders/place");
        Assert.Contains(
            "5.20 USD more do not fit", await more.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);

        using var ended = await UsedMonth.Submit(ada, $"/quotes/saved/{agreed}", $"/quotes/saved/{agreed}/end");
        Assert.Equal(HttpStatusCode.Redirect, ended.StatusCode);
        Assert.Empty((await serving.Exchange.Journal.State(Ordered.Fold, "ada@bu.edu", Serving.Ct)).Open);
        using var again = await UsedMonth.Submit(ada, $"/quotes/saved/{quote}", "/orders/place");
        Assert.Equal(HttpStatusCode.Redirect, again.StatusCode);
    }

    /// <summary>
    /// Seen before: what an agreement prices already was quoted for 0.00, and an order of it reserved nothing.
    /// </summary>
    [Fact]
    public async Task What_an_agreement_prices_already_is_not_quoted_for_nothing()
    {
        await using var serving = await UsedMonth.Start();
        await Approved(serving);
        foreach (var days in (int[])[0, 4]) // It holds for 100 hours.
        {
            var e = await Assert.ThrowsAsync<RefusedException>(() => KeepQuote.Save(
                serving.Exchange, Plan(NodaTime.Duration.FromDays(days)), null, Actors.Local("test"), Serving.Ct));
            Assert.Equal("quote/agreed", e.Refusal.Code);
        }

        Assert.Equal("5.20 USD", $"{(await KeepQuote.Save(
            serving.Exchange, Plan(NodaTime.Duration.FromHours(100)), null, Actors.Local("test"), Serving.Ct)).Total}");
    }

    /// <summary>A hundred hours of Ada at nerc, some time from now.</summary>
    private static PlanToKeep Plan(NodaTime.Duration later) => new(
        [new("vm", Metering.Shape.Parse("""{"vcpu":"4","ram_mib":"16384"}"""), NodaTime.Duration.FromHours(100))],
        new("p-ada"), Serving.Nerc, new("stack"), UsedMonth.Now + later, 14);

    private static Task<HttpResponseMessage> Fulfill(HttpClient key, string id) => key.PostAsync(
        new Uri($"/v1/orders/{id}/fulfilled", UriKind.Relative),
        Serving.Json("""{"reference":"lease-17"}""", "application/json"), Serving.Ct);
}
