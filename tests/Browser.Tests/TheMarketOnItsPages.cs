using System.Net;
using System.Text.RegularExpressions;
using Exchange.Invoicing.Charging;
using Exchange.Portal.Bench;
using Exchange.Portal.Demo;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using Xunit;

namespace Exchange.Browser.Tests;

/// <summary>
/// The market of the demonstration as people find it on pages: five landlords, a catalog, an order that awaits
/// approval, a lease with a sublease, an outage that became credits, a disputed statement. Each amount is worked out on
/// paper.
/// </summary>
[Collection(nameof(Demonstrated))]
public sealed partial class TheMarketOnItsPages(Demonstrated demonstration)
{
    private static readonly IReadOnlyList<Persona> People = DemoPeople.Of(new Cast(DemoPlay.Seed));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Five_landlords_are_in_the_catalog_with_their_prices()
    {
        using var finance = await As("finance");
        var catalog = await Read(finance, "/catalogue");
        Has(catalog, "blockbank", "crimson", "gatefarm", "nerc", "openstore", "$2.078", "$1.10", "$0.013");
    }

    /// <summary>A GPU and what belongs to it is one SU: 100 hours at 2.078. It awaits who subsidizes, and the landlord.
    /// </summary>
    [Fact]
    public async Task An_order_awaits_its_approvals_and_says_what_it_comes_to()
    {
        foreach (var persona in (string[])[People[0].Id, "nerc", "subsidy"])
        {
            using var reader = await As(persona);
            var orders = await Read(reader, "/orders");
            Has(orders, "waiting");
            Has(
                await Read(reader, Link(orders, "^/orders/O-")), "$207.80", "waiting",
                "Awaits payer of the subsidy, landlord", "Nov 11, 2026 08:00 UTC to Nov 15, 2026 12:00 UTC");
        }
    }

    /// <summary>
    /// Three nodes for 696 hours from November 2 on at 0.65 are 1,357.20 for the month, and one of them sublet for 648
    /// hours from the 4th on at 0.90 is 583.20, which is the lessee's. Finance sees both.
    /// </summary>
    [Fact]
    public async Task A_lease_is_on_the_pages_of_its_parties_and_its_sublease_beside_it()
    {
        var rated = await (await RatingNow.Read(demonstration.Exchange.Sources, Ct)).Rate(
            new RateRequest(new BillingMonth(2026, 11)), null, Ct);
        Assert.Equal(
            ["spring-lab 1357.20 USD", "vision-lab 583.20 USD", "winter-runs 1003.20 USD"],
            rated.Charges.Select(one => one.Charge).Where(one => one.Landlord == Landlords.Racks)
                .GroupBy(one => one.Project).Select(of => $"{of.Key} {Money.Sum(of.Select(one => one.Amount))}")
                .Order(StringComparer.Ordinal));
        foreach (var (who, pages) in ((string, string[][])[])
        [
            ("crimson", [["Holder spring-lab", "0.65", "a course needs the nodes"], ["Holder crimson-own", "own use"]]),
            ("finance", [["Holder spring-lab", "vision-lab"], ["Holder vision-lab", "Lessor spring-lab", "0.9"]]),
        ])
        {
            using var reader = await As(who);
            var leases = await Read(reader, "/leases");
            Has(leases, "spring-lab", "winter-runs", "crimson-own");
            var texts = new List<string>();
            foreach (var lease in Links().Matches(leases).Select(one => one.Groups[1].Value).Distinct()
                .Where(one => one.StartsWith("/leases/L-", StringComparison.Ordinal)))
            {
                texts.Add(Text(await Read(reader, lease)));
            }

            Assert.All(pages, words => Assert.Contains(
                texts, text => words.All(word => text.Contains(word, StringComparison.Ordinal))));
        }
    }

