using System.Net;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Finance notes on the page of a PI's invoice that money went back.
/// </summary>
public sealed class RefundsOnPages
{
    private const string Page = "/invoices/PI-2026-0002";
    private const string Action = $"{Page}/refunds";

    [Fact]
    public async Task What_went_back_is_noted_once_and_owed_again()
    {
        await using var serving = await Paid("5.00");
        using var finance = await serving.As("finance");
        using var form = await UsedMonth.Submit(
            finance, Page, Action, ("back_reference", "back <1>"), ("back", "2.00"));
        Assert.Equal((HttpStatusCode.Redirect, Page), (form.StatusCode, form.Headers.Location?.ToString()));
        using var again = await UsedMonth.Submit(
            finance, Page, Action, ("back_reference", "back <1>"), ("back", "2.00"));
        Assert.Equal(HttpStatusCode.Redirect, again.StatusCode);

        var html = await finance.GetStringAsync(new Uri(Page, UriKind.Relative), Serving.Ct);
        Assert.Contains("back &lt;1&gt;", html, StringComparison.Ordinal);
        Assert.Contains("$3.00 was paid and kept.", html, StringComparison.Ordinal);
        using var operators = await serving.As("operator");
        var audit = WebUtility.HtmlDecode(
            await operators.GetStringAsync(new Uri("/operator/audit", UriKind.Relative), Serving.Ct));
        Assert.Contains("note refund", audit, StringComparison.Ordinal);
        Assert.Contains("PI-2026-0002 back <1> 2.00 USD", audit, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "1.00", "back_reference", "The reference is missing.")]
    [InlineData("back 1", "", "back", "The amount is missing.")]
    [InlineData("back 1", "-5", "back", "is not an amount of dollars and cents")]
    [InlineData("back 1", "5.01", "back", "5.01 USD is more than the 5.00 USD that was paid and kept.")]
    [InlineData("before", "2.00", "back_reference", "before")]
    public async Task What_is_not_right_changes_nothing_says_where_and_keeps_what_was_typed(
        string reference, string amount, string field, string why)
    {
        await using var serving = await Paid("6.00");
        using var finance = await serving.As("finance");
        using (await UsedMonth.Submit(finance, Page, Action, ("back_reference", "before"), ("back", "1.00")))
        {
        }

        using var answer = await UsedMonth.Submit(
            finance, Page, Action, ("back_reference", reference), ("back", amount));
        var html = await answer.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains($"id=\"{field}-wrong\"", html, StringComparison.Ordinal);
        Assert.Contains(why, WebUtility.HtmlDecode(html), StringComparison.Ordinal);
        Assert.Contains($"value=\"{amount}\"", html, StringComparison.Ordinal);
        Assert.Contains($"value=\"{reference}\"", html, StringComparison.Ordinal);
        Assert.Contains("$5.00 was paid and kept.", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_offered_to_finance_alone_and_once_something_was_paid()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var finance = await serving.As("finance");
        Assert.DoesNotContain("Record refund", await Text(finance), StringComparison.Ordinal);
        using (await UsedMonth.Submit(finance, Page, $"{Page}/payments", ("reference", "w"), ("amount", "1.00")))
        {
        }

        Assert.Contains("Record refund", await Text(finance), StringComparison.Ordinal);
        using var ben = await serving.As("ben");
        Assert.DoesNotContain("Record refund", await Text(ben), StringComparison.Ordinal);
        foreach (var persona in (string[])["ben", "ada", "operator", "nerc"])
        {
            using var other = await serving.As(persona);
            using var empty = new FormUrlEncodedContent([]);
            using var answer = await other.PostAsync(new Uri(Action, UriKind.Relative), empty, Serving.Ct);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
    }

    private static Task<string> Text(HttpClient client) =>
        client.GetStringAsync(new Uri(Page, UriKind.Relative), Serving.Ct);

    private static async Task<Serving> Paid(string amount)
    {
        var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var finance = await serving.As("finance");
        using var paid = await UsedMonth.Submit(
            finance, Page, $"{Page}/payments", ("reference", "wire 1"), ("amount", amount));
        Assert.Equal(HttpStatusCode.Redirect, paid.StatusCode);
        return serving;
    }
}
