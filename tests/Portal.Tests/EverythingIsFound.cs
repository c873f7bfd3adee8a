using System.Net;
using System.Text.Json;
using Exchange.Portal.Keys;
using Exchange.Portal.Searching;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// The field in the head of each page finds what is the reader's, on pages, in the API and on the command line alike;
/// what is another's is answered as if there were none.
/// </summary>
public class EverythingIsFound
{
    [Fact]
    public async Task Each_finds_their_own_and_nobody_learns_of_anything_else()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.UseMuch(serving);
        await UsedMonth.Close(serving);
        await serving.Exchange.Projections.CatchUp(Serving.Ct);
        var people = new Dictionary<string, HttpClient>(StringComparer.Ordinal);
        foreach (var name in (string[])["ada", "ben", "nerc", "other", "finance", "operator", "subsidy"])
        {
            people[name] = await serving.As(name);
        }

        // Who finds what, in words; 'all' keeps the page from opening the only thing of that name.
        foreach (var (text, found) in ((string, string)[])[
            ("PI-2026-0001", "ada finance"), ("pi-2026-2", "ben finance"), ("IN-2026-0001", "finance"),
            ("p-ada", "ada nerc finance"), ("P-BEN", "ben nerc finance"), ("Ada's gr", "ada nerc finance"),
            ("ada@", "nerc finance subsidy"), ("ben@mit.edu", "nerc finance"),
            ("vm-large", "ada finance"), ("nerc/stack/vm/vm-ben", "nerc finance"),
            ("other/stack/vm/vm-ben", ""), ("OpenStack CPU", "ada ben nerc other finance subsidy"), ("urn:te", "operator"),
        ])
        {
            var who = new List<string>();
            foreach (var (name, client) in people)
            {
                var page = await client.GetStringAsync(Page(text), Serving.Ct);
                if (page.Contains("id=\"listing-found\"", StringComparison.Ordinal))
                {
                    who.Add(name);
                }
            }

            Assert.Equal((text, found), (text, string.Join(" ", who)));
        }

        await SaysTheSameOfAnothersAsOfNone(people);
        await OpensTheOnlyOne(people);
        await IsTheSameForPrograms(serving);
        people.Values.ToList().ForEach(client => client.Dispose());
    }

    private static async Task SaysTheSameOfAnothersAsOfNone(Dictionary<string, HttpClient> people)
    {
        foreach (var (who, theirs, none) in ((string, string, string)[])[
            ("ada", "PI-2026-0002", "PI-2026-0009"), ("ada", "p-ben", "p-bxn"), ("ada", "ben@mit", "bxn@mit"),
            ("ben", "vm-ada", "vm-axa"), ("other", "p-ada", "p-axa"), ("other", "ada@bu", "axa@bu"),
            ("operator", "p-ada", "p-axa"), ("subsidy", "ben@mit", "bxn@mit"), ("nerc", "IN-2026-0001", "IN-2026-0009"),
        ])
        {
            var (one, other) = (
                await people[who].GetStringAsync(Page(theirs), Serving.Ct),
                await people[who].GetStringAsync(Page(none), Serving.Ct));
            Assert.Contains("Nothing that you may see", one, StringComparison.Ordinal);
            Assert.Equal(Without(other, none), Without(one, theirs));
        }

        static string Without(string page, string text) => System.Text.RegularExpressions.Regex.Replace(
            page.Replace(text, "…", StringComparison.Ordinal), "name=\"form-token\" value=\"[^\"]*\"", "");
    }

    private static async Task OpensTheOnlyOne(Dictionary<string, HttpClient> people)
    {
        using var own = await people["ada"].GetAsync(
            new Uri("/search?q=PI-2026-0001", UriKind.Relative), Serving.Ct);
        Assert.Equal((HttpStatusCode.Redirect, "/invoices/PI-2026-0001"), (
            own.StatusCode, own.Headers.Location?.ToString()));
        using var party = await people["finance"].GetAsync(
            new Uri("/search?q=in-2026-1", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.OK, party.StatusCode); // It is not written so.
        foreach (var text in (string[])["x", new('x', 101), "a%00b"])
        {
            using var refused = await people["ada"].GetAsync(
                new Uri($"/search?q={text}", UriKind.Relative), Serving.Ct);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        }

        var first = await people["ada"].GetStringAsync(new Uri("/pi", UriKind.Relative), Serving.Ct);
        Assert.Contains("action=\"/search\" role=\"search\"", first, StringComparison.Ordinal);
    }

    private static async Task IsTheSameForPrograms(Serving serving)
    {
        using var nerc = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        using var other = await serving.WithKey(KeyScope.Read, Serving.Other);
        using var all = await serving.WithKey(KeyScope.Read, null);
        const string Asked = "/v1/search?q=p-ada";
        Assert.Equal("project p-ada", One(await TheApi.Json(nerc, Asked)));
        Assert.Equal("project p-ada", One(await TheApi.Json(all, Asked)));
        Assert.Equal(0, (await TheApi.Json(other, Asked)).GetProperty("items").GetArrayLength());
        Assert.Equal(0, (await TheApi.Json(nerc, "/v1/search?q=PI-2026-0001")).GetProperty("items").GetArrayLength());
        using var refused = await all.GetAsync(new Uri("/v1/search?q=x", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        foreach (var verb in (string[])["search", "find"])
        {
            var typed = await Typed.Done(
                $"{verb} PI-2026-0001 --json", serving.Exchange.Database.ConnectionString,
                clock: new StoppedClock(UsedMonth.Now));
            Assert.Equal("invoice PI-2026-0001", One(JsonDocument.Parse(typed.Output).RootElement));
        }

        static string One(JsonElement answer) => Assert.Single(answer.GetProperty("items").EnumerateArray().Select(
            hit => $"{hit.GetProperty("kind").GetString()} {hit.GetProperty("name").GetString()}"));
    }

    /// <summary>What an ending of a number may stand for is a few numbers, each looked up by an index.</summary>
    [Theory]
    [InlineData("PI-2026-0080", "PI-2026-0080")]
    [InlineData("py-2026-7", "PY-2026-0007")]
    [InlineData("pi-2026-12345", "PI-2026-12345")]
    [InlineData("2025-80", "PI-2025-0080 IN-2025-0080 PY-2025-0080 PG-2025-0080")]
    [InlineData("genome", "")]
    [InlineData("PI-", "")]
    public void A_number_is_known_by_all_of_it_or_by_its_end(string text, string numbers) =>
        Assert.Equal(numbers, string.Join(' ', SearchedInvoices.Numbers(text, 2026)));

    private static Uri Page(string text) =>
        new($"/search?all=1&q={Uri.EscapeDataString(text)}", UriKind.Relative);
}
