using System.Net;
using Exchange.Metering;
using Exchange.Portal.Commands;
using Exchange.Portal.Keys;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// From a plan on the page to an agreement that the bill keeps: a PI saves and accepts, the landlord and finance see it,
/// nobody else does.
/// </summary>
public class QuotesAreKept
{
    private const string Plan =
        "/quotes?machines=2&form=vm&vcpu=4&ram=16&gpus=0&gpu=&fpgas=0&hours=100&storage=&egress=";

    private static readonly (string, string)[] Wanted = [("place", "nerc|stack|p-ada"), ("valid_days", "14")];

    /// <summary>A quote of Ada for a hundred hours at nerc: the first from now for which nothing is agreed yet.</summary>
    internal static async Task<string> Save(Serving serving)
    {
        for (var from = UsedMonth.Now; ; from += Duration.FromHours(100))
        {
            try
            {
                return (await KeepQuote.Save(
                    serving.Exchange,
                    new(
                        [
                            new("vm", Shape.Parse("""{"vcpu":"4","ram_mib":"16384"}"""), Duration.FromHours(100)),
                        ],
                        new("p-ada"), Serving.Nerc, new("stack"), from, 14),
                    null, Actors.Local("test"), Serving.Ct)).Id;
            }
            catch (RefusedException e) when (e.Refusal.Code == "quote/agreed")
            {
                // Somebody accepted one for that time.
            }
        }
    }

    [Fact]
    public async Task A_PI_saves_a_quote_and_accepts_it_and_only_the_parties_see_it()
    {
        await using var serving = await UsedMonth.Start();
        using var ada = await serving.As("ada");
        var asked = await ada.GetStringAsync(new Uri(Plan, UriKind.Relative), Serving.Ct);
        Assert.Contains("nerc|stack|p-ada", WebUtility.HtmlDecode(asked), StringComparison.Ordinal);
        Assert.DoesNotContain("p-ben", asked, StringComparison.Ordinal);

        using var saved = await UsedMonth.Submit(ada, Plan, "/quotes/saved", Wanted);
        Assert.Equal(HttpStatusCode.Redirect, saved.StatusCode);
        var address = saved.Headers.Location!.ToString();
        var page = await ada.GetStringAsync(new Uri(address, UriKind.Relative), Serving.Ct);
        Assert.Contains("Accept quote", page, StringComparison.Ordinal);
        Assert.Contains("$10.40", page, StringComparison.Ordinal); // 2 × 4 SU × 100 h × $0.013.

        using var accepted = await UsedMonth.Submit(ada, address, $"{address}/accept");
        Assert.Equal(address, accepted.Headers.Location?.ToString());
        Assert.Contains("End agreement", await ada.GetStringAsync(
            new Uri(address, UriKind.Relative), Serving.Ct), StringComparison.Ordinal);
        Assert.Single((await LoadPriceBooks.Run(serving.Exchange.Journal, Serving.Ct)).Agreements.Locks);

        foreach (var (who, sees) in ((string, bool)[])[("nerc", true), ("finance", true), ("ben", false), ("subsidy", false)])
        {
            using var client = await serving.As(who);
            using var answer = await client.GetAsync(new Uri(address, UriKind.Relative), Serving.Ct);
            Assert.Equal(sees ? HttpStatusCode.OK : HttpStatusCode.NotFound, answer.StatusCode);
        }

        using var nerc = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        using var other = await serving.WithKey(KeyScope.Read, Serving.Other);
        var agreements = (await TheApi.Json(nerc, "/v1/agreements")).GetProperty("items");
        Assert.Equal("accepted", Assert.Single(agreements.EnumerateArray()).GetProperty("state").GetString());
        Assert.Empty((await TheApi.Json(other, "/v1/agreements")).GetProperty("items").EnumerateArray());
        Assert.Empty((await TheApi.Json(other, "/v1/quotes/saved")).GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task What_is_not_theirs_or_makes_no_sense_comes_back_with_a_sentence()
    {
        await using var serving = await UsedMonth.Start();
        using var ada = await serving.As("ada");
        foreach (var (field, typed, sentence) in ((string, string, string)[])
        [
            ("place", "nerc|stack|p-ben", "is not a project of yours"), ("place", "x", "Choose where"),
            ("valid_days", "91", "valid for 1 to 90 days"), ("valid_days", "soon", "Write a whole number of days"),
        ])
        {
            using var answer = await UsedMonth.Submit(
                ada, Plan, "/quotes/saved", [.. Wanted.Where(of => of.Item1 != field), (field, typed)]);
            Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
            Assert.Contains(sentence, await answer.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
        }
    }
}
