using System.Net;
using System.Text.Json;
using Exchange.Portal.Keys;
using Exchange.Portal.Mail;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Finance says who issues invoices and how customers are addressed: on pages, at the command line and by key; it stands
/// on the invoice page and in the mail, and only finance may say it.
/// </summary>
public class SettingsOnInvoices
{
    private const string Issuer = "/finance/settings/issuer";
    private const string Customer = "/finance/settings/customer?account=pi%3Aben%40mit.edu";

    [Fact]
    public async Task Typed_on_pages_they_stand_on_the_invoice_and_in_the_mail()
    {
        await using var server = await TestMailServer.Start();
        await using var serving = await UsedMonth.Start();
        using var finance = await serving.As("finance");
        using (var wrong = await UsedMonth.Submit(finance, Issuer, Issuer,
            ("name", "Massachusetts Open Cloud"), ("terms_days", "soon"), ("from", "")))
        {
            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
            var html = await wrong.Content.ReadAsStringAsync(Serving.Ct);
            Assert.Contains("id=\"terms_days-wrong\"", html, StringComparison.Ordinal);
            Assert.Contains("value=\"Massachusetts Open Cloud\"", html, StringComparison.Ordinal);
        }

        await Saved(finance, Issuer, Issuer, ("name", "Massachusetts Open Cloud"),
            ("address", "8 St. Mary's Street\r\nBoston, MA 02215"), ("tax_id", "EIN 00-0000000"),
            ("remittance", "First Bank\r\nAccount 42"), ("terms_days", "45"), ("text", ""), ("from", ""));
        await Saved(finance, Customer, "/finance/settings/customer", ("name", "Ben's Lab"), ("address", "1 Lab Way"),
            ("tax_id", ""), ("purchase_order", "PO-7781"), ("terms_days", ""), ("text", ""), ("from", ""));
        await UsedMonth.Close(serving);

        using var ben = await serving.As("ben"); // What Ada owes is billed to her institution.
        var page = WebUtility.HtmlDecode(
            await ben.GetStringAsync(new Uri("/invoices/PI-2026-0002", UriKind.Relative), Serving.Ct));
        foreach (var said in (string[])["Massachusetts Open Cloud", "Boston, MA 02215", "EIN 00-0000000", "Account 42",
            "PO-7781", "Ben's Lab", "1 Lab Way", "45 days", "2026-12-20"])
        {
            Assert.Contains(said, page, StringComparison.Ordinal);
        }

        await QueueMail.Run(serving.Exchange, MailSettings.Parse(server.Setting), null, Serving.Ct);
        var mail = (await Body(serving)).ReplaceLineEndings("\n");
        Assert.Contains("\nTerms: 45 days\nPO number: PO-7781\nDue: 2026-12-20\n", mail, StringComparison.Ordinal);
        Assert.Contains("\nPayment instructions:\nFirst Bank\nAccount 42\n", mail, StringComparison.Ordinal);
        Assert.Contains("\nMassachusetts Open Cloud\n8 St. Mary's Street\n", mail, StringComparison.Ordinal);
    }

