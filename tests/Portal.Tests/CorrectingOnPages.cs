using System.Net;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>Finance corrects issued invoices, and landlords keep their keys, on their pages.</summary>
public class CorrectingOnPages
{
    private const string Page = "/invoices/PI-2026-0002";
    private const string Action = $"{Page}/corrections";

    [Fact]
    public async Task A_credit_note_bears_a_part_and_a_void_invoice_is_billed_again()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var finance = await serving.As("finance");
        using var credited = await UsedMonth.Submit(
            finance, Page, Action, ("do", "credit"), ("credit", "10.00"), ("because", "an outage"));
        Assert.Equal(Page, credited.Headers.Location?.ToString());
        var html = await finance.GetStringAsync(new Uri(Page, UriKind.Relative), Serving.Ct);
        Assert.Contains("an outage", html, StringComparison.Ordinal);
        const string Other = "/invoices/PI-2026-0001";
        using var voided = await UsedMonth.Submit(finance, Other, $"{Other}/corrections",
            ("do", "void"), ("because", "the wrong group"), ("confirm", "PI-2026-0001"));
        Assert.Equal(Other, voided.Headers.Location?.ToString());
        html = await finance.GetStringAsync(new Uri(Other, UriKind.Relative), Serving.Ct);
        Assert.Contains(">Void</span>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Correct invoice", html, StringComparison.Ordinal);
    }

    /// <summary>October's invoice is void in November and issued again at once: a page says by which number.</summary>
    [Fact]
    public async Task A_void_invoice_is_issued_again_at_once_when_that_is_asked()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var finance = await serving.As("finance");
        using var voided = await UsedMonth.Submit(finance, Page, Action,
            ("do", "reissue"), ("because", "the wrong name"), ("confirm", "PI-2026-0002"));
        Assert.Equal(Page, voided.Headers.Location?.ToString());

        var html = await finance.GetStringAsync(new Uri(Page, UriKind.Relative), Serving.Ct);
        var successor = System.Text.RegularExpressions.Regex.Match(html, "Issued again as (PI-2026-[0-9]{4})");
        Assert.True(successor.Success);
        html = await finance.GetStringAsync(
            new Uri($"/invoices/{successor.Groups[1].Value}", UriKind.Relative), Serving.Ct);
        Assert.Contains("<dt>Replaces</dt><dd>PI-2026-0002</dd>", html, StringComparison.Ordinal);
        Assert.Contains(">Open</span>", html, StringComparison.Ordinal);
    }

    /// <summary>
    /// Who voids an invoice may decide later that it is issued again at once: seen to be asked for a credit instead.
    /// </summary>
    [Fact]
    public async Task A_void_invoice_is_issued_again_later_and_one_that_stands_is_not()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var finance = await serving.As("finance");
        using var refused = await UsedMonth.Submit(finance, Page, Action, ("do", "again"));
        Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
        var html = await refused.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Contains("Nothing was done. Please look at:", html, StringComparison.Ordinal);
        Assert.Contains("PI-2026-0002 is not void, so it stands.", html, StringComparison.Ordinal);

        using var voided = await UsedMonth.Submit(finance, Page, Action,
            ("do", "void"), ("because", "the wrong name"), ("confirm", "PI-2026-0002"));
        html = await finance.GetStringAsync(new Uri(Page, UriKind.Relative), Serving.Ct);
        Assert.Contains("value=\"again\">Reissue invoice<", html, StringComparison.Ordinal);
        using var again = await UsedMonth.Submit(finance, Page, Action, ("do", "again"));
        Assert.Equal(Page, again.Headers.Location?.ToString());
        html = await finance.GetStringAsync(new Uri(Page, UriKind.Relative), Serving.Ct);
        Assert.Matches("Issued again as PI-2026-[0-9]{4}", html);
        Assert.DoesNotContain("value=\"again\"", html, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("credit", "", "an outage", "", "credit")]
    [InlineData("credit", "-5", "an outage", "", "credit")]
    [InlineData("credit", "<script>1</script>", "an outage", "", "credit")]
    [InlineData("credit", "99999999", "more than it is", "", "credit")]
    [InlineData("credit", "1.00", "", "", "because")]
    [InlineData("void", "", "a reason", "PI-2026-0001", "confirm")]
    [InlineData("void", "", "a reason", "", "confirm")]
    public async Task What_is_not_right_changes_nothing_and_says_where(
        string act, string credit, string because, string confirm, string field)
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var finance = await serving.As("finance");
        using var answer = await UsedMonth.Submit(finance, Page, Action,
            ("do", act), ("credit", credit), ("because", because), ("confirm", confirm));
        var html = await answer.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains($"id=\"{field}-wrong\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        Assert.Contains(
            ">Open</span>", await finance.GetStringAsync(new Uri(Page, UriKind.Relative), Serving.Ct),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_PI_corrects_nothing()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var ada = await serving.As("ada");
        var html = await ada.GetStringAsync(new Uri("/invoices/PI-2026-0001", UriKind.Relative), Serving.Ct);
        Assert.DoesNotContain("Correct invoice", html, StringComparison.Ordinal);
        using var empty = new FormUrlEncodedContent([]);
        using var answer = await ada.PostAsync(
            new Uri("/invoices/PI-2026-0001/corrections", UriKind.Relative), empty, Serving.Ct);
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task A_landlord_makes_a_key_that_opens_and_revokes_it_and_no_other_s()
    {
        await using var serving = await UsedMonth.Start();
        using var nerc = await serving.As("nerc");
        const string Keys = "/landlord/keys";
        using var unnamed = await UsedMonth.Submit(nerc, Keys, Keys, ("name", " "), ("scope", "everything"));
        Assert.Equal(HttpStatusCode.BadRequest, unnamed.StatusCode);
        using var made = await UsedMonth.Submit(nerc, Keys, Keys, ("name", "<b>mine</b>"), ("scope", "read"));
        var html = await made.Content.ReadAsStringAsync(Serving.Ct);
        Assert.DoesNotContain("<b>mine", html, StringComparison.Ordinal);
        var key = html[(html.IndexOf("<pre tabindex=\"0\">", StringComparison.Ordinal) + 18)..].Split('<')[0];
        var id = key.Split('_')[1];
        using var client = serving.Anonymous();
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        using var read = await client.GetAsync(new Uri("/v1/settlements", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.OK, read.StatusCode);

        using var other = await serving.As("other");
        Assert.DoesNotContain(
            id, await other.GetStringAsync(new Uri(Keys, UriKind.Relative), Serving.Ct), StringComparison.Ordinal);
        using var stolen = await UsedMonth.Submit(other, Keys, Keys, ("name", "own"), ("scope", "read"));
        using var notTheirs = await UsedMonth.Submit(other, Keys, $"{Keys}/revoke", ("id", id));
        Assert.Equal(HttpStatusCode.NotFound, notTheirs.StatusCode);
        using var revoked = await UsedMonth.Submit(nerc, Keys, $"{Keys}/revoke", ("id", id));
        Assert.Equal(Keys, revoked.Headers.Location?.ToString());
        Assert.Contains("revoked", await nerc.GetStringAsync(new Uri(Keys, UriKind.Relative), Serving.Ct),
            StringComparison.Ordinal);
    }
}
