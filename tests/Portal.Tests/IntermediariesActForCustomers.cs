using System.Net;
using System.Text.Json;
using Exchange.Portal.Keys;
using Exchange.Rating;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// A broker asks for quotes and orders in the name of a PI who said so, from then on and until it is withdrawn: the PI,
/// who pays and the audit log see who acted, and of everybody else it learns nothing.
/// </summary>
public class IntermediariesActForCustomers
{
    private const string Page = "/pi/intermediaries";

    [Fact]
    public async Task A_broker_orders_in_a_customers_name_while_the_customer_wants_it()
    {
        await using var serving = await UsedMonth.Start();
        using var broker = await serving.WithKey(KeyScope.Prices, Serving.Other);
        using var ada = await serving.As("ada");
        Assert.Equal("mandate/none", (await Post(broker, "quotes/saved", Plan("p-ada"))).Code);
        Assert.Equal("mandate/none", (await Post(broker, "quotes/saved", Plan("p-nobody"))).Code);
        using (var unknown = await Say(ada, "nobody", "give"))
        {
            Assert.Contains("is no landlord of this exchange", await unknown.Content.ReadAsStringAsync(Serving.Ct),
                StringComparison.Ordinal);
        }

        using (var given = await Say(ada, "nerc", "give"))
        {
            Assert.Equal(Page, given.Headers.Location?.ToString());
        }

        using var acting = await serving.WithKey(KeyScope.Prices, Serving.Nerc);
        Assert.Equal("mandate/none", (await Post(acting, "quotes/saved", Plan("p-ben"))).Code);
        var quote = (await Post(acting, "quotes/saved", Plan("p-ada"))).Id!;
        var none = (await Post(broker, "orders", Order("Q-00000000"))).Said;
        Assert.Equal( // It acts for nobody, and is told the same of what there is and of what there is not.
            none?.Replace("Q-00000000", quote, StringComparison.Ordinal),
            (await Post(broker, "orders", Order(quote))).Said);
        await APartOfAnother(serving, acting);
        var order = (await Post(acting, "orders", Order(quote))).Id!;

        using var payer = await serving.As("subsidy");
        using var nerc = await serving.As("nerc");
        foreach (var (reader, sees) in ((HttpClient, bool)[])[(ada, true), (payer, true), (nerc, false)])
        {
            var page = await reader.GetStringAsync(new Uri($"/orders/{order}", UriKind.Relative), Serving.Ct);
            Assert.Equal(sees, page.Contains("key:", StringComparison.Ordinal));
        }

        await Audited(serving, "give mandate", "person:ada");
        await Audited(serving, "place order", "key:");
        using var reader2 = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        using var reader4 = await serving.WithKey(KeyScope.Read, null);
        var acted = Assert.Single(await Acts(reader2));
        Assert.Equal((quote, order, "p-ada"), (
            acted.GetProperty("quote").GetString(), acted.GetProperty("order").GetString(),
            acted.GetProperty("project").GetString()));
        Assert.Contains(order, await Text(nerc, "/landlord/customers"), StringComparison.Ordinal);
        using var withdrawn = await Say(ada, "nerc", "withdraw");
        Assert.Equal("mandate/none", (await Post(acting, "quotes/saved", Plan("p-ada"))).Code);
        Assert.Equal("quote/unknown", (await Post(acting, "orders", Order(quote))).Code);
        Assert.Empty(await Acts(reader2)); // What goes on with it is Ada's again, and still finance's to see.
        Assert.DoesNotContain(quote, await Text(nerc, "/landlord/customers"), StringComparison.Ordinal);
        Assert.Equal(order, Assert.Single(await Acts(reader4, "?landlord=nerc")).GetProperty("order").GetString());
        Assert.True(Assert.Single((await TheApi.Json(reader2, "/v1/mandates")).GetProperty("items").EnumerateArray())
            .TryGetProperty("until", out _));
        using var reader3 = await serving.WithKey(KeyScope.Read, Serving.Other);
        Assert.Empty((await TheApi.Json(reader3, "/v1/mandates")).GetProperty("items").EnumerateArray());
        Assert.Empty(await Acts(reader3));
        using (var again = await Say(ada, "nerc", "give"))
        {
            Assert.Equal(order, Assert.Single(await Acts(reader2)).GetProperty("order").GetString());
        }
    }

    private static async Task<JsonElement.ArrayEnumerator> Acts(HttpClient key, string query = "") =>
        (await TheApi.Json(key, $"/v1/mandates/acts{query}")).GetProperty("items").EnumerateArray();

    private static Task<string> Text(HttpClient client, string path) =>
        client.GetStringAsync(new Uri(path, UriKind.Relative), Serving.Ct);

    /// <summary>
    /// Ada's mandate is for what is Ada's. The volumes of a project of the same name are Ben's in the other cluster, so
    /// no mix of both places is quoted in her name.
    /// </summary>
    private static async Task APartOfAnother(Serving serving, HttpClient acting)
    {
        const string Mixed = """
            {"project":"p-ada","usage":[{"kind":"vm","shape":{"vcpu":4,"ram_mib":16384},"hours":"100"},
             {"kind":"volume","shape":{"storage_gib":100},"hours":"100"}]}
            """;
        await Owns(serving, "ada@bu.edu");
        Assert.Equal("quote/apart", (await Post(acting, "quotes/saved", Mixed)).Code); // One store may not know Ada.
        await Owns(serving, "ben@mit.edu");
        Assert.Equal("mandate/none", (await Post(acting, "quotes/saved", Mixed)).Code);
    }

    private static Task<ImportProjects.ProjectsImported> Owns(Serving serving, string pi) => ImportProjects.Run(
        serving.Exchange.Journal, $"cluster,project,name,pi\nblockbank-1,p-ada,Volumes,{pi}\n", "more.csv", "test",
        UsedMonth.Month.Start, Serving.Ct);

    private static string Plan(string project) => $$"""
        {"project":"{{project}}","landlord":"nerc","cluster":"stack",
         "usage":[{"kind":"vm","shape":{"vcpu":4,"ram_mib":16384},"hours":"100"}]}
        """;

    private static string Order(string quote) => $$"""{"quote":"{{quote}}"}""";

    private static Task<HttpResponseMessage> Say(HttpClient ada, string landlord, string act) =>
        UsedMonth.Submit(ada, Page, Page, ("landlord", landlord), ("do", act));

    private static async Task<(string? Id, string? Code, string? Said)> Post(HttpClient key, string what, string body)
    {
        using var answer = await key.PostAsync(
            new Uri($"/v1/{what}", UriKind.Relative), Serving.Json(body, "application/json"), Serving.Ct);
        var said = await answer.Content.ReadAsStringAsync(Serving.Ct);
        var told = JsonDocument.Parse(said).RootElement;
        return answer.StatusCode == HttpStatusCode.OK
            ? (told.GetProperty("id").GetString(), null, null)
            : (null, told.GetProperty("code").GetString(), said);
    }

    private static async Task Audited(Serving serving, string act, string by)
    {
        await serving.Exchange.Projections.CatchUp(Serving.Ct);
        await using var command = serving.Exchange.Database.CreateCommand(
            "select count(*) from exchange.audit where act = $1 and actor like $2 and result = 'done'");
        command.Parameters.Add(new() { Value = act });
        command.Parameters.Add(new() { Value = $"{by}%" });
        Assert.Equal(1L, await command.ExecuteScalarAsync(Serving.Ct));
    }
}