    /// <summary>A logo is a file of the form; it is shown on the page by its hash, and only to who is signed in.</summary>
    [Fact]
    public async Task A_logo_is_uploaded_and_shown()
    {
        var png = Convert.FromBase64String(
            "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");
        await using var serving = await UsedMonth.Start();
        using var finance = await serving.As("finance");
        var html = await finance.GetStringAsync(new Uri(Issuer, UriKind.Relative), Serving.Ct);
        using var form = new MultipartFormDataContent();
        foreach (System.Text.RegularExpressions.Match hidden in System.Text.RegularExpressions.Regex.Matches(
            html[html.IndexOf($"action=\"{Issuer}\"", StringComparison.Ordinal)..],
            "<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\""))
        {
            form.Add(new StringContent(WebUtility.HtmlDecode(hidden.Groups[2].Value)), hidden.Groups[1].Value);
        }

        form.Add(new StringContent("Massachusetts Open Cloud"), "name");
        form.Add(new ByteArrayContent(png), "logo", "logo.png");
        using (var saved = await finance.PostAsync(new Uri(Issuer, UriKind.Relative), form, Serving.Ct))
        {
            Assert.Equal("/finance/settings", saved.Headers.Location?.ToString());
        }

        await UsedMonth.Close(serving);
        using var ada = await serving.As("ada");
        var page = await ada.GetStringAsync(new Uri("/invoices/PI-2026-0001", UriKind.Relative), Serving.Ct);
        var at = System.Text.RegularExpressions.Regex.Match(page, "src=\"(/issuer/logo/[0-9a-f]{64})\"").Groups[1].Value;
        Assert.Equal(png, await ada.GetByteArrayAsync(new Uri(at, UriKind.Relative), Serving.Ct));
        Assert.Contains("alt=\"Massachusetts Open Cloud\"", page, StringComparison.Ordinal);
        using var nobody = serving.Anonymous();
        using var turned = await nobody.GetAsync(new Uri(at, UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.Redirect, turned.StatusCode);
    }

    [Fact]
    public async Task Set_by_a_finance_key_and_by_no_other()
    {
        await using var serving = await UsedMonth.Start();
        using var key = await serving.WithKey(KeyScope.Finance, null);
        using var body = Serving.Json(
            """{"account":"ada@bu.edu","purchaseOrder":"PO-1","termsDays":60,"from":"2026-12-01"}""",
            "application/json");
        using (var set = await key.PostAsync(new Uri("/v1/settings/customers", UriKind.Relative), body, Serving.Ct))
        {
            Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        }

        Assert.Empty((await TheApi.Json(key, "/v1/settings?on=2026-11-30")).GetProperty("customers").EnumerateArray());
        var customer = (await TheApi.Json(key, "/v1/settings?on=2026-12-01")).GetProperty("customers")
            .EnumerateArray().Single();
        Assert.Equal(("pi:ada@bu.edu", "PO-1", 60), (
            customer.GetProperty("account").GetString(), customer.GetProperty("purchaseOrder").GetString(),
            customer.GetProperty("termsDays").GetInt32()));
        using var horizon = Serving.Json("""{"hardCloseMonths":12}""", "application/json");
        using (var set = await key.PostAsync(new Uri("/v1/settings/issuer", UriKind.Relative), horizon, Serving.Ct))
        {
            Assert.Equal(HttpStatusCode.OK, set.StatusCode);
        }

        Assert.Equal(12, (await TheApi.Json(key, "/v1/settings")).GetProperty("issuer").GetProperty("hardCloseMonths")
            .GetInt32());
        using var finance = await serving.As("finance");
        var shown = await finance.GetStringAsync(new Uri(Issuer, UriKind.Relative), Serving.Ct);
        Assert.Matches("name=\"hard_close_months\"[^>]*value=\"12\"", shown);
        using var bad = Serving.Json("""{"termsDays":4000}""", "application/json");
        using var refused = await key.PostAsync(new Uri("/v1/settings/issuer", UriKind.Relative), bad, Serving.Ct);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        foreach (var scope in (KeyScope[])[KeyScope.Read, KeyScope.Usage, KeyScope.Prices])
        {
            using var other = await serving.WithKey(scope, scope == KeyScope.Read ? null : Serving.Nerc);
            using var none = await other.GetAsync(new Uri("/v1/settings", UriKind.Relative), Serving.Ct);
            Assert.Equal(HttpStatusCode.Forbidden, none.StatusCode);
        }
    }

    [Fact]
    public async Task Set_and_shown_on_the_command_line()
    {
        await using var serving = await UsedMonth.Start();
        var database = serving.Exchange.Place.Database!;
        var clock = serving.Exchange.Clock;
        await Typed.Done(
            "settings set --name \"Massachusetts Open Cloud\" --address \"8 St. Mary's Street\" --address Boston " +
            "--terms-days 45", database, clock: clock);
        await Typed.Done(
            "settings set --for \"institution:Harvard University\" --purchase-order PO-9 --from 2026-12-01", database,
            clock: clock);
        await Typed.Done("settings set --tax-id \"EIN 1\"", database, clock: clock);
        var shown = JsonDocument.Parse((await Typed.Done(
            "settings show --on 2026-12-01 --json", database, clock: clock)).Output).RootElement;
        var issuer = shown.GetProperty("issuer");
        Assert.Equal(("Massachusetts Open Cloud", "EIN 1", 45, 2), (
            issuer.GetProperty("name").GetString(), issuer.GetProperty("taxId").GetString(),
            issuer.GetProperty("termsDays").GetInt32(), issuer.GetProperty("address").GetArrayLength()));
        Assert.Equal("PO-9", shown.GetProperty("customers")[0].GetProperty("purchaseOrder").GetString());
        Assert.Contains("holds from 2026-12-01", (await Typed.Done(
            "settings versions \"institution:Harvard University\"", database, clock: clock)).Output,
            StringComparison.Ordinal);
        Assert.Contains("settings/not-of-this", (await Typed.Line(
            "settings set --purchase-order PO-1", database, clock: clock)).Errors, StringComparison.Ordinal);
    }

    private static async Task Saved(
        HttpClient client, string page, string action, params (string, string)[] typed)
    {
        using var saved = await UsedMonth.Submit(client, page, action, typed);
        Assert.Equal("/finance/settings", saved.Headers.Location?.ToString());
    }

    private static async Task<string> Body(Serving serving)
    {
        await using var command = serving.Exchange.Database.CreateCommand(
            "select body from exchange.outbox where id = 'invoice:PI-2026-0002'");
        return (string)(await command.ExecuteScalarAsync(Serving.Ct))!;
    }
}
