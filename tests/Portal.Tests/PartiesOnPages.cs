using System.Net;
using System.Text.Json.Nodes;
using Exchange.Journal;
using Exchange.Portal.Keys;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Invoices to institutions on the pages of finance and in the API.
/// </summary>
public class PartiesOnPages
{
    private const string Page = "/finance/parties/IN-2026-0001";

    [Fact]
    public async Task Finance_notes_what_was_paid_and_went_back_and_bears_a_part()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.UseMuch(serving);
        await UsedMonth.Close(serving);
        using var finance = await serving.As("finance");
        var owed = (await Row(serving))["owed"]!.ToString().Split(' ')[0];

        await Done(finance, "payments", ("reference", "wire-1"), ("amount", owed));
        Assert.Equal("paid", (string?)(await Row(serving))["status"]);
        await Done(finance, "refunds", ("back_reference", "back-1"), ("back", "1.00"));
        Assert.Equal("issued", (string?)(await Row(serving))["status"]);
        await Done(finance, "credits", ("credit", "1.00"), ("reason", "an outage of <b>disks</b>"));
        var row = await Row(serving);
        Assert.Equal(("paid", "1.00 USD"), ((string?)row["status"], (string?)row["credited"]));

        var html = await finance.GetStringAsync(new Uri(Page, UriKind.Relative), Serving.Ct);
        Assert.Contains("an outage of &lt;b&gt;disks", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Void invoice", html, StringComparison.Ordinal);
        using var pdf = await finance.GetAsync(
            new Uri($"{Page}/credits/CN-2026-0001.pdf", UriKind.Relative), Serving.Ct);
        Assert.Equal("application/pdf", pdf.Content.Headers.ContentType!.MediaType);
        using var other = await finance.GetAsync(
            new Uri($"{Page}/credits/CN-2026-0009.pdf", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.NotFound, other.StatusCode);
    }

    [Theory]
    [InlineData("refunds", "back_reference", "x", "back", "1.00", "back")]
    [InlineData("refunds", "back_reference", "", "back", "1.00", "back_reference")]
    [InlineData("credits", "reason", "why", "credit", "999999", "credit")]
    [InlineData("credits", "reason", "", "credit", "1.00", "reason")]
    [InlineData("credits", "reason", "why", "credit", "-1", "credit")]
    public async Task What_is_not_right_changes_nothing_and_says_where(
        string act, string first, string one, string second, string other, string field)
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.UseMuch(serving);
        await UsedMonth.Close(serving);
        using var finance = await serving.As("finance");
        var before = (await Row(serving)).ToJsonString();

        // The form for refunds is only there once something was paid; whoever sends it all the same is answered.
        using var answer = await UsedMonth.Submit(
            finance, Page, $"{Page}/credits", $"{Page}/{act}", (first, one), (second, other));

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        if (act != "refunds")
        {
            Assert.Contains($"id=\"{field}-wrong\"", await answer.Content.ReadAsStringAsync(Serving.Ct),
                StringComparison.Ordinal);
        }

        Assert.Equal(before, (await Row(serving)).ToJsonString());
    }

    [Fact]
    public async Task A_key_of_the_exchange_reads_them_and_one_of_a_landlord_does_not()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.UseMuch(serving);
        await UsedMonth.Close(serving);
        using var key = await serving.WithKey(KeyScope.Read, null);
        var whole = JsonNode.Parse(await key.GetStringAsync(
            new Uri("/v1/party-invoices/IN-2026-0001", UriKind.Relative), Serving.Ct))!;
        Assert.Equal("ada@bu.edu", (string?)whole["lines"]![0]!["pi"]);
        Assert.Contains("ada@bu.edu", await key.GetStringAsync(
            new Uri("/v1/party-invoices/IN-2026-0001.csv", UriKind.Relative), Serving.Ct), StringComparison.Ordinal);
        Assert.StartsWith("%PDF-", await key.GetStringAsync(
            new Uri("/v1/party-invoices/IN-2026-0001.pdf", UriKind.Relative), Serving.Ct), StringComparison.Ordinal);

        using var landlords = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        foreach (var route in (string[])["", "/IN-2026-0001", "/IN-2026-0001.pdf", "/IN-2026-0001.csv"])
        {
            using var answer = await landlords.GetAsync(
                new Uri($"/v1/party-invoices{route}", UriKind.Relative), Serving.Ct);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }

        // What an institution took is built from the journal, and verified with it.
        await serving.Exchange.Database.Execute("delete from invoicing.taken", [], Serving.Ct);
        Assert.Contains(
            (await Operating.Verify(serving.Exchange, _ => { }, Serving.Ct)).Wrong,
            wrong => wrong.StartsWith("invoicing.taken: (IN-2026-0001,2026-10:ada@bu.edu)", StringComparison.Ordinal));
    }

    private static async Task Done(HttpClient finance, string act, params (string, string)[] typed)
    {
        using var answer = await UsedMonth.Submit(finance, Page, $"{Page}/{act}", typed);
        Assert.Equal(Page, answer.Headers.Location?.ToString());
    }

    private static async Task<JsonNode> Row(Serving serving)
    {
        using var key = await serving.WithKey(KeyScope.Read, null);
        return JsonNode.Parse(await key.GetStringAsync(
            new Uri("/v1/party-invoices?month=2026-10", UriKind.Relative), Serving.Ct))!["items"]!.AsArray()
            .Single(row => (string?)row!["number"] == "IN-2026-0001")!;
    }
}
