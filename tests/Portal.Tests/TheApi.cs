using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Exchange.Portal.Keys;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// What programs may rely on: tags, cursors, keys that make a request count once, and whose things are whose.
/// </summary>
public class TheApi
{
    private const string ChargeOfAda = "2026-10:nerc:stack:p-ada:OpenStack CPU:nerc/openstack/2026-01-01#1";

    [Fact]
    public async Task Gives_invoices_to_a_key_of_the_exchange_and_to_no_landlord()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var all = await serving.WithKey(KeyScope.Read, null);
        using var nerc = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        var list = await Json(all, "/v1/invoices?month=2026-10");
        Assert.Equal("PI-2026-0001", list.GetProperty("items")[0].GetProperty("number").GetString());
        var one = await Json(all, "/v1/invoices/PI-2026-0001");
        Assert.Equal("12.48 USD", one.GetProperty("lines")[0].GetProperty("amount").GetString());
        foreach (var path in (string[])["", "/PI-2026-0001", "/PI-2026-0001.pdf", "/PI-2026-0001.csv"])
        {
            Assert.Equal(HttpStatusCode.OK, await Status(all, $"/v1/invoices{path}"));
            Assert.Equal(HttpStatusCode.Forbidden, await Status(nerc, $"/v1/invoices{path}"));
        }

