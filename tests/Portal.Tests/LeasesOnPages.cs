using System.Net;
using System.Text.Json;
using Exchange.Market.Commands;
using Exchange.Market.Leases;
using Exchange.Portal.Commands;
using Exchange.Portal.Keys;
using Exchange.Portal.ReadModels;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// A landlord lends two nodes, a PI accepts and sublets one, and it is reclaimed with notice: on pages and by programs.
/// The parties and finance see and answer, and to everybody else it is not there.
/// </summary>
public class LeasesOnPages
{
    private static readonly (string, string) Class = ("shape", """{"resource_class":"fc430"}""");

    [Fact]
    public async Task A_lease_is_offered_accepted_sublet_paid_and_reclaimed_and_nobody_else_learns_of_it()
    {
        await using var serving = await UsedMonth.Start();
        await Projects(serving);
        using var nerc = await serving.As("nerc");
        using var ada = await serving.As("ada");
        using var ben = await serving.As("ben");
        using var finance = await serving.As("finance");
        using var program = await serving.WithKey(KeyScope.Finance, null);
        var lease = await Lent(nerc);
        await NobodyElse(serving, lease, ["ben", "other", "operator", "subsidy"]);
        Assert.Contains("lessee: agree", await Text(ada, "/leases"), StringComparison.Ordinal);

        using (var own = await Say(nerc, lease, ("do", "accept"), ("because", "")))
        {
            Assert.Equal(HttpStatusCode.BadRequest, own.StatusCode); // Nobody accepts what they proposed.
            Assert.Contains("waits for the other side", await own.Content.ReadAsStringAsync(Serving.Ct),
                StringComparison.Ordinal);
        }

        using (var accepted = await Say(ada, lease, ("do", "accept"), ("because", "")))
        {
            Assert.Equal($"/leases/{lease}", accepted.Headers.Location?.ToString());
        }

        // Nobody pays for a lease who did not say so: another PI takes it by accepting a sublease.
        using (var given = await Say(
            ada, lease, ("do", "transfer"), ("project", "p-ben"), ("at", "2026-11-10T00:00:00Z"), ("because", "")))
        {
            Assert.Contains("is not a project of the PI who holds it", WebUtility.HtmlDecode(
                await given.Content.ReadAsStringAsync(Serving.Ct)), StringComparison.Ordinal);
        }

        var sub = await Sublet(ada, lease);
        Assert.Equal((HttpStatusCode)428, await Post(program, $"{sub}/accept", null, """{"for":"lessee"}"""));
        Assert.Equal((HttpStatusCode)412, await Post(program, $"{sub}/accept", "0", """{"for":"lessee"}"""));
        Assert.Equal(HttpStatusCode.BadRequest, await Post(program, $"{sub}/accept", "1", "{}"));
        Assert.Equal(HttpStatusCode.OK, await Post(program, $"{sub}/accept", "1", """{"for":"lessee"}"""));
        await NobodyElse(serving, sub, ["nerc", "other", "operator", "subsidy"]); // What is sublet is between those two.
        Assert.Contains(sub, await Text(finance, $"/leases/{lease}"), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await Post(
            program, $"{lease}/reclaim", "2", """{"for":"lessee","from":"2026-11-25T00:00:00Z","because":"x"}"""));
        await Paid(serving, lease, sub, (nerc, ada, ben));
        await Reclaimed(serving, nerc, lease);
        Assert.Contains("a course begins", await Text(ada, $"/leases/{lease}"), StringComparison.Ordinal);
    }

    /// <summary>Another price is what both say; each reads from when on which one holds, and pays by it.</summary>
    [Fact]
    public async Task A_lease_is_repriced_by_both_and_paid_at_each_price_for_its_time()
    {
        await using var serving = await UsedMonth.Start();
        await Projects(serving);
        using var nerc = await serving.As("nerc");
        using var ada = await serving.As("ada");
        var lease = await Lent(nerc);
        using (await Say(ada, lease, ("do", "accept"), ("because", "")))
        {
            Assert.DoesNotContain("$0.8", await Text(nerc, $"/leases/{lease}"), StringComparison.Ordinal);
        }

        foreach (var wrong in (string[])["", "cheap", "-1", "9999999999999999999999999999999"])
        {
            using var none = await Say(
                nerc, lease, ("do", "reprice"), ("at", "2026-11-10T00:00:00Z"), ("price", wrong), ("because", ""));
            Assert.Equal(HttpStatusCode.BadRequest, none.StatusCode);
        }

        using (var asked = await Say(
            nerc, lease, ("do", "reprice"), ("at", "2026-11-10T00:00:00Z"), ("price", "0.8"), ("because", "")))
        {
            Assert.Equal($"/leases/{lease}", asked.Headers.Location?.ToString());
        }

        Assert.Contains("lessee: reprice to 0.8 USD a node-hour", await Text(ada, "/leases"), StringComparison.Ordinal);
        using (var accepted = await Say(ada, lease, ("do", "accept"), ("because", "")))
        {
            Assert.Equal($"/leases/{lease}", accepted.Headers.Location?.ToString());
        }

        using var all = await serving.WithKey(KeyScope.Read, null);
        var repriced = Assert.Single((await TheApi.Json(all, $"/v1/leases/{lease}")).GetProperty("lease")
            .GetProperty("repriced").EnumerateArray());
        Assert.Equal(
            ("0.8", "2026-11-10T00:00:00Z"),
            (repriced.GetProperty("perHour").GetString(), repriced.GetProperty("from").GetString()));
        Assert.Contains("$0.8", await Text(ada, $"/leases/{lease}"), StringComparison.Ordinal);
    }

