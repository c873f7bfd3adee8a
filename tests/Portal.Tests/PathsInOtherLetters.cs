using System.Net;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// A path leads to its route however its letters are written, so whatever is decided by a path is decided alike. Seen
/// before: /Sign-In was not counted as a sign-in, and /V1 was a page.
/// </summary>
public class PathsInOtherLetters
{
    [Fact]
    public async Task Are_those_of_programs()
    {
        await using var serving = await Serving.Start();
        using var stranger = serving.Anonymous();
        foreach (var path in (string[])["/v1/webhooks", "/V1/webhooks", "/V1/WEBHOOKS"])
        {
            using var refused = await stranger.GetAsync(new Uri(path, UriKind.Relative), Serving.Ct);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
            using var other = new HttpRequestMessage(HttpMethod.Get, path);
            other.Headers.TryAddWithoutValidation("Accept", "application/json;v=3");
            using var key = await serving.WithKey(Keys.KeyScope.Read, null);
            using var odd = await key.SendAsync(other, Serving.Ct);
            Assert.Equal(HttpStatusCode.NotAcceptable, odd.StatusCode);
        }
    }

    [Theory]
    [InlineData("/sign-in/link/none")]
    [InlineData("/Sign-In/link/none")]
    [InlineData("/SIGN-IN/LINK/none")]
    [InlineData("/sign-i%6e/link/none")]
    public async Task Are_counted_where_somebody_tries_to_sign_in(string path)
    {
        await using var serving = await Serving.Start();
        using var stranger = serving.Anonymous();
        var last = HttpStatusCode.Forbidden;
        for (var tries = 0; tries <= Web.Access.SignInLimits.FailuresPerMinute && last == HttpStatusCode.Forbidden; tries++)
        {
            using var answer = await stranger.GetAsync(new Uri(path, UriKind.Relative), Serving.Ct);
            last = answer.StatusCode;
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, last);
    }
}
