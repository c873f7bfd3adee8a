using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Exchange.Portal.Keys;
using Exchange.Portal.Pages;
using Exchange.Portal.Web;
using Exchange.Portal.Webhooks;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Whoever changes a thing says which version they looked at. From the route table: a new route that says neither what
/// it edits nor that it makes something new fails here. Seen to fail while edits that wait used up all connections.
/// </summary>
public partial class EditsNeedAVersion
{
    /// <summary>A form that edits: who sends it, from which page, and what they type.</summary>
    private sealed record Edit(string Persona, string Page, string Action, params (string Name, string Value)[] Typed)
    {
        public string Route { get; init; } = Action;
    }

    private static readonly Edit[] Forms =
    [
        new("ada", "/pi/budget", "/pi/budget", ("amount", "5.00"), ("do", "set")),
        new("ada", "/pi/awards/NSF-2412345", "/pi/awards/NSF-2412345", ("sponsor", "The same sponsor"), ("do", "set"),
            ("from", "2026-10-01"), ("last", "2027-09-30"), ("budget", "777.00"), ("projects", "stack/p-ada=25"),
            ("thresholds", "50"), ("forecast", "90"))
        { Route = "/pi/awards/{number}" },
        new("subsidy", "/subsidy", "/subsidy/caps", ("caps", "ada@bu.edu,55.00")),
        new("subsidy", "/subsidy", "/subsidy/suspension", ("pi", "ada@bu.edu"), ("from", "2026-11"), ("do", "suspend")),
        new("subsidy", "/subsidy/enrol", "/subsidy/enrol", ("programme", "nerc-bu-subsidy"), ("from", "2026-11"),
            ("list", "carla@bu.edu"), ("do", "commit")),
        new("nerc", "/landlord/keys", "/landlord/keys/revoke"),
        new("operator", "/operator/keys", "/operator/keys/revoke"),
        new("nerc", "/landlord/sheets/new", "/landlord/sheets/new", ("yaml", "x: y"), ("month", "2026-10")),
        new("operator", "/operator/quarantine/{name}", "/operator/quarantine/{name}", ("do", "discard"),
            ("because", "not a reading")),
        new("operator", "/operator/sources", "/operator/sources", ("every", "2h")),
        new("finance", "/finance/close?month=2026-10", "/finance/close", ("policies", "corrected"),
            ("confirm", "2026-10")),
        new("finance", "/invoices/PI-2026-0002", "/invoices/PI-2026-0002/payments", ("reference", "bank-1"),
            ("amount", "1.00"))
        { Route = "/invoices/{number}/payments" },
        new("finance", "/invoices/PI-2026-0002", "/invoices/PI-2026-0002/refunds", ("back_reference", "bank-4"),
            ("back", "0.50"))
        { Route = "/invoices/{number}/refunds" },
        new("finance", "/invoices/PI-2026-0002", "/invoices/PI-2026-0002/corrections", ("credit", "1.00"),
            ("because", "an outage"), ("do", "credit"))
        { Route = "/invoices/{number}/corrections" },
        new("finance", "/finance/settings/issuer", "/finance/settings/issuer", ("name", "Massachusetts Open Cloud")),
        new("finance", "/finance/settings/customer?account=pi%3Aada%40bu.edu", "/finance/settings/customer",
            ("name", "Ada's Laboratory")),
        new("finance", "/webhooks", "/webhooks/act", ("do", "replay")),
        new("finance", "/finance/parties/{number}", "/finance/parties/{number}/void",
            ("because", "another address"), ("confirm", "no")),
        new("finance", "/finance/parties/{number}", "/finance/parties/{number}/payments",
            ("reference", "bank-2"), ("amount", "1.00")),
        new("finance", "/finance/parties/{number}", "/finance/parties/{number}/refunds",
            ("back_reference", "bank-3"), ("back", "0.50")),
        new("finance", "/finance/parties/{number}", "/finance/parties/{number}/credits",
            ("credit", "1.00"), ("reason", "an outage")),
        new("nerc", "/landlord/levels", "/landlord/outages/withdraw", ("outage", "ocp-prod-2025-10-14"),
            ("because", "there was none")),
        new("nerc", "/landlord/offer?service=openstack&sku=OpenStack%20CPU", "/landlord/offer", ("do", "draft")),
        new("nerc", "/orders/{id}", "/orders/{id}/answer", ("do", "reject"), ("because", "the racks are full")),
        new("nerc", "/leases/{id}", "/leases/{id}/answer", ("do", "decline"), ("because", "the racks are full")),
        new("nerc", "/agreements/{id}", "/agreements/{id}/answer", ("do", "decline"), ("because", "all is sold")),
        new("ada", "/quotes/saved/{id}", "/quotes/saved/{id}/end"),
        new("ada", "/quotes/saved/{id}", "/quotes/saved/{id}/accept"),
        new("nerc", WithdrawPage.Href(LandlordsOnPages.Later), "/landlord/sheets/withdraw",
            ("confirm", LandlordsOnPages.Later)),
    ];