    /// <summary>Ada pays for both nodes and earns what Ben pays; nerc reads what Ada pays, and nothing of Ben.</summary>
    private static async Task Paid(
        Serving serving, string lease, string sub, (HttpClient Nerc, HttpClient Ada, HttpClient Ben) of)
    {
        await RateMonths.Run(serving.Exchange, _ => { }, Serving.Ct);
        using var all = await serving.WithKey(KeyScope.Read, null);
        using var nerc = await serving.WithKey(KeyScope.Read, Serving.Nerc);

        // Until November 5 at noon two nodes were held for 108 h at $1, and one of them was sublet for 60 h at $2.
        Assert.Equal("2026-11 216.00 USD 120.00 USD 96.00 USD", Month(await TheApi.Json(all, $"/v1/leases/{lease}")));
        Assert.Equal("2026-11 120.00 USD 0.00 USD 120.00 USD", Month(await TheApi.Json(all, $"/v1/leases/{sub}")));
        Assert.Equal("2026-11 216.00 USD 0.00 USD 216.00 USD", Month(await TheApi.Json(nerc, $"/v1/leases/{lease}")));
        Assert.Contains("$96.00", await Text(of.Ada, $"/leases/{lease}"), StringComparison.Ordinal);
        Assert.Contains("Earned, gross", await Text(of.Ada, $"/leases/{sub}"), StringComparison.Ordinal);
        Assert.Contains("$120.00", await Text(of.Ben, $"/leases/{sub}"), StringComparison.Ordinal);
        var seen = await Text(of.Nerc, $"/leases/{lease}");
        Assert.Contains("$216.00", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("$120.00", seen, StringComparison.Ordinal);
        Assert.DoesNotContain("person:ada", seen, StringComparison.Ordinal); // Which side it was is all that it is told.
        Assert.Equal(
            [lease], (await TheApi.Json(nerc, "/v1/leases")).GetProperty("items").EnumerateArray().Select(Id));
        Assert.Equal(
            [sub], (await TheApi.Json(all, "/v1/leases?project=p-ben")).GetProperty("items").EnumerateArray().Select(Id));
    }

    /// <summary>By the landlord's program, with what is sublet from it; and what is said twice is said once.</summary>
    private static async Task Reclaimed(Serving serving, HttpClient nerc, string lease)
    {
        using var prices = await serving.WithKey(KeyScope.Prices, Serving.Nerc);
        using var others = await serving.WithKey(KeyScope.Prices, Serving.Other);
        using (var early = await Say(nerc, lease, ("do", "reclaim"), ("at", "2026-11-08T00:00:00Z"), ("because", "soon")))
        {
            Assert.Contains("days of notice", await early.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
        }

        const string Reclaim = """{"from":"2026-11-20T00:00:00Z","because":"a course begins"}""";
        Assert.Equal(HttpStatusCode.NotFound, await Post(others, $"{lease}/reclaim", "*", Reclaim));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await Post(
            prices, $"{lease}/extend", "2", """{"for":"lessee","until":"2027-01-01T00:00:00Z"}"""));
        Assert.Equal(HttpStatusCode.OK, await Post(prices, $"{lease}/reclaim", "2", Reclaim));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await Post(prices, $"{lease}/reclaim", "2", Reclaim));
        Assert.All((await LoadPriceBooks.Run(serving.Exchange.Journal, Serving.Ct)).Agreements.Leases, one =>
            Assert.Equal(Instant.FromUtc(2026, 11, 20, 0, 0), one.Period.End));
    }

