using System.Collections.Immutable;
using System.Net;
using System.Text.Json;
using Exchange.Market.Offers;
using Exchange.Metering;
using Exchange.Portal.Keys;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>From a landlord's offer to who may have it: on pages, and as ColdFront asks over HTTP.</summary>
public class TheCatalog
{
    private const string Page = "/landlord/offer?service=openstack&sku=OpenStack%20CPU";

    private const string Check =
        "/v1/catalogue/check?landlord=nerc&service=openstack&sku=OpenStack%20CPU&project=";

    [Fact]
    public async Task A_landlord_limits_an_offer_and_only_who_it_is_for_sees_it_gets_it_and_is_quoted()
    {
        await using var serving = await UsedMonth.Start();
        using var ada = await serving.As("ada");
        using var ben = await serving.As("ben");
        using var nerc = await serving.As("nerc");
        using var reader = await serving.WithKey(KeyScope.Read, null);
        async Task<bool> Sees(HttpClient client) => (await client.GetStringAsync(
            new Uri("/catalogue?search=OpenStack%20CPU", UriKind.Relative), Serving.Ct))
            .Contains("SU-hour", StringComparison.Ordinal);
        async Task<bool> May(string project) =>
            (await TheApi.Json(reader, Check + project)).GetProperty("isAllowed").GetBoolean();

        Assert.True(await Sees(ada) && await Sees(ben) && await Sees(nerc));
        Assert.True(await May("p-ada") && await May("p-ben"));
        Assert.Contains("/landlord/offer?service=openstack", await nerc.GetStringAsync(
            new Uri("/catalogue", UriKind.Relative), Serving.Ct), StringComparison.Ordinal);

        using var drafted = await UsedMonth.Submit(
            nerc, Page, "/landlord/offer", ("projects", "p-ben"), ("institutions", ""), ("notice", "0"),
            ("capacity", ""), ("level", "99.9 % a month"), ("approval", "yes"), ("do", "draft"));
        Assert.Equal(HttpStatusCode.Redirect, drafted.StatusCode);
        Assert.True(await Sees(ada) && await May("p-ada"));
        using var published = await UsedMonth.Submit(nerc, Page, "/landlord/offer", ("do", "publish"));
        Assert.Equal(HttpStatusCode.Redirect, published.StatusCode);
        Assert.True(!await Sees(ada) && await Sees(ben) && await Sees(nerc));
        Assert.True(!await May("p-ada") && await May("p-ben"));

        var refused = await Assert.ThrowsAsync<RefusedException>(() => QuotesAreKept.Save(serving));
        Assert.Equal("offer/not-for-you", refused.Refusal.Code);

        await IsPricedForWhoMayHaveIt(serving, reader);
        await IsInSheetsForWhoMayHaveIt(serving, reader);
        var compared = await ben.GetStringAsync(new Uri(
            "/catalogue/compare?offer=nerc/openstack/OpenStack%20CPU", UriKind.Relative), Serving.Ct);
        Assert.Contains("99.9 % a month", compared, StringComparison.Ordinal);
        Assert.DoesNotContain("p-ben", compared, StringComparison.Ordinal);
        using var hidden = await nerc.GetAsync(new Uri(
            "/landlord/offer?service=openstack&sku=none", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
    }

    /// <summary>Over HTTP and on the command line as on the page; seen to fail when these priced it for all.</summary>
    private static async Task IsPricedForWhoMayHaveIt(Serving serving, HttpClient reader)
    {
        using var other = await serving.WithKey(KeyScope.Read, Serving.Other);
        using var nerc = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        (HttpClient Key, string? Project, bool IsPriced)[] asking =
        [
            (reader, null, true), (reader, "p-ben", true), (reader, "p-ada", false), (other, null, false),
            (nerc, null, true),
        ];
        foreach (var (key, project, isPriced) in asking)
        {
            using var answer = await key.PostAsync(
                new Uri("/v1/quotes", UriKind.Relative), Serving.Json($$"""
                {"landlord":"nerc","usage":[{"kind":"vm","shape":{"vcpu":4,"ram_mib":16384},"hours":"100"}],
                 "project":{{(project is null ? "null" : $"\"{project}\"")}},"at":"2026-11-05T12:00:00Z"}
                """, "application/json"), Serving.Ct);
            var quote = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Serving.Ct)).RootElement;
            Assert.Equal(isPriced, quote.GetProperty("offers").EnumerateArray().Any(offer =>
                offer.GetProperty("lines").EnumerateArray().Any(IsIt)));
            Assert.Equal(isPriced, quote.GetProperty("mix").GetProperty("parts").EnumerateArray().Any(part =>
                part.GetProperty("lines").EnumerateArray().Any(IsIt)));
        }

        const string Plan = "quote --machines 1 --form vm --vcpu 4 --ram 16 --hours 100 --at 2026-11-05T12:00:00Z --json";
        (string Project, bool IsPriced)[] typing = [("", true), ("--project p-ben", true), ("--project p-ada", false)];
        foreach (var (project, isPriced) in typing)
        {
            var typed = await Typed.Line($"{Plan} {project}", serving.Exchange.Place.Database!);
            Assert.Equal(isPriced, typed.Output.Contains("\"OpenStack CPU\"", StringComparison.Ordinal));
        }

        static bool IsIt(JsonElement line) => line.GetProperty("sku").GetString() == "OpenStack CPU";
    }