    [Fact]
    public async Task Every_route_that_writes_says_whether_it_edits_and_every_one_that_does_is_tried_here()
    {
        await using var serving = await Serving.Start();
        var writing = ((IEndpointRouteBuilder)serving.App).DataSources.SelectMany(s => s.Endpoints)
            .OfType<RouteEndpoint>().Where(e => e.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods
                .Any(m => m is "POST" or "PUT" or "PATCH" or "DELETE") == true)
            .Select(e => (e.RoutePattern.RawText, e.Metadata.GetMetadata<IfMatch.Marked>())).ToList();
        Assert.Equal([], writing.Where(w => w.Item2 is null).Select(w => w.RawText));
        Assert.Equal([], writing.Where(w => w.Item2!.Edits).Select(w => w.RawText!).Distinct()
            .Except(Forms.Select(f => f.Route)).Except(["/v1/webhooks/{id}"])
            .Except(["/auctions/act", "/v1/auctions/{id}/withdraw/{which}", "/v1/auctions/{id}/clear"]) // AuctionsAreSealed.
            .Except(DealWord.Acts.Select(act => $"/v1/agreements/{{id}}/{act}")) // AgreementsOnPages tries them.
            .Except(LeaseWord.Acts.Select(act => $"/v1/leases/{{id}}/{act}"))); // LeasesOnPages tries them.
    }

    [Fact]
    public async Task A_form_from_an_older_version_does_nothing_says_what_changed_and_keeps_what_was_typed()
    {
        await using var serving = await UsedMonth.Start();
        using (var meter = await serving.WithKey(KeyScope.Usage, Serving.Nerc))
        using (await meter.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(
            UsedMonth.Event("vm-much", "p-ada", 340), "application/x-ndjson"), Serving.Ct))
        {
            // So much that Ada's subsidy pays a part of it, and its payer gets an invoice once the month is closed.
        }