    /// <summary>
    /// Two nodes are reserved for 56 hours by now, at 0.95: 106.40, used or not. The PI, the landlord and finance find
    /// it by the navigation, and the PI what another landlord offers.
    /// </summary>
    [Fact]
    public async Task A_reservation_and_a_commitment_are_on_the_pages_of_their_parties()
    {
        foreach (var (who, waits) in ((string, bool)[])[
            (People[0].Id, true), ("crimson", false), ("gatefarm", true), ("finance", true)])
        {
            using var reader = await As(who);
            var all = await Read(reader, Link(await Read(reader, "/quotes"), "^/agreements$"));
            Assert.Equal(waits, all.Contains("customer: agree", StringComparison.Ordinal));
            if (who != "gatefarm")
            {
                Has(await Read(reader, Link(all, "^/agreements/R-")), "2 of Node", "0.95", "winter-runs", "$106.");
            }
        }
    }

    /// <summary>
    /// Nine hours of cooling and seven and a half without power of 720 leave 97.708 %: below 99 and not below 95, so
    /// that a quarter of each charge of the service there comes back.
    /// </summary>
    [Fact]
    public async Task An_outage_became_credits_of_a_quarter()
    {
        using var nerc = await As("nerc");
        Has(await Read(nerc, "/landlord/levels"), "cooling-2026-11-05", "power-feed-b", "upgrade-2026-11-24", "97.708");
        var rated = await (await RatingNow.Read(demonstration.Exchange.Sources, Ct)).Rate(
            new RateRequest(new BillingMonth(2026, 11)), null, Ct);
        var service = rated.Charges.Select(one => one.Charge).Where(one =>
            one.Landlord == Landlords.Nerc && one.Service == "openstack" && one.Cluster == Landlords.Stack).ToList();
        var (credits, charges) = (
            service.Where(one => one.Sku == ServiceCredits.Sku).ToList(),
            service.Where(one => one.Sku != ServiceCredits.Sku && !one.Amount.IsZero).ToList());
        Assert.Equal(
            charges.Select(one => Money.Round(one.Amount.Amount * -0.25m)).Where(one => !one.IsZero).Order(),
            credits.Select(one => one.Amount).Order());
        using var pi = await As(People[0].Id);
        Has(await Read(pi, "/pi?month=2026-11"), "service-credit");
    }

    [Fact]
    public async Task A_statement_is_disputed_and_both_sides_read_why()
    {
        using var finance = await As("finance");
        var payouts = await Read(finance, "/finance/payouts");
        Has(payouts, "blockbank");
        foreach (var (reader, list) in ((string, string)[])[("blockbank", "/landlord/statements"), ("finance", "")])
        {
            using var who = await As(reader);
            var at = list.Length > 0 ? list : Link(payouts, "^/finance/payouts/.*blockbank");
            var statement = await Read(who, Link(await Read(who, at), "2026-10$"));
            Has(statement, "disputed", "Our own meter has 40 GiB more from the 12th on.");
        }
    }

    private Task<HttpClient> As(string who) => PageBench.SignIn(
        demonstration.Address, People.Single(one => one.Id == who), Ct);

    private static async Task<string> Read(HttpClient who, string address)
    {
        Assert.NotEqual("", address);
        using var answer = await who.GetAsync(new Uri(address, UriKind.Relative), Ct);
        var html = await answer.Content.ReadAsStringAsync(Ct);
        Assert.True(answer.IsSuccessStatusCode, $"{address} answered {(int)answer.StatusCode}: {html}");
        return html;
    }

    private static string Link(string html, string pattern)
    {
        var links = Links().Matches(html).Select(one => WebUtility.HtmlDecode(one.Groups[1].Value)).ToList();
        var found = links.Find(one => Regex.IsMatch(one, pattern));
        Assert.True(found is not null, $"No link like {pattern} among {string.Join(' ', links)}.");
        return found;
    }

    private static string Text(string html) =>
        Blanks().Replace(WebUtility.HtmlDecode(Tags().Replace(html, " ")), " ");

    private static void Has(string html, params string[] words)
    {
        var text = Text(html);
        Assert.All(words, word =>
            Assert.True(text.Contains(word, StringComparison.Ordinal), $"No '{word}' in: {text}"));
    }

    [GeneratedRegex("<a\\s[^>]*?href=\"([^\"]*)\"")]
    private static partial Regex Links();

    [GeneratedRegex("<[^>]*>", RegexOptions.Singleline)]
    private static partial Regex Tags();

    [GeneratedRegex("\\s+")]
    private static partial Regex Blanks();
}