    private static async Task NobodyElse(Serving serving, string lease, string[] strangers)
    {
        foreach (var stranger in strangers)
        {
            using var client = await serving.As(stranger);
            using var answer = await client.GetAsync(new Uri($"/leases/{lease}", UriKind.Relative), Serving.Ct);
            Assert.Contains(answer.StatusCode, (HttpStatusCode[])[HttpStatusCode.NotFound, HttpStatusCode.Forbidden]);
            using var list = await client.GetAsync(new Uri("/leases", UriKind.Relative), Serving.Ct);
            Assert.DoesNotContain(lease, await list.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
        }

        using var other = await serving.WithKey(KeyScope.Read, Serving.Other);
        using var key = await other.GetAsync(new Uri($"/v1/leases/{lease}", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.NotFound, key.StatusCode);
        Assert.Empty((await TheApi.Json(other, "/v1/leases")).GetProperty("items").EnumerateArray());
    }

    /// <summary>Lent by its landlord, and offered to Ada's project, on pages.</summary>
    private static async Task<string> Lent(HttpClient nerc)
    {
        using var lent = await UsedMonth.Submit(
            nerc, "/leases", "/leases/nodes", ("cluster", "bm"), ("nodes", "N1 N2"), ("from", "2026-11-01T00:00:00Z"),
            ("until", "2027-03-01T00:00:00Z"), ("do", "declare"));
        Assert.Equal("/leases", lent.Headers.Location?.ToString());
        using var offered = await UsedMonth.Submit(
            nerc, "/leases/new", "/leases/new", ("cluster", "bm"), ("nodes", "N1, N2"), ("project", "p-ada"),
            ("from", "2026-11-01T00:00:00Z"), ("until", "2026-12-01T00:00:00Z"), ("price", "1"), ("notice", "5"), Class);
        Assert.Equal(HttpStatusCode.Redirect, offered.StatusCode);
        return offered.Headers.Location!.ToString()["/leases/".Length..];
    }

    private static async Task<string> Sublet(HttpClient ada, string lease)
    {
        using var offered = await UsedMonth.Submit(
            ada, $"/leases/new?parent={lease}", "/leases/new", ("nodes", "N2"), ("project", "p-ben"),
            ("from", "2026-11-03T00:00:00Z"), ("until", "2026-11-23T00:00:00Z"), ("price", "2"), ("notice", "0"), Class);
        Assert.Equal(HttpStatusCode.Redirect, offered.StatusCode);
        return offered.Headers.Location!.ToString()["/leases/".Length..];
    }

    private static Task<HttpResponseMessage> Say(
        HttpClient client, string lease, params (string Name, string Value)[] typed) =>
        UsedMonth.Submit(client, $"/leases/{lease}", $"/leases/{lease}/answer", typed);

    private static async Task<HttpStatusCode> Post(HttpClient key, string what, string? version, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"/v1/leases/{what}", UriKind.Relative))
        {
            Content = Serving.Json(body, "application/json"),
        };
        if (version is not null)
        {
            request.Headers.TryAddWithoutValidation("If-Match", version == "*" ? version : $"\"{version}\"");
        }

        using var answer = await key.SendAsync(request, Serving.Ct);
        return answer.StatusCode;
    }

    private static string Month(JsonElement lease)
    {
        var month = Assert.Single(lease.GetProperty("months").EnumerateArray());
        return string.Join(' ', ((string[])["month", "charged", "subleases", "net"]).Select(
            name => month.GetProperty(name).GetString()));
    }

    private static string Id(JsonElement row) => row.GetProperty("id").GetString()!;

    private static async Task<string> Text(HttpClient client, string page) =>
        WebUtility.HtmlDecode(await client.GetStringAsync(new Uri(page, UriKind.Relative), Serving.Ct));

    private static Task<ImportProjects.ProjectsImported> Projects(Serving serving) => ImportProjects.Run(
        serving.Exchange.Journal, "cluster,project,name,pi\nbm,p-ada,Ada's group,ada@bu.edu\nbm,p-ben,Ben,ben@mit.edu\n",
        "bm.csv", "test", UsedMonth.Month.Start, Serving.Ct);

    /// <summary>Leases of next year: one for each thing that can be said of it, waiting or agreed as that needs.</summary>
    internal static async Task<IReadOnlyDictionary<string, string>> ForEachAct(Serving serving)
    {
        var year = new Period(Instant.FromUtc(2026, 12, 1, 0, 0), Instant.FromUtc(2028, 1, 1, 0, 0));
        await Projects(serving);
        await serving.Exchange.Commands.Execute(
            new DeclareNodes(Serving.Nerc, "declare nodes", now => DeclaredNodes.Declare(
                new("bm"), [.. Enumerable.Range(1, 9).Select(n => $"N{n}")], year, "nerc", now)),
            Actors.Local("test"), Serving.Ct);
        var made = new Dictionary<string, string>();
        foreach (var (act, n) in LeaseWord.Acts.Select((act, n) => (act, n)))
        {
            var from = Instant.FromUtc(2027, 1, 1, 0, 0);
            made[act] = (await LeasesFor.Propose(
                serving.Exchange,
                new(
                    "", Serving.Nerc, new("bm"), [$"N{n + 2}"], null, [new(new("p-ada"), from)],
                    new(from, Instant.FromUtc(2027, 3, 1, 0, 0)), 1, 14),
                new(LeaseSide.Lessor, "nerc", (_, _) => true), Actors.Local("test"), Serving.Ct)).Needed().Id;
            if (act is not ("accept" or "decline"))
            {
                await LeasesFor.Answer(
                    serving.Exchange, made[act], new(LeaseSide.Lessee, "ada", (_, _) => true), "accept lease",
                    (deal, now) => LeaseDeal.Accept(deal, LeaseSide.Lessee, "ada", now), Actors.Local("test"), Serving.Ct);
            }
        }

        return made;
    }
}
