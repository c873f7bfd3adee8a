using System.Net;
using System.Security.Cryptography;
using System.Text;
using Exchange.Invoicing;
using Exchange.Invoicing.Accounts;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Portal.Stripe;
using Xunit;

namespace Exchange.Portal.Tests.AtStripe;

/// <summary>
/// Invoices put to a double of Stripe and paid there, with lost answers, repeated webhooks and calls cut short.
/// </summary>
public sealed class PayingByStripe
{
    private const string Secret = "whsec_one";

    [Fact]
    public async Task Every_open_invoice_is_put_there_once_and_to_the_cent()
    {
        await using var stripe = await StripeDouble.Start();
        await using var serving = await Closed(stripe);

        Assert.Equal(new PushInvoices.InvoicesPushed(1, 0, 0, 0), await Push(serving, stripe));
        Assert.Equal(new PushInvoices.InvoicesPushed(0, 0, 0, 0), await Push(serving, stripe));

        var at = Assert.Single(stripe.State.Invoices);
        var ours = await Bens(serving);
        Assert.Equal(("open", ours.Owed.Cents), ((string?)at["status"], (long)at["total"]!));
        Assert.Equal(ours.Number, (string?)at["number"]);
        Assert.Equal("ben@mit.edu", (string?)Assert.Single(stripe.State.Customers)["email"]);
        Assert.Contains(
            "https://invoice.stripe.example/", (await Typed.Done("stripe status", serving.Exchange.Place.Database!))
                .Output,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public async Task A_push_that_was_cut_short_after_any_call_is_finished_by_the_next(int calls)
    {
        await using var stripe = await StripeDouble.Start();
        await using var serving = await Closed(stripe);
        stripe.AwayAfter = calls;
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => Push(serving, stripe));
        stripe.AwayAfter = null;

        await Push(serving, stripe);

        var at = Assert.Single(stripe.State.Invoices);
        Assert.Equal(("open", (await Bens(serving)).Owed.Cents), ((string?)at["status"], (long)at["total"]!));
        Assert.Single(stripe.State.Customers);
    }

    [Fact]
    public async Task An_answer_that_got_lost_is_asked_for_again_under_the_same_key()
    {
        await using var stripe = await StripeDouble.Start();
        await using var serving = await Closed(stripe);
        stripe.Lost = 2;

        Assert.Equal(1, (await Push(serving, stripe)).Opened);

        Assert.Equal((await Bens(serving)).Owed.Cents, (long)Assert.Single(stripe.State.Invoices)["total"]!);
        Assert.Single(stripe.State.Customers);
    }

    [Fact]
    public async Task A_payment_that_a_webhook_says_many_times_is_noted_once()
    {
        await using var stripe = await StripeDouble.Start();
        await using var serving = await Closed(stripe);
        await Push(serving, stripe);
        var ours = await Bens(serving);
        var said = stripe.State.Pay(Id(stripe), ours.Owed.Cents).ToJsonString();

        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Tell(serving, said)));

