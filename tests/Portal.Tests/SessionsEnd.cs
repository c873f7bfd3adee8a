using System.Net;
using Exchange.Portal.Web.Access;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>A session ends when it should, and a stolen cookie with it.</summary>
public class SessionsEnd
{
    [Fact]
    public async Task A_copy_of_the_cookie_is_worth_nothing_once_its_owner_signed_out()
    {
        await using var serving = await Serving.Start();
        var (ada, cookie) = await SignIn(serving);
        using var _ = ada;
        Assert.Equal(HttpStatusCode.OK, await With(serving, cookie));
        using var answer = await UsedMonth.Submit(ada, "/pi", "/sign-out");
        Assert.Equal("/sign-in", answer.Headers.Location?.ToString());
        Assert.Equal(HttpStatusCode.Redirect, await With(serving, cookie));
    }

    [Fact]
    public async Task A_session_ends_after_twelve_hours_and_its_cookie_is_written_anew_before()
    {
        var clock = new MovedClock { Now = Instant.FromUtc(2026, 10, 1, 8, 0) };
        await using var serving = await Serving.Start(clock);
        var (ada, cookie) = await SignIn(serving);
        using var _ = ada;
        clock.Now += Duration.FromMinutes(20);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/pi", UriKind.Relative));
        request.Headers.Add("Cookie", cookie);
        using var anyone = new HttpClient(new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = serving.Address,
        };
        using var rotated = await anyone.SendAsync(request, Serving.Ct);
        Assert.Contains(
            rotated.Headers.GetValues("Set-Cookie"),
            c => c.StartsWith("exchange-session=", StringComparison.Ordinal) &&
                c.Contains("httponly", StringComparison.OrdinalIgnoreCase));
        clock.Now += Sessions.MaxAge;
        Assert.Equal(HttpStatusCode.Redirect, await With(serving, cookie));
    }

    [Fact]
    public async Task Whoever_tries_to_sign_in_too_often_is_asked_to_wait()
    {
        await using var serving = await Serving.Start();
        using var browser = serving.Anonymous();
        var failed = 0;
        await Waiting.For(
            async () =>
            {
                using var nothing = new FormUrlEncodedContent([]);
                using var answer = await browser.PostAsync(new Uri("/sign-in", UriKind.Relative), nothing, Serving.Ct);
                failed += answer.StatusCode == HttpStatusCode.TooManyRequests ? 0 : 1;
                return answer.StatusCode == HttpStatusCode.TooManyRequests;
            },
            () => $"It failed {failed} times.");
        Assert.True(failed >= SignInLimits.FailuresPerMinute, $"{failed}"); // More where a minute ended between.
        Assert.Equal(HttpStatusCode.OK, await Status(browser, "/health/live"));
    }

    [Fact]
    public async Task A_form_without_its_token_does_nothing()
    {
        await using var serving = await Serving.Start();
        using var finance = await serving.As("finance");
        foreach (var path in (string[])["/sign-out", "/finance/close", "/invoices/x/payments"])
        {
            using var form = new FormUrlEncodedContent([new("month", "2026-10"), new("confirm", "2026-10")]);
            using var answer = await finance.PostAsync(new Uri(path, UriKind.Relative), form, Serving.Ct);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        }
    }

    private static async Task<(HttpClient Client, string Cookie)> SignIn(Serving serving)
    {
        var jar = new CookieContainer();
        var client = new HttpClient(new HttpClientHandler { CookieContainer = jar, AllowAutoRedirect = false })
        {
            BaseAddress = serving.Address,
        };
        using var answer = await UsedMonth.Submit(client, "/sign-in", "/sign-in", ("persona", "ada"));
        Assert.Equal("/", answer.Headers.Location?.ToString());
        return (client, jar.GetCookieHeader(serving.Address));
    }

    private static async Task<HttpStatusCode> With(Serving serving, string cookie)
    {
        using var client = new HttpClient(new HttpClientHandler { UseCookies = false, AllowAutoRedirect = false })
        {
            BaseAddress = serving.Address,
        };
        client.DefaultRequestHeaders.Add("Cookie", cookie);
        return await Status(client, "/pi");
    }

    private static async Task<HttpStatusCode> Status(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Serving.Ct);
        return answer.StatusCode;
    }

    /// <summary>A clock that a test sets.</summary>
    private sealed class MovedClock : IClock
    {
        public Instant Now { get; set; }

        public Instant GetCurrentInstant() => Now;
    }
}
