using System.Net;
using Exchange.Portal.Keys;
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

        var compared = await ben.GetStringAsync(new Uri(
            "/catalogue/compare?offer=nerc/openstack/OpenStack%20CPU", UriKind.Relative), Serving.Ct);
        Assert.Contains("99.9 % a month", compared, StringComparison.Ordinal);
        Assert.DoesNotContain("p-ben", compared, StringComparison.Ordinal);
        using var hidden = await nerc.GetAsync(new Uri(
            "/landlord/offer?service=openstack&sku=none", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.NotFound, hidden.StatusCode);
    }
}