    /// <summary>A price for some stood in the sheet, which everybody reads, and in lists of prices.</summary>
    private static async Task IsInSheetsForWhoMayHaveIt(Serving serving, HttpClient reader)
    {
        using var other = await serving.WithKey(KeyScope.Read, Serving.Other);
        using var nerc = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        var id = Uri.EscapeDataString("nerc/openstack/2025-06-01#1");
        foreach (var (client, sees, path) in ((HttpClient, bool, string)[])
        [
            (other, false, $"/v1/price-sheets?id={id}"), (nerc, true, $"/v1/price-sheets?id={id}"),
            (reader, true, $"/v1/price-sheets?id={id}"), (other, false, "/v1/prices/nerc?limit=1000"),
            (nerc, true, "/v1/prices/nerc?limit=1000"), (reader, true, "/v1/prices/nerc?limit=1000"),
        ])
        {
            IsThere(sees, path, await client.GetStringAsync(new Uri(path, UriKind.Relative), Serving.Ct));
        }

        foreach (var (who, sees) in ((string, bool)[])
            [("ada", false), ("ben", true), ("nerc", true), ("other", false), ("finance", true), ("subsidy", false)])
        {
            using var person = await serving.As(who);
            IsThere(sees, who, await person.GetStringAsync(new Uri($"/sheet?id={id}", UriKind.Relative), Serving.Ct));
        }

        static void IsThere(bool sees, string where, string text)
        {
            Assert.True(sees == text.Contains("OpenStack CPU", StringComparison.Ordinal), where);
            Assert.Contains("OpenStack GPUA100SXM4", text, StringComparison.Ordinal);
        }
    }

    /// <summary>
    /// What a landlord would have credited of a month elsewhere is for whom its charge is: of a price for some, a place
    /// below nothing was shown to all, a quarter of what nobody was told.
    /// </summary>
    [Fact]
    public void A_credit_is_for_whom_its_charge_is()
    {
        var sheet = SheetReader.Read("""
            landlord: acme
            service: compute
            clusters: [a1]
            from: 2026-01
            skus:
              - {name: VM, unit: hour, rate: "1", counts: resource, per: hour, match: {kind: vm} }
              - {name: "VM, large", unit: hour, rate: "2", counts: resource, per: hour, match: {kind: large} }
            """, "acme.yaml");
        var books = PriceBooks.Of([new(sheet, 1, "", "", "", UsedMonth.Month.Start)]) with
        {
            Levels = [new(new("acme"), "compute", new(2026, 1), [new(99, 25)], 100, null, [])],
            Outages = [new("o", new("acme"), [new("a1")], UsedMonth.Month.Start, UsedMonth.Month.Start +
                Duration.FromHours(9), Outage.KnownToAll)],
        };
        var rater = new Rater(books, new(UsedMonth.Month));
        foreach (var kind in (string[])["vm", "large"])
        {
            rater.Add(new Segment(
                new(new("acme"), new("a1"), kind, kind), new("p"), UsedMonth.Month.Period, ResourceState.Running,
                Shape.Empty));
        }

        var large = new OfferName("compute", new("VM, large"));
        var offers = new Dictionary<LandlordId, LandlordOffers>
        {
            [new("acme")] = new(ImmutableDictionary<OfferName, Offered>.Empty.Add(large, Offered.Standard with
            {
                Terms = OfferTerms.Standard with { Audience = new(["MIT"], []) },
            })),
        };
        var offer = new Offer(new("acme"), new("a1"), new(2_205_00 - 551_25), null, rater.Finish().Charges, []);
        string Shown(CatalogViewer viewer) => string.Join(' ', OffersFor.Theirs(
            [offer], OffersFor.Sees(viewer, offers, books)).Select(one => $"{one.Total}: {one.Charges.Count}"));
        Assert.Equal("1653.75 USD: 4", Shown(new(null, false, [], "MIT")));
        Assert.Equal("551.25 USD: 2", Shown(new(null, false, [], "Yale"))); // 735 hours at 1, less a quarter.
    }
}
