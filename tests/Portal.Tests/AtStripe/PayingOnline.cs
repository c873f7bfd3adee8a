using System.Net;
using Exchange.Invoicing;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Portal.Mail;
using Exchange.Portal.Stripe;
using Xunit;

namespace Exchange.Portal.Tests.AtStripe;

/// <summary>
/// The link by which an invoice can be paid: on its page and in its mail while it is open at Stripe, and nowhere else.
/// </summary>
public sealed class PayingOnline
{
    private const string Page = "/invoices/PI-2026-0002";
    private const string Link = "https://invoice.stripe.example/";

    [Fact]
    public async Task The_page_links_there_while_the_invoice_is_open_there()
    {
        await using var stripe = await StripeDouble.Start();
        await using var serving = await Closed(stripe);
        using var ben = await serving.As("ben");
        using var finance = await serving.As("finance");
        Assert.False(await IsLinked(ben, Page)); // It was not put there yet.
        await Push(serving, stripe);
        Assert.True(await IsLinked(ben, Page));
        Assert.False(await IsLinked(finance, "/invoices/PI-2026-0001")); // Nothing is owed on it.

        foreach (var (act, fields) in ((string, (string, string)[])[])[
            ("payments", [("reference", ""), ("amount", "1.00")]),
            ("corrections", [("credit", ""), ("because", "why"), ("do", "credit")]),
        ])
        {
            using var refused = await UsedMonth.Submit(finance, Page, $"{Page}/{act}", fields);
            Assert.Equal(HttpStatusCode.BadRequest, refused.StatusCode);
            Assert.True(IsLinked(await refused.Content.ReadAsStringAsync(Serving.Ct)), $"not after {act}");
        }

        var row = Assert.Single(await InvoiceList.Run(
            serving.Exchange.Database, new(Number: "PI-2026-0002"), Serving.Ct));
        Assert.True(await serving.Exchange.Journal.Execute(
                new PayInvoice(serving.Exchange.Database, row.Number!, "wire", row.Owed), UsedMonth.Now, Serving.Ct));
        await serving.Exchange.Projections.CatchUp(Serving.Ct);
        Assert.False(await IsLinked(ben, Page)); // Paid, though Stripe does not know it yet.
    }

    [Fact]
    public async Task Mail_links_there_for_the_invoice_that_is_there_alone()
    {
        await using var stripe = await StripeDouble.Start();
        await using var serving = await Closed(stripe);
        await Push(serving, stripe);
        Assert.Equal(2, await Queue(serving));
        Assert.Equal(["invoice:PI-2026-0001 False", "invoice:PI-2026-0002 True"], await Linked(serving));
    }

    [Fact]
    public async Task Mail_of_an_invoice_that_is_not_there_links_nowhere()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        Assert.Equal(2, await Queue(serving));
        Assert.Equal(["invoice:PI-2026-0001 False", "invoice:PI-2026-0002 False"], await Linked(serving));
    }

    private static Task<int> Queue(Serving serving) => QueueMail.Run(
        serving.Exchange, MailSettings.Parse("smtp://localhost?from=billing@example.org"), null, Serving.Ct);

    private static async Task<List<string>> Linked(Serving serving)
    {
        const string Sql = "select id, body from exchange.outbox order by id";
        var linked = new List<string>();
        await using var command = serving.Exchange.Database.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(Serving.Ct);
        while (await rows.ReadAsync(Serving.Ct))
        {
            var body = rows.GetString(1);
            linked.Add($"{rows.GetString(0)} {body.Contains($"Pay online: {Link}", StringComparison.Ordinal)}");
            Assert.Equal(
                body.Contains(Link, StringComparison.Ordinal),
                body.Contains("Pay online", StringComparison.Ordinal));
        }

        return linked;
    }

    private static async Task<bool> IsLinked(HttpClient client, string page) =>
        IsLinked(await client.GetStringAsync(new Uri(page, UriKind.Relative), Serving.Ct));

    private static bool IsLinked(string html)
    {
        var isLinked = html.Contains("Pay online", StringComparison.Ordinal);
        Assert.Equal(isLinked, html.Contains($"class=\"button\" href=\"{Link}", StringComparison.Ordinal));
        return isLinked;
    }

    private static async Task<Serving> Closed(StripeDouble stripe)
    {
        var serving = await UsedMonth.Start(stripe: Settings(stripe));
        await UsedMonth.Close(serving);
        return serving;
    }

    private static StripeSettings Settings(StripeDouble stripe) => StripeSettings.Parse(
        $"key {StripeDouble.Key}\nwebhook-secret whsec_one\naddress {stripe.Address}\n", "test");

    private static async Task Push(Serving serving, StripeDouble stripe) => Assert.Equal(1, (await PushInvoices.Run(
        serving.Exchange, new(StripeClient.Connect(), Settings(stripe)), _ => { }, Serving.Ct)).Opened);
}
