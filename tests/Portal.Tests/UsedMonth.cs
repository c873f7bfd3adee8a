using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Exchange.Invoicing;
using Exchange.Invoicing.Charging;
using Exchange.Portal.Keys;
using Exchange.Portal.ReadModels;
using Exchange.Portal.Spend;
using Exchange.Portal.Stripe;
using Exchange.Rating;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>October 2026 with prices, projects and a virtual machine each of Ada and Ben; it is November now.</summary>
internal static partial class UsedMonth
{
    public static readonly BillingMonth Month = new(2026, 10);
    public static readonly Instant Now = Instant.FromUtc(2026, 11, 5, 12, 0);

    private static readonly ConcurrentDictionary<Instant, Lazy<Task<string>>> Made = new();

    /// <summary>The month is made once for each instant, and copied for every test.</summary>
    public static async Task<Serving> Start(
        Instant? now = null, bool webhooksToPrivate = false, IClock? clock = null, StripeSettings? stripe = null,
        IReadOnlyList<string>? panelIn = null, int? connections = null)
    {
        var at = now ?? Now;
        var made = await Made.GetOrAdd(at, _ => new(() => TestDatabase.ForMany(() => Make(at)))).Value;
        return await Serving.Start(
            clock ?? new StoppedClock(at), webhooksToPrivate: webhooksToPrivate, stripe: stripe,
            database: Small(await TestDatabase.Copy(made), connections), panelIn: panelIn);
    }

    /// <summary>The same database over a pool of so many connections.</summary>
    private static string Small(string database, int? connections) => connections is { } most
        ? new NpgsqlConnectionStringBuilder(database) { MaxPoolSize = most }.ConnectionString
        : database;

    /// <summary>Prices and nothing else: nobody has a project and nothing was used.</summary>
    public static async Task<Serving> Empty(IClock clock)
    {
        var serving = await Serving.Start(clock);
        var outcome = await PublishPrices.Run(
            serving.Exchange.Journal, await PricingFiles.Read([Product.File("pricing")], Serving.Ct),
            PricePublishContext.Nothing, "test", Instant.FromUtc(2026, 1, 1, 0, 0), Serving.Ct);
        Assert.Empty(outcome.Refusals);
        return serving;
    }

