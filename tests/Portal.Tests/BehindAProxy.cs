using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Exchange.Portal.Keys;
using Exchange.Portal.Web.Access;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// What is configured decides how the server is reached and who is believed about who asks; what a request says of
/// itself never does.
/// </summary>
public class BehindAProxy
{
    private static readonly Uri Public = new("https://exchange.example.org");

    [Fact]
    public async Task Cookies_are_secure_and_browsers_are_told_to_stay_with_TLS()
    {
        await using var serving = await Serving.Start(people: [], with: o => o with { Address = Public });
        using var link = await Link(serving, "finance");
        var cookie = Assert.Single(link.Headers.GetValues("Set-Cookie"),
            c => c.StartsWith("exchange-session=", StringComparison.Ordinal));
        Assert.Contains("; secure", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("; httponly", cookie, StringComparison.OrdinalIgnoreCase);
        using var browser = serving.Anonymous();
        using var page = await browser.GetAsync(new Uri("/sign-in", UriKind.Relative), Serving.Ct);
        Assert.Contains("max-age=", page.Headers.GetValues("Strict-Transport-Security").Single(),
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "https://exchange.example.org/")]
    [InlineData(false, "http://127.0.0.1:")]
    public async Task The_address_of_a_panel_is_never_what_a_request_calls_the_host(bool isConfigured, string begins)
    {
        await using var serving = await Serving.Start(
            people: [], with: o => isConfigured ? o with { Address = Public } : o);
        using var key = await serving.WithKey(KeyScope.Read, null);
        key.DefaultRequestHeaders.Host = "evil.example.net";
        key.DefaultRequestHeaders.Add("X-Forwarded-Host", "evil.example.net");
        var link = await key.GetFromJsonAsync<JsonElement>(
            new Uri("/v1/projects/p-ada/panel-link", UriKind.Relative), Serving.Ct);
        Assert.StartsWith(begins, link.GetProperty("url").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "198.51.100.7", "127.0.0.1")]
    [InlineData("10.0.0.0/8", "198.51.100.7", "127.0.0.1")]
    [InlineData("127.0.0.1", "198.51.100.7", "198.51.100.7")]
    [InlineData("127.0.0.0/8", "203.0.113.5, 198.51.100.7", "198.51.100.7")]
    [InlineData("127.0.0.1", "not an address", "127.0.0.1")]
    public async Task Who_asks_is_believed_of_the_proxies_that_were_named_and_of_nobody_else(
        string trusted, string says, string origin)
    {
        await using var serving = await Serving.Start(
            people: [], with: o => o with { TrustedProxies = trusted.Length > 0 ? [trusted] : [] });
        using var nobody = serving.Anonymous();
        nobody.DefaultRequestHeaders.Add("X-Forwarded-For", says);
        using var refused = await nobody.GetAsync(new Uri("/v1/charges", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        await serving.Exchange.Projections.CatchUp(Serving.Ct);
        await using var command = serving.Exchange.Database.CreateCommand("select origin from exchange.audit");
        Assert.Equal(origin, await command.ExecuteScalarAsync(Serving.Ct));
    }

    [Fact]
    public async Task A_link_of_the_command_line_signs_in_once_on_this_machine_and_through_no_proxy()
    {
        await using var serving = await Serving.Start(people: []);
        var path = await LinkOf(serving, "finance");
        using var elsewhere = serving.Anonymous();
        elsewhere.DefaultRequestHeaders.Add("X-Forwarded-For", "127.0.0.1");
        using var proxied = await elsewhere.GetAsync(path, Serving.Ct);
        Assert.Equal(HttpStatusCode.Forbidden, proxied.StatusCode);
        using var named = serving.Anonymous();
        named.DefaultRequestHeaders.Host = "exchange.example.org";
        using var byName = await named.GetAsync(path, Serving.Ct);
        Assert.Equal(HttpStatusCode.Forbidden, byName.StatusCode);

        using var browser = serving.Anonymous();
        using var first = await browser.GetAsync(path, Serving.Ct);
        Assert.Equal("/", first.Headers.Location?.ToString());
        using var page = await browser.GetAsync(new Uri("/finance", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        using var other = serving.Anonymous();
        using var second = await other.GetAsync(path, Serving.Ct);
        Assert.Equal(HttpStatusCode.Forbidden, second.StatusCode);
    }

    [Fact]
    public async Task Servers_of_one_database_know_each_other_s_sessions()
    {
        await using var one = await Serving.Start(people: []);
        await using var two = await Serving.Start(people: [], database: one.Exchange.Database.ConnectionString);
        using var signedIn = await Link(one, "operator");
        using var browser = new HttpClient(new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = two.Address,
        };
        browser.DefaultRequestHeaders.Add("Cookie", signedIn.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
        using var page = await browser.GetAsync(new Uri("/operator", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Theory]
    [InlineData("finance", null, "/finance")]
    [InlineData("operator", null, "/operator")]
    [InlineData("pi", "Ada@BU.edu", "/pi")]
    [InlineData("landlord", "nerc", "/landlord")]
    [InlineData("subsidy", "bu-research-it", "/subsidy")]
    public async Task The_command_line_prints_a_link_for_each_role(string role, string? of, string first)
    {
        await using var serving = await Serving.Start(people: []);
        var typed = await Typed.Line(
            $"sign-in-link --as {role} {(of is null ? "" : $"--of {of}")} --urls {serving.Address}",
            serving.Exchange.Database.ConnectionString);
        Assert.Equal(0, typed.Exit);
        using var browser = serving.Anonymous();
        using var answer = await browser.GetAsync(new Uri(typed.Output.Trim()), Serving.Ct);
        Assert.Equal("/", answer.Headers.Location?.ToString());
        using var page = await browser.GetAsync(new Uri(first, UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
    }

    [Theory]
    [InlineData("--as nobody")]
    [InlineData("--as pi")]
    [InlineData("--as pi --of ada")]
    [InlineData("--as finance --of ada@bu.edu")]
    [InlineData("--as finance --urls http://exchange.example.org")]
    public async Task What_cannot_be_signed_in_is_said_before_anything_is_made(string options)
    {
        await using var serving = await Serving.Start(people: []);
        Assert.Equal(2, (await Typed.Line($"sign-in-link {options}", serving.Exchange.Database.ConnectionString)).Exit);
    }

    private static async Task<Uri> LinkOf(Serving serving, string role) => new(
        await new SignInLinks(serving.Exchange.Database, serving.Exchange.Clock).Make(role, null, "test", Serving.Ct),
        UriKind.Relative);

    private static async Task<HttpResponseMessage> Link(Serving serving, string role)
    {
        using var browser = new HttpClient(new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = serving.Address,
        };
        return await browser.GetAsync(await LinkOf(serving, role), Serving.Ct);
    }
}