        Assert.All(answers, status => Assert.Equal(HttpStatusCode.OK, status));
        Assert.Equal(("paid", ours.Owed), ((await Bens(serving)).Status, (await Bens(serving)).Paid));
        Assert.Equal(new PushInvoices.InvoicesPushed(0, 0, 0, 0), await Push(serving, stripe));
        Assert.Equal(0, (await Replay(serving, stripe)).Refused);
    }

    [Fact]
    public async Task What_no_webhook_said_is_found_by_replay_over_many_pages()
    {
        await using var stripe = await StripeDouble.Start();
        await using var serving = await Closed(stripe);
        await Push(serving, stripe);
        var ours = await Bens(serving);
        for (var i = 0; i < 250; i++)
        {
            stripe.State.Happen("refund.updated", new() { ["id"] = $"re_{i}", ["amount"] = 1, ["currency"] = "usd" });
        }

        stripe.State.Pay(Id(stripe), 100);
        stripe.State.Pay(Id(stripe), ours.Owed.Cents - 100);

        var replayed = await Replay(serving, stripe);

        Assert.Equal((252, 2, 0), (replayed.Listed, replayed.Done, replayed.Refused));
        Assert.Equal(0, (await Replay(serving, stripe)).Done);
        Assert.Equal("paid", (await Bens(serving)).Status);
    }

    [Fact]
    public async Task A_refund_goes_back_by_the_way_it_came_and_is_noted_once_though_Stripe_tells_of_it_too()
    {
        await using var stripe = await StripeDouble.Start();
        await using var serving = await Closed(stripe);
        await Push(serving, stripe);
        var ours = await Bens(serving);
        stripe.State.Pay(Id(stripe), ours.Owed.Cents);
        await Replay(serving, stripe);

        for (var i = 0; i < 2; i++)
        {
            await RefundAtStripe.Run(
                serving.Exchange, Client(stripe), ours.Number!, "mistake-1", new(300), Serving.Ct);
        }

        await Replay(serving, stripe);
        Assert.Equal(ours.Owed - new Money(300), (await Bens(serving)).Paid);
        Assert.Equal(ours.Owed.Cents - 300, Assert.Single(stripe.State.Taken).Value);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => RefundAtStripe.Run(
            serving.Exchange, Client(stripe), ours.Number!, "mistake-2", ours.Owed, Serving.Ct));
        Assert.Equal("stripe/not-paid", refused.Refusal.Code);
    }

    [Fact]
    public async Task What_is_credited_voided_or_paid_elsewhere_follows_at_Stripe()
    {
        await using var stripe = await StripeDouble.Start();
        await using var serving = await Closed(stripe);
        await Push(serving, stripe);
        var ours = await Bens(serving);
        await Typed.Done(
            $"invoices credit {ours.Number} --amount \"1.00 USD\" --because outage", serving.Exchange.Place.Database!);
        Assert.Equal(new PushInvoices.InvoicesPushed(0, 1, 0, 0), await Push(serving, stripe));
        Assert.Equal(ours.Owed.Cents - 100, (long)stripe.State.Invoices[0]["amount_remaining"]!);
        await serving.Exchange.Journal.Execute(
                new PayInvoice(serving.Exchange.Database, ours.Number!, "wire-1", ours.Owed - new Money(100)), UsedMonth.Now, Serving.Ct);

        Assert.Equal(new PushInvoices.InvoicesPushed(0, 0, 0, 1), await Push(serving, stripe));

        Assert.Equal("paid", (string?)stripe.State.Invoices[0]["status"]);
        Assert.Equal(new PushInvoices.InvoicesPushed(0, 0, 0, 0), await Push(serving, stripe));
    }

    [Fact]
    public async Task A_void_invoice_cannot_be_paid_any_more()
    {
        await using var stripe = await StripeDouble.Start();
        await using var serving = await Closed(stripe);
        await Push(serving, stripe);
        await Typed.Done(
            $"invoices void {(await Bens(serving)).Number} --because wrong", serving.Exchange.Place.Database!);

        Assert.Equal(new PushInvoices.InvoicesPushed(0, 0, 1, 0), await Push(serving, stripe));

        Assert.Equal("void", (string?)Assert.Single(stripe.State.Invoices)["status"]);
    }

    [Fact]
    public async Task What_was_paid_by_wire_and_again_at_Stripe_is_kept_on_the_account()
    {
        await using var stripe = await StripeDouble.Start();
        await using var serving = await Closed(stripe);
        await Push(serving, stripe);
        var ours = await Bens(serving);
        await serving.Exchange.Journal.Execute(
            new PayInvoice(serving.Exchange.Database, ours.Number!, "wire-1", ours.Owed), UsedMonth.Now, Serving.Ct);

        Assert.Equal(
            HttpStatusCode.OK, await Tell(serving, stripe.State.Pay(Id(stripe), ours.Owed.Cents).ToJsonString()));

        await Typed.Done("stripe status", serving.Exchange.Place.Database!);
        var cash = await serving.Exchange.Journal.State(
            CashAccount.Fold, AccountName.Of(ours.Account.Pi!.Value), Serving.Ct);
        Assert.Equal(ours.Owed, cash.Unapplied);
    }

    [Fact]
    public async Task What_cannot_be_noted_is_shown_and_tried_again()
    {
        await using var stripe = await StripeDouble.Start();
        await using var serving = await Closed(stripe);
        await Push(serving, stripe);
        var ours = await Bens(serving);
        await serving.Exchange.Journal.Execute(
            new VoidInvoice(serving.Exchange.Sources, ours.Number!, "wrong PI"), UsedMonth.Now, Serving.Ct);
        var said = stripe.State.Pay(Id(stripe), ours.Owed.Cents).ToJsonString();

        Assert.Equal(HttpStatusCode.OK, await Tell(serving, said));

        var status = await Typed.Line("stripe status", serving.Exchange.Place.Database!);
        Assert.Equal(ExitCode.Refused, status.Exit);
        Assert.Contains("invoice/not-issued", status.Output, StringComparison.Ordinal);
        Assert.Equal((0, 1), await Replay(serving, stripe) is var again ? (again.Done, again.Refused) : default);
    }

    [Fact]
    public async Task One_that_Stripe_refuses_holds_up_none_of_those_behind_it()
    {
        await using var stripe = await StripeDouble.Start();
        await using var serving = await Closed(stripe);
        await serving.Exchange.Database.Execute(
            "update invoicing.invoice set status = 'issued' where account = 'ada@bu.edu'", [], Serving.Ct);
        await serving.Exchange.Database.Execute("""
            insert into exchange.stripe_customer (account, id) values ('ada@bu.edu', 'cus_gone')
            on conflict (account) do update set id = excluded.id
            """, [], Serving.Ct);
        await serving.Exchange.Database.Execute(
            "update invoicing.invoice set owed = 100 where account = 'ada@bu.edu'", [], Serving.Ct);

        var put = await Push(serving, stripe);

        Assert.Equal(1, put.Opened);
        var refused = Assert.Single(put.Refused);
        Assert.Equal(("stripe/refused", "PI-2026-0001"), (refused.Code, refused.Where));
        Assert.Contains("No such customer", $"{put}", StringComparison.Ordinal);
        Assert.Equal("open", (string?)Assert.Single(stripe.State.Invoices)["status"]);
    }

    [Fact]
    public async Task A_wrong_key_is_refused_and_stands_in_no_message()
    {
        await using var stripe = await StripeDouble.Start();
        await using var serving = await Closed(stripe);
        var settings = Settings(stripe) with { Key = "sk_test_other" };
        var refused = await Assert.ThrowsAsync<RefusedException>(() => PushInvoices.Run(
            serving.Exchange, new(StripeClient.Connect(), settings), _ => { }, Serving.Ct));

        Assert.Equal("stripe/key", refused.Refusal.Code);
        Assert.DoesNotContain("sk_test_other", refused.ToString() + settings, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, settings.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_setting_there_is_no_such_address_and_no_such_verb()
    {
        await using var serving = await UsedMonth.Start();
        Assert.Equal(HttpStatusCode.NotFound, await Tell(serving, "{}"));
        var typed = await Typed.Line("stripe push", serving.Exchange.Place.Database!);
        Assert.Equal(ExitCode.Refused, typed.Exit);
        Assert.Contains("stripe/off", typed.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("whsec_other", 0, HttpStatusCode.BadRequest)]
    [InlineData(Secret, 301, HttpStatusCode.BadRequest)]
    [InlineData(Secret, -301, HttpStatusCode.BadRequest)]
    [InlineData(Secret, 299, HttpStatusCode.OK)]
    [InlineData("whsec_two", 0, HttpStatusCode.OK)]
    public async Task Only_what_is_signed_by_one_of_our_secrets_and_new_is_believed(
        string secret, int age, HttpStatusCode status)
    {
        await using var stripe = await StripeDouble.Start();
        await using var serving = await UsedMonth.Start(stripe: Settings(stripe));
        var said = stripe.State.Happen("customer.created", new() { ["id"] = "cus_1" }).ToJsonString();
        Assert.Equal(status, await Tell(serving, said, secret, age));
    }

    private static async Task<Serving> Closed(StripeDouble stripe)
    {
        var serving = await UsedMonth.Start(stripe: Settings(stripe));
        await CloseAndWrite.Run(
            serving.Exchange,
            new(UsedMonth.Month, "corrected", new HashSet<string>(), Actors.Local("test")), _ => { }, Serving.Ct);
        return serving;
    }

    private static StripeSettings Settings(StripeDouble stripe) => StripeSettings.Parse(
        $"key {StripeDouble.Key}\nwebhook-secret {Secret}\nwebhook-secret whsec_two\naddress " +
        $"{stripe.Address}\n", "test");

    private static StripeClient Client(StripeDouble stripe) => new(StripeClient.Connect(), Settings(stripe));

    private static Task<PushInvoices.InvoicesPushed> Push(Serving serving, StripeDouble stripe) =>
        PushInvoices.Run(serving.Exchange, Client(stripe), _ => { }, Serving.Ct);

    private static Task<StripeEvents.Replayed> Replay(Serving serving, StripeDouble stripe) =>
        StripeEvents.Replay(serving.Exchange, Client(stripe), Settings(stripe), Serving.Ct);

    private static string Id(StripeDouble stripe) => (string)stripe.State.Invoices[0]["id"]!;

    private static async Task<InvoiceRow> Bens(Serving serving)
    {
        await serving.Exchange.Projections.CatchUp(Serving.Ct);
        return Assert.Single(await InvoiceList.Run(
            serving.Exchange.Database, new(UsedMonth.Month, new PiId("ben@mit.edu")), Serving.Ct));
    }

    private static async Task<HttpStatusCode> Tell(Serving serving, string body, string secret = Secret, int age = 0)
    {
        var at = UsedMonth.Now.ToUnixTimeSeconds() - age;
        var good = Convert.ToHexStringLower(HMACSHA256.HashData(
            Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes($"{at}.{body}")));
        using var request = new HttpRequestMessage(
            HttpMethod.Post, new Uri("/v1/stripe/webhook", UriKind.Relative))
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };
        request.Headers.Add("Stripe-Signature", $"t={at},v1={new string('0', 64)},v1={good},v0=old");
        using var client = serving.Anonymous();
        using var answer = await client.SendAsync(request, Serving.Ct);
        return answer.StatusCode;
    }
}