        Assert.Equal(HttpStatusCode.NotFound, await Status(all, "/v1/invoices/PI-2026-0009"));
        Assert.Equal(HttpStatusCode.NotFound, await Status(all, "/v1/invoices/..%2F..%2Fetc%2Fpasswd"));
    }

    [Fact]
    public async Task Gives_a_landlord_its_own_settlement_alone()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var nerc = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        using var other = await serving.WithKey(KeyScope.Read, Serving.Other);
        Assert.Equal(1, (await Json(nerc, "/v1/settlements")).GetProperty("items").GetArrayLength());
        Assert.Equal(0, (await Json(other, "/v1/settlements")).GetProperty("items").GetArrayLength());
        Assert.Equal(HttpStatusCode.OK, await Status(nerc, "/v1/settlements/2026-10/nerc"));
        Assert.Equal(HttpStatusCode.Forbidden, await Status(other, "/v1/settlements/2026-10/nerc"));
    }

    [Fact]
    public async Task Says_what_a_project_costs_after_funds_as_JSON_and_as_a_panel_to_embed()
    {
        await using var serving = await UsedMonth.Start();
        using var all = await serving.WithKey(KeyScope.Read, null);
        var spend = await Json(all, "/v1/projects/p-ada/spend?month=2026-10");
        Assert.Equal("12.48 USD", spend.GetProperty("amount").GetString());
        Assert.Equal("12.48 USD", spend.GetProperty("funds").GetString());
        Assert.Equal("0.00 USD", spend.GetProperty("owed").GetString());
        var panel = await all.GetStringAsync(
            new Uri("/v1/projects/p-ben/panel?month=2026-10", UriKind.Relative), Serving.Ct);
        Assert.Contains("&lt;b&gt;Ben&lt;/b&gt;", panel, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", panel, StringComparison.Ordinal);
        await UsedMonth.Close(serving);
        var billed = await Json(all, "/v1/projects/p-ada/spend?month=2026-10");
        Assert.True(billed.GetProperty("billed").GetBoolean());
        Assert.Equal("0.00 USD", billed.GetProperty("owed").GetString());
        Assert.Equal(HttpStatusCode.NotFound, await Status(all, "/v1/projects/nobody/spend?month=2026-10"));
    }

    [Fact]
    public async Task Explains_a_charge_down_to_its_readings_and_another_landlord_s_to_nobody()
    {
        await using var serving = await UsedMonth.Start();
        using var nerc = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        using var other = await serving.WithKey(KeyScope.Read, Serving.Other);
        var charges = await Json(nerc, "/v1/charges?month=2026-10&project=p-ada");
        var id = Uri.EscapeDataString(charges.GetProperty("items")[0].GetProperty("id").GetString()!);
        var explained = await Json(nerc, $"/v1/explain?id={id}");
        Assert.Equal(1, explained[0].GetProperty("parts")[0].GetProperty("readings").GetArrayLength());
        Assert.Equal(HttpStatusCode.NotFound, await Status(other, $"/v1/explain?id={id}"));
        Assert.Equal(HttpStatusCode.NotFound,
            await Status(nerc, $"/v1/explain?id={Uri.EscapeDataString(ChargeOfAda)}x"));
        Assert.Equal(HttpStatusCode.NotFound, await Status(nerc, "/v1/explain?id=%00%27;drop%20table"));
    }

    [Fact]
    public async Task Pages_by_cursor_through_everything_once_and_refuses_a_cursor_of_its_own_making()
    {
        await using var serving = await UsedMonth.Start();
        using var key = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        var whole = (await Json(key, "/v1/prices?limit=1000")).GetProperty("items").EnumerateArray()
            .Select(i => i.GetProperty("sheet").GetString()).ToList();
        var paged = new List<string?>();
        for (string? cursor = ""; cursor is not null;)
        {
            var page = await Json(key, $"/v1/prices?limit=3&cursor={cursor}");
            paged.AddRange(page.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("sheet").GetString()));
            cursor = page.TryGetProperty("next", out var next) ? next.GetString() : null;
        }

        Assert.Equal(whole, paged);
        Assert.True(whole.Count > 6);
        foreach (var bad in (string[])["cursor=%27%3B", "limit=0", "limit=1001", "limit=x", "limit=-1"])
        {
            Assert.Equal(HttpStatusCode.BadRequest, await Status(key, $"/v1/prices?{bad}"));
        }
    }

    [Fact]
    public async Task Tells_whoever_has_an_answer_already_that_it_is_the_same()
    {
        await using var serving = await UsedMonth.Start();
        using var key = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        using var first = await key.GetAsync(new Uri("/v1/charges?month=2026-10", UriKind.Relative), Serving.Ct);
        using var again = new HttpRequestMessage(HttpMethod.Get,
            new Uri("/v1/charges?month=2026-10", UriKind.Relative));
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using var second = await key.SendAsync(again, Serving.Ct);
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.Empty(await second.Content.ReadAsByteArrayAsync(Serving.Ct));
    }

    [Fact]
    public async Task Quotes_what_the_month_would_charge_and_answers_a_repeated_key_with_the_first_answer()
    {
        await using var serving = await UsedMonth.Start();
        using var key = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        const string Vm = """{"usage":[{"kind":"vm","hours":240,"shape":{"vcpu":4,"ram_mib":16384}}],"cluster":"stack"}""";
        using var first = await Quote(key, Vm, "one");
        Assert.Equal("12.48 USD", JsonDocument.Parse(await first.Content.ReadAsStringAsync(Serving.Ct)).RootElement
            .GetProperty("offers")[0].GetProperty("total").GetString());
        using var second = await Quote(key, Vm, "one");
        Assert.Equal("true", second.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.Equal(
            await first.Content.ReadAsStringAsync(Serving.Ct), await second.Content.ReadAsStringAsync(Serving.Ct));
        using var other = await Quote(key, Vm.Replace("240", "241", StringComparison.Ordinal), "one");
        Assert.Equal(HttpStatusCode.UnprocessableEntity, other.StatusCode);
        using var tooLong = await Quote(key, Vm, new string('k', 201));
        Assert.Equal(HttpStatusCode.BadRequest, tooLong.StatusCode);
    }

    [Theory]
    [InlineData("", HttpStatusCode.BadRequest)]
    [InlineData("[1]", HttpStatusCode.BadRequest)]
    [InlineData("{\"usage\":\"many\"}", HttpStatusCode.BadRequest)]
    [InlineData("{}", HttpStatusCode.UnprocessableEntity)]
    [InlineData("{\"usage\":[{\"kind\":\"\"}]}", HttpStatusCode.UnprocessableEntity)]
    [InlineData("{\"usage\":[{\"kind\":\"vm\",\"hours\":-1}]}", HttpStatusCode.UnprocessableEntity)]
    [InlineData("{\"usage\":[{\"kind\":\"vm\",\"count\":1000000}]}", HttpStatusCode.UnprocessableEntity)]
    [InlineData("{\"usage\":[{\"kind\":\"vm\",\"state\":\"dreaming\"}]}", HttpStatusCode.UnprocessableEntity)]
    [InlineData("{\"usage\":[{\"kind\":\"vm\"}],\"at\":\"yesterday\"}", HttpStatusCode.BadRequest)]
    public async Task Refuses_a_quote_that_makes_no_sense_with_a_problem_document(string body, HttpStatusCode status)
    {
        await using var serving = await UsedMonth.Start();
        using var key = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        using var answer = await Quote(key, body, null);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    internal static async Task<JsonElement> Json(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Serving.Ct);
        var text = await answer.Content.ReadAsStringAsync(Serving.Ct);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {answer.StatusCode} {text}");
        return JsonDocument.Parse(text).RootElement;
    }

    internal static async Task<HttpStatusCode> Status(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Serving.Ct);
        return answer.StatusCode;
    }

    /// <summary>Seen to fail, with a 500, for nothing in place of usage and for a state that is a number.</summary>
    [Theory]
    [InlineData("null", 400)]
    [InlineData("[]", 400)]
    [InlineData("""{"usage":null}""", 422)]
    [InlineData("""{"usage":[null]}""", 422)]
    [InlineData("""{"usage":[{}]}""", 422)]
    [InlineData("""{"usage":[{"kind":"vm","state":"7"}]}""", 422)]
    [InlineData("""{"usage":[{"kind":"vm","shape":{"vcpu":[1]}}]}""", 422)]
    [InlineData("""{"usage":[{"kind":"vm","shape":{"vcpu":{}}}]}""", 422)]
    [InlineData("""{"usage":[{"kind":"vm","hours":1e30}]}""", 400)]
    [InlineData("""{"usage":[{"kind":"bucket","meter":"egress_gib","quantity":79000000000000000000000000000}]}""", 422)]
    [InlineData("""{"usage":[{"kind":"vm","shape":{"vcpu":"many"}}]}""", 200)]
    public async Task A_quote_of_nonsense_is_answered_with_a_reason_and_never_with_a_fault(string body, int status)
    {
        await using var serving = await UsedMonth.Start();
        using var all = await serving.WithKey(KeyScope.Read, null);
        using var answer = await Quote(all, body, null);
        var said = await answer.Content.ReadAsStringAsync(Serving.Ct);
        Assert.True((int)answer.StatusCode == status, $"{answer.StatusCode} {said}");
    }

    private static async Task<HttpResponseMessage> Quote(HttpClient client, string body, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/v1/quotes", UriKind.Relative))
        {
            Content = new StringContent(body, new MediaTypeHeaderValue("application/json")),
        };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return await client.SendAsync(request, Serving.Ct);
    }
}