        await AwardsOfSponsors.Enter(serving);
        foreach (var form in Forms)
        {
            using var client = await serving.As(form.Persona);
            var (page, action) = await Prepare(serving, form);
            var fields = await Fields(client, page, action, form.Typed);
            var before = await Events(serving);

            using var without = await Post(client, action, [.. fields.Where(f => f.Key != ETag.Field)]);
            Assert.Equal((form.Action, (HttpStatusCode)428), (form.Action, without.StatusCode));
            using var any = await Post(client, action, With(fields, "*"));
            Assert.Equal((form.Action, HttpStatusCode.PreconditionFailed), (form.Action, any.StatusCode));
            using var unknown = await Post(client, action, With(fields, "77"));
            Assert.Equal((form.Action, HttpStatusCode.PreconditionFailed), (form.Action, unknown.StatusCode));
            var shown = WebUtility.HtmlDecode(await unknown.Content.ReadAsStringAsync(Serving.Ct));
            Assert.Contains("Nothing was done.", shown, StringComparison.Ordinal);
            Assert.All(form.Typed.Where(t => t.Name is not ("do" or "policies")), typed =>
                Assert.Contains(typed.Value, shown, StringComparison.Ordinal));
            Assert.Equal((form.Action, before), (form.Action, await Events(serving)));

            using var right = await Post(client, action, fields);
            Assert.True((int)right.StatusCode is 302 or 400 && right.StatusCode != HttpStatusCode.PreconditionFailed,
                $"{form.Action} answers {right.StatusCode}");
        }
    }

    [Fact]
    public async Task What_somebody_else_did_meanwhile_is_named_with_who_did_it()
    {
        await using var serving = await Serving.Start();
        using var ada = await serving.As("ada");
        var old = await Fields(ada, "/pi/budget", "/pi/budget", [("amount", "7.77"), ("do", "set")]);
        using var meanwhile = await UsedMonth.Submit(ada, "/pi/budget", "/pi/budget", ("amount", "5"), ("do", "set"));
        using var late = await Post(ada, "/pi/budget", old);
        var shown = await late.Content.ReadAsStringAsync(Serving.Ct);
        Assert.Equal(HttpStatusCode.PreconditionFailed, late.StatusCode);
        Assert.Contains("budget set by person:ada", shown, StringComparison.Ordinal);
        Assert.Contains("7.77", shown, StringComparison.Ordinal);
        using var again = await Post(ada, "/pi/budget", With(old, "1"));
        Assert.Equal(HttpStatusCode.Redirect, again.StatusCode);
    }

    [Fact]
    public async Task Of_many_at_the_same_time_from_the_same_version_one_is_taken()
    {
        await using var serving = await Serving.Start();
        using var ada = await serving.As("ada");
        var old = await Fields(ada, "/pi/budget", "/pi/budget", [("do", "set")]);
        var answers = await Task.WhenAll(Enumerable.Range(1, 12).Select(async n =>
        {
            using var answer = await Post(ada, "/pi/budget", [.. old, new("amount", $"{n}.00")]);
            return answer.StatusCode;
        }));
        Assert.Equal(1, answers.Count(status => status == HttpStatusCode.Redirect));
        Assert.Equal(11, answers.Count(status => status == HttpStatusCode.PreconditionFailed));
    }

    [Fact]
    public async Task A_program_removes_a_webhook_by_the_version_it_read()
    {
        await using var serving = await Serving.Start();
        using var key = await serving.WithKey(KeyScope.Read, null);
        var made = await serving.Exchange.Do(new RegisterWebhook(
                serving.Exchange.Database, "https://books.example.org/", null, [], false, "test"));
        var version = (await TheApi.Json(key, "/v1/webhooks")).GetProperty("items")[0].GetProperty("version")
            .GetString();
        Assert.Equal((HttpStatusCode)428, await Delete(null));
        Assert.Equal(HttpStatusCode.PreconditionFailed, await Delete("\"9\""));
        Assert.Equal(HttpStatusCode.NoContent, await Delete($"\"{version}\""));
        Assert.Equal(HttpStatusCode.NoContent, await Delete("*")); // It is gone already, as was asked.

        async Task<HttpStatusCode> Delete(string? match)
        {
            using var request = new HttpRequestMessage(
                HttpMethod.Delete, new Uri($"/v1/webhooks/{made.Id}", UriKind.Relative));
            if (match is not null)
            {
                request.Headers.TryAddWithoutValidation("If-Match", match);
            }

            using var answer = await key.SendAsync(request, Serving.Ct);
            return answer.StatusCode;
        }
    }

    /// <summary>Seen to fail: whoever said that the body is a form needed no version, and none was compared.</summary>
    [Theory]
    [InlineData("application/x-www-form-urlencoded", "")]
    [InlineData("application/x-www-form-urlencoded", "version=9")]
    [InlineData("multipart/form-data; boundary=b", "--b--\r\n")]
    [InlineData("multipart/form-data; boundary=b",
        "--b\r\nContent-Disposition: form-data; name=\"version\"\r\n\r\n1\r\n--b--\r\n")]
    public async Task A_program_names_its_version_whatever_it_says_to_send(string type, string body)
    {
        await using var serving = await Serving.Start();
        using var key = await serving.WithKey(KeyScope.Read, null);
        var made = await serving.Exchange.Do(new RegisterWebhook(
            serving.Exchange.Database, "https://books.example.org/", null, [], false, "test"));
        using var request = new HttpRequestMessage(
            HttpMethod.Delete, new Uri($"/v1/webhooks/{made.Id}", UriKind.Relative));
        request.Content = new StringContent(body);
        request.Content.Headers.Remove("Content-Type");
        request.Content.Headers.TryAddWithoutValidation("Content-Type", type);
        using var answer = await key.SendAsync(request, Serving.Ct);
        Assert.Equal((HttpStatusCode)428, answer.StatusCode);
        Assert.Single((await TheApi.Json(key, "/v1/webhooks")).GetProperty("items").EnumerateArray());
    }

    /// <summary>Makes the thing that a form is about.</summary>
    private static async Task<(string Page, string Action)> Prepare(Serving serving, Edit form)
    {
        if (form.Action is "/landlord/keys/revoke" or "/operator/keys/revoke")
        {
            await serving.Exchange.Do(new CreateKey("old", Serving.Nerc, KeyScope.Read, "test"));
        }
        else if (form.Action == "/landlord/sheets/withdraw")
        {
            using var nerc = await serving.As("nerc");
            await LandlordsOnPages.Publish(nerc);
        }
        else if (form.Action == "/invoices/PI-2026-0002/refunds")
        {
            using var finance = await serving.As("finance");
            using var paid = await UsedMonth.Submit(
                finance, form.Page, $"{form.Page}/payments", ("reference", "bank-5"), ("amount", "1.00"));
        }
        else if (form.Action == "/webhooks/act")
        {
            await serving.Exchange.Do(new RegisterWebhook(
                serving.Exchange.Database, "https://books.example.org/", null, [], false, "test"));
        }
        else if (form.Action.Contains("{number}", StringComparison.Ordinal))
        {
            using var finance = await serving.As("finance");
            var list = await finance.GetStringAsync(new Uri("/finance/parties", UriKind.Relative), Serving.Ct);
            var number = Party().Match(list) is { Success: true } found ? found.Groups[1].Value
                : throw new InvalidOperationException($"There is no invoice to a party: {list}");
            return (form.Page.Replace("{number}", number, StringComparison.Ordinal),
                form.Action.Replace("{number}", number, StringComparison.Ordinal));
        }
        else if (form.Action == "/orders/{id}/answer")
        {
            var order = await OrdersOnPages.Placed(serving);
            return ($"/orders/{order}", $"/orders/{order}/answer");
        }
        else if (form.Action == "/agreements/{id}/answer")
        {
            var agreement = (await AgreementsOnPages.ForEachAct(serving))["decline"];
            return ($"/agreements/{agreement}", $"/agreements/{agreement}/answer");
        }
        else if (form.Action == "/leases/{id}/answer")
        {
            var lease = (await LeasesOnPages.ForEachAct(serving))["decline"];
            return ($"/leases/{lease}", $"/leases/{lease}/answer");
        }
        else if (form.Action.Contains("{id}", StringComparison.Ordinal))
        {
            var quote = await QuotesAreKept.Save(serving);
            if (form.Action.EndsWith("/end", StringComparison.Ordinal))
            {
                await KeepQuote.Accept(
                    serving.Exchange, quote, null, Portal.Commands.Actors.Local("test"), Serving.Ct);
            }

            return ($"/quotes/saved/{quote}", form.Action.Replace("{id}", quote, StringComparison.Ordinal));
        }
        else if (form.Action.Contains("{name}", StringComparison.Ordinal))
        {
            using var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
            using var answer = await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(
                UsedMonth.Event("odd", "p-ada", 2).Replace("running", "dreaming", StringComparison.Ordinal),
                "application/x-ndjson"), Serving.Ct);
            var name = Uri.EscapeDataString(
                (await serving.Exchange.Meter.Quarantine("waiting", 9, Serving.Ct))[0].Name);
            return ($"/operator/quarantine/{name}", $"/operator/quarantine/{name}");
        }

        else if (form.Action == "/operator/sources")
        {
            var source = (await Exchange.Portal.Collecting.WatchSources.All(serving.Exchange, Serving.Ct))[0].Name;
            return ($"{form.Page}?name={Uri.EscapeDataString(source)}", form.Action);
        }

        return (form.Page, form.Action);
    }

    private static async Task<List<KeyValuePair<string, string>>> Fields(
        HttpClient client, string page, string action, (string Name, string Value)[] typed)
    {
        using var answer = await client.GetAsync(new Uri(page, UriKind.Relative), Serving.Ct);
        var html = await answer.Content.ReadAsStringAsync(Serving.Ct);
        var form = Whole().Matches(html).Select(m => m.Value).FirstOrDefault(f =>
            f.Contains($"action=\"{action}\"", StringComparison.Ordinal) &&
            (typed.All(t => t.Value != "discard") || f.Contains("value=\"discard\"", StringComparison.Ordinal)));
        Assert.True(form is not null, $"{page} shows no form to {action}: {html}");
        return
        [
            .. Hidden().Matches(form).Where(m => typed.All(t => t.Name != m.Groups[1].Value)).Select(m =>
                KeyValuePair.Create(m.Groups[1].Value, WebUtility.HtmlDecode(m.Groups[2].Value))),
            .. typed.Select(t => KeyValuePair.Create(t.Name, t.Value)),
        ];
    }

    private static List<KeyValuePair<string, string>> With(List<KeyValuePair<string, string>> fields, string version) =>
        [.. fields.Where(f => f.Key != ETag.Field), new(ETag.Field, version)];

    private static async Task<HttpResponseMessage> Post(
        HttpClient client, string action, List<KeyValuePair<string, string>> fields)
    {
        using var content = new FormUrlEncodedContent(fields);
        return await client.PostAsync(new Uri(action, UriKind.Relative), content, Serving.Ct);
    }

    private static async Task<long> Events(Serving serving)
    {
        await using var command = serving.Exchange.Database.CreateCommand(
            "select count(*) from journal.event where stream not like 'audit%'");
        return Convert.ToInt64(await command.ExecuteScalarAsync(Serving.Ct), CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("/finance/parties/([A-Z]+-[0-9]+-[0-9]+)\"")]
    private static partial Regex Party();

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Whole();

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\"")]
    private static partial Regex Hidden();
}