    private static async Task<string> Make(Instant now)
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        await using var serving = await Serving.Start(new StoppedClock(now), database: database);
        var exchange = serving.Exchange;
        var outcome = await PublishPrices.Run(
            exchange.Journal, await PricingFiles.Read([Product.File("pricing")], Serving.Ct),
                PricePublishContext.Nothing,
            "test", Instant.FromUtc(2026, 1, 1, 0, 0), Serving.Ct);
        Assert.Empty(outcome.Refusals);
        await ImportProjects.Run(
            exchange.Journal, "cluster,project,name,pi\nstack,p-ada,Ada's " +
                "group,ada@bu.edu\nstack,p-ben,<b>Ben</b>,ben@mit.edu\n",
            "projects.csv", "test", Month.Start, Serving.Ct);
        using var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        using var answer = await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(
            Event("vm-ada", "p-ada", 4) + Event("vm-ben", "p-ben", 800), "application/x-ndjson"), Serving.Ct);
        Assert.Equal(202, (int)answer.StatusCode);
        var rated = await (await RatingNow.Read(exchange.Sources, Serving.Ct)).Rate(
            new RateRequest(Month), null, Serving.Ct);
        await WriteMonth.Run(
            exchange.Database, new(Month, Basis: "", Now),
            rated.Charges.Select(o => ShownCharge.Of(o.Charge, o.Owner.Name, o.Owner.Pi, o.Owner.Institution)), [],
            MonthUse.None, Serving.Ct);
        return database;
    }

    /// <summary>Ada uses so much more that her institution and the payer of the subsidy get invoices too.</summary>
    public static async Task UseMuch(Serving serving)
    {
        using var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        using var answer = await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(
            Event("vm-large", "p-ada", 400), "application/x-ndjson"), Serving.Ct);
        Assert.Equal(202, (int)answer.StatusCode);
    }

    /// <summary>Servers of projects run for ten days of a month, each with so many vCPUs.</summary>
    public static async Task Use(Serving serving, string month, params (string Project, int Vcpu)[] servers)
    {
        using var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        using var answer = await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(
            string.Concat(servers.Select(of => EventIn(month, of.Project, of.Vcpu))), "application/x-ndjson"),
            Serving.Ct);
        Assert.Equal(202, (int)answer.StatusCode);
    }

    /// <summary>Something comes late to September, which was never closed; what a decision of it is of.</summary>
    public static async Task<string> CameLate(Serving serving)
    {
        await Use(serving, "2026-09", ("p-ada", 4));
        return Assert.Single(await DecideLate.List(serving.Exchange.Sources, Now, Serving.Ct)).Seen;
    }

    public static string EventIn(string month, string project, int vcpu) =>
        Event($"vm-{project}-{month}", project, vcpu).Replace("2026-10-", $"{month}-", StringComparison.Ordinal);

    /// <summary>Something small is used until an instant, so that the exchange has heard from then.</summary>
    public static async Task Hear(Serving serving, string until, string from = "2026-11-01T00:00:00Z")
    {
        using var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        var said = Event($"vm-until-{until}", "p-ada", 1)
            .Replace("2026-10-01T00:00:00Z", from, StringComparison.Ordinal)
            .Replace("2026-10-11T00:00:00Z", until, StringComparison.Ordinal);
        using var answer = await key.PostAsync(
            new Uri("/v1/usage", UriKind.Relative), Serving.Json(said, "application/x-ndjson"), Serving.Ct);
        Assert.Equal(202, (int)answer.StatusCode);
    }

    public static string Event(string vm, string project, int vcpu)
    {
        var data = string.Create(CultureInfo.InvariantCulture, $$"""
            {"landlord":"nerc","cluster":"stack","project":"{{project}}","kind":"vm","from":"2026-10-01T00:00:00Z",
            "to":"2026-10-11T00:00:00Z","state":"running","shape":{"vcpu":{{vcpu}},"ram_mib":{{vcpu * 4096}} } }
            """);
        return $$"""
            {"specversion":"1.0","id":"{{vm}}","source":"urn:test","type":"exchange.usage.interval.v1",
            "subject":"{{vm}}","time":"2026-10-11T00:00:00Z","data":{{data}}}

            """.ReplaceLineEndings("") + "\n";
    }

    /// <summary>Gets a page, and posts a form of it with what is typed into it.</summary>
    public static Task<HttpResponseMessage> Submit(
        HttpClient client, string page, string action, params (string Name, string Value)[] typed) =>
        Submit(client, page, action, action, typed);

    /// <summary>The same, and what the form of one action holds is sent to another.</summary>
    public static async Task<HttpResponseMessage> Submit(
        HttpClient client, string page, string action, string to, params (string Name, string Value)[] typed)
    {
        var html = await client.GetStringAsync(new Uri(page, UriKind.Relative), Serving.Ct);
        return await SubmitOf(client, html, action, to, typed);
    }

    /// <summary>Looks at a bank's list, and records what is checked of it.</summary>
    public static async Task<HttpResponseMessage> RecordList(
        HttpClient client, string list, params (string Name, string Value)[] typed)
    {
        const string Page = "/finance/payments";
        using var review = await Submit(client, Page, Page, ("list", list), ("do", "review"));
        return await SubmitOf(client, await review.Content.ReadAsStringAsync(Serving.Ct), Page, Page,
            [("list", list), ("do", "record"), .. typed]);
    }

    /// <summary>The same of a page that was got before.</summary>
    public static async Task<HttpResponseMessage> SubmitOf(
        HttpClient client, string html, string action, string to, params (string Name, string Value)[] typed)
    {
        var form = Forms().Matches(html).Select(m => m.Value)
            .First(f => f.Contains($"action=\"{action}\"", StringComparison.Ordinal));
        var fields = Hidden().Matches(form).Where(m => typed.All(t => t.Name != m.Groups[1].Value))
            .Select(m => KeyValuePair.Create(m.Groups[1].Value, System.Net.WebUtility.HtmlDecode(m.Groups[2].Value)))
            .Concat(typed.Select(t => KeyValuePair.Create(t.Name, t.Value)));
        using var content = new FormUrlEncodedContent(fields);
        return await client.PostAsync(new Uri(to, UriKind.Relative), content, Serving.Ct);
    }

    public static async Task Close(Serving serving)
    {
        using var finance = await serving.As("finance");
        using var answer = await Submit(
            finance, "/finance/close?month=2026-10", "/finance/close", ("policies", "corrected"),
                ("confirm", "2026-10"));
        Assert.Equal("/finance/month?month=2026-10", answer.Headers.Location?.ToString());
    }

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Forms();

    [GeneratedRegex("<input type=\"hidden\" name=\"([^\"]*)\" value=\"([^\"]*)\"")]
    private static partial Regex Hidden();
}
