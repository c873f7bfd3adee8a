using System.Net;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.SigningIn;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Signing in with OpenID Connect: whoever is believed becomes who they are, and whatever is wrong is refused.
/// </summary>
public class SigningInElsewhere
{
    private static readonly RoleRule[] Rules =
        [new("groups", "money", Role.Finance, null, null), new("groups", "nerc", Role.Landlord, Serving.Nerc, null)];

    public static TheoryData<string> Attacks =>
        ["wrong nonce", "no nonce", "wrong audience", "several audiences", "wrong issuer", "expired", "from the future",
            "unsigned", "no signature", "signed by another", "shared secret", "changed after signing", "nobody",
            "not a token", "an array", "a claim twice"];

    [Fact]
    public async Task A_person_with_a_verified_address_is_the_PI_of_that_address()
    {
        await using var provider = await HostileProvider.Start();
        await using var serving = await Start(provider);
        using var browser = serving.Anonymous();
        using var answer = await SignIn(browser);
        Assert.True(answer.Headers.Location?.ToString() == "/", await answer.Content.ReadAsStringAsync(Serving.Ct));
        using var page = await browser.GetAsync(new Uri("/pi", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Contains("Ada", await page.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("money", "/finance", HttpStatusCode.OK)]
    [InlineData("nerc", "/landlord", HttpStatusCode.OK)]
    [InlineData("nerc", "/finance", HttpStatusCode.Forbidden)]
    [InlineData("other", "/finance", HttpStatusCode.Forbidden)]
    public async Task Roles_come_from_claims_by_the_rules(string group, string page, HttpStatusCode status)
    {
        await using var provider = await HostileProvider.Start();
        await using var serving = await Start(provider);
        provider.Claims = claims => claims["groups"] = new[] { "all", group };
        using var browser = serving.Anonymous();
        using var signedIn = await SignIn(browser);
        using var answer = await browser.GetAsync(new Uri(page, UriKind.Relative), Serving.Ct);
        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task An_address_that_was_not_verified_makes_nobody_a_PI()
    {
        await using var provider = await HostileProvider.Start();
        await using var serving = await Start(provider);
        provider.Claims = claims => claims["email_verified"] = false;
        using var browser = serving.Anonymous();
        using var answer = await SignIn(browser);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("absent")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("[true]")]
    [InlineData("\"\"")]
    [InlineData("\"yes\"")]
    [InlineData("0")]
    public async Task An_address_of_which_it_is_not_said_that_it_is_verified_makes_nobody_anybody(string verified)
    {
        await using var provider = await HostileProvider.Start();
        await using var serving = await Serving.Start(signIn: new(
            new Uri(provider.Issuer), "exchange", "secret", null, ["openid", "email"], "name", "email",
            [new("email", "ada@bu.edu", Role.Finance, null, null)]));
        provider.Claims = claims =>
        {
            claims.Remove("email_verified");
            if (verified != "absent")
            {
                claims["email_verified"] = System.Text.Json.JsonDocument.Parse(verified).RootElement;
            }
        };
        using var browser = serving.Anonymous();
        using var answer = await SignIn(browser);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Theory]
    [InlineData("\u212Aim@bu.edu")] // The Kelvin sign is a 'k' in lower case.
    [InlineData("kim@bu.edu\u200B")]
    [InlineData("k\u0131m@bu.edu")]
    [InlineData("kim@bu.\uFF45du")]
    [InlineData("\u043Aim@bu.edu")]
    [InlineData("kim@bu.edu\u0000")]
    [InlineData("kim @bu.edu")]
    [InlineData("kim@bu.edu@elsewhere.org")]
    public async Task An_address_that_looks_or_folds_like_another_is_nobody_s(string address)
    {
        await using var provider = await HostileProvider.Start();
        await using var serving = await Start(provider);
        provider.Claims = claims => claims["email"] = address;
        using var browser = serving.Anonymous();
        using var answer = await SignIn(browser);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task A_campus_behind_one_address_signs_in_however_many_they_are_and_one_person_not_for_ever()
    {
        await using var provider = await HostileProvider.Start();
        await using var serving = await Start(provider);
        for (var n = 0; n < 80; n++)
        {
            provider.Claims = claims => (claims["sub"], claims["email"]) = ($"u-{n}", $"pi-{n}@bu.edu");
            using var browser = serving.Anonymous();
            using var answer = await SignIn(browser);
            Assert.Equal("/", answer.Headers.Location?.ToString());
        }

        provider.Claims = claims => claims["sub"] = "u-again";
        var times = 0;
        await Waiting.For(
            async () =>
            {
                using var browser = serving.Anonymous();
                using var answer = await SignIn(browser);
                times += answer.StatusCode == HttpStatusCode.Redirect ? 1 : 0;
                return answer.StatusCode == HttpStatusCode.TooManyRequests;
            },
            () => $"One person signed in {times} times.");
        Assert.True(times >= SignInLimits.PersonPerMinute, $"{times}"); // More where a minute ended between.
    }

    [Fact]
    public async Task A_provider_that_is_away_is_said_to_be()
    {
        var provider = await HostileProvider.Start();
        await using var serving = await Start(provider);
        await provider.DisposeAsync();
        using var browser = serving.Anonymous();
        using var answer = await browser.GetAsync(new Uri("/sign-in/start", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("sign-in/provider", await answer.Content.ReadAsStringAsync(Serving.Ct),
            StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Attacks))]
    public async Task A_token_that_is_not_right_signs_nobody_in_and_is_in_the_audit_log(string attack)
    {
        await using var provider = await HostileProvider.Start();
        await using var serving = await Start(provider);
        Arm(provider, attack);
        using var browser = serving.Anonymous();
        using var answer = await SignIn(browser);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        using var page = await browser.GetAsync(new Uri("/pi", UriKind.Relative), Serving.Ct);
        Assert.Equal("/sign-in", page.Headers.Location?.ToString());
        await serving.Exchange.Projections.CatchUp(Serving.Ct);
        await using var command = serving.Exchange.Database.CreateCommand(
            "select count(*) from exchange.audit where result = 'sign-in/not-believed'");
        Assert.Equal(1L, await command.ExecuteScalarAsync(Serving.Ct));
    }

    [Fact]
    public async Task An_answer_counts_once_and_only_in_the_browser_that_asked()
    {
        await using var provider = await HostileProvider.Start();
        await using var serving = await Start(provider);
        using var browser = serving.Anonymous();
        using var thief = serving.Anonymous();
        var callback = await Callback(browser);
        using var stolen = await thief.GetAsync(callback, Serving.Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, stolen.StatusCode);
        using var first = await browser.GetAsync(callback, Serving.Ct);
        Assert.Equal("/", first.Headers.Location?.ToString());
        using var replayed = await browser.GetAsync(callback, Serving.Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, replayed.StatusCode);
    }

    [Fact]
    public async Task A_code_or_a_state_that_was_made_up_signs_nobody_in()
    {
        await using var provider = await HostileProvider.Start();
        await using var serving = await Start(provider);
        using var browser = serving.Anonymous();
        var callback = await Callback(browser);
        var state = Microsoft.AspNetCore.WebUtilities.QueryHelpers.ParseQuery(callback.Query)["state"].ToString();
        foreach (var query in (string[])[
            "", "?code=x", "?state=x&code=x", $"?code=made-up&state={Uri.EscapeDataString(state)}",
            "?error=access_denied", $"?code=x&iss=http%3A%2F%2Felsewhere&state={Uri.EscapeDataString(state)}"])
        {
            using var answer = await browser.GetAsync(
                new Uri($"{SignInSettings.CallbackPath}{query}", UriKind.Relative), Serving.Ct);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    [Fact]
    public async Task Where_people_sign_in_elsewhere_nobody_picks_a_persona()
    {
        await using var provider = await HostileProvider.Start();
        await using var serving = await Start(provider);
        using var browser = serving.Anonymous();
        var page = await browser.GetStringAsync(new Uri("/sign-in", UriKind.Relative), Serving.Ct);
        Assert.DoesNotContain("persona", page, StringComparison.Ordinal);
    }

    private static void Arm(HostileProvider provider, string attack)
    {
        var past = SystemClock.Instance.GetCurrentInstant().ToUnixTimeSeconds() - 3_600;
        provider.Claims = attack switch
        {
            "wrong nonce" => claims => claims["nonce"] = "of another sign-in",
            "no nonce" => claims => claims.Remove("nonce"),
            "wrong audience" => claims => claims["aud"] = "another-client",
            "several audiences" => claims => claims["aud"] = new[] { "exchange", "another-client" },
            "wrong issuer" => claims => claims["iss"] = "https://elsewhere.example",
            "expired" => claims => claims["exp"] = past,
            "from the future" => claims => claims["iat"] = past + 7_200,
            "nobody" => claims => claims["sub"] = "",
            _ => _ => { }
            ,
        };
        provider.Algorithm = attack switch { "unsigned" => "none", "shared secret" => "HS256", _ => "RS256" };
        provider.SignsWithAnotherKey = attack == "signed by another";
        provider.Payload = attack == "a claim twice"
            ? said => said.Replace("\"email_verified\"", "\"email_verified\":false,\"email_verified\"", StringComparison.Ordinal)
            : said => said;
        provider.Token = attack switch
        {
            "no signature" => token => token[..(token.LastIndexOf('.') + 1)],
            "changed after signing" => token => token.Split('.') is [var head, _, var signature]
                ? $"{head}.{System.Buffers.Text.Base64Url.EncodeToString("{\"sub\":\"u-2\"}"u8)}.{signature}" : token,
            "not a token" => _ => "<script>alert(1)</script>",
            "an array" => _ => "W10.W10.W10",
            _ => token => token,
        };
    }

    private static Task<Serving> Start(HostileProvider provider) => Serving.Start(signIn: new(
        new Uri(provider.Issuer), "exchange", "secret", null, ["openid", "email"], "name", "email", Rules));

    /// <summary>
    /// Follows the browser to the provider and back to our door. The provider is in this process: on a busy machine it
    /// may not answer within the ten seconds that it has, and is asked again.
    /// </summary>
    private static async Task<Uri> Callback(HttpClient browser)
    {
        Uri? callback = null;
        await Waiting.For(
            async () =>
            {
                using var start = await browser.GetAsync(new Uri("/sign-in/start", UriKind.Relative), Serving.Ct);
                if (start.StatusCode == HttpStatusCode.ServiceUnavailable)
                {
                    await Task.Delay(1_000, Serving.Ct); // It is asked again after a second at the earliest.
                    return false;
                }

                Assert.Equal(HttpStatusCode.Redirect, start.StatusCode);
                using var there = await browser.GetAsync(start.Headers.Location, Serving.Ct);
                callback = there.Headers.Location;
                return true;
            },
            () => "The provider does not answer.");
        return callback!;
    }

    private static async Task<HttpResponseMessage> SignIn(HttpClient browser)
    {
        HttpResponseMessage? answer = null;
        await Waiting.For(
            async () =>
            {
                answer?.Dispose();
                answer = await browser.GetAsync(await Callback(browser), Serving.Ct);
                return !(await answer.Content.ReadAsStringAsync(Serving.Ct)).Contains(
                    "sign-in/provider", StringComparison.Ordinal);
            },
            () => "The provider does not answer.");
        return answer!;
    }
}
