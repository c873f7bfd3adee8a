using Stripe;
using StripeClient = Exchange.Portal.Stripe.StripeClient;
using Xunit;

namespace Exchange.Portal.Tests.AtStripe;

/// <summary>
/// Events in the shape that Stripe publishes, of an older version of its API and with members that are not read or are
/// null, are understood by its library in the words that the exchange reads.
/// </summary>
public class StripeShapes
{
    [Fact]
    public void Payments_and_refunds_come_as_events_of_any_version()
    {
        var paid = (InvoicePayment)Read("""
            {"id":"inpay_1","object":"invoice_payment","amount_paid":1000,"amount_requested":1000,
             "created":1790000000,"currency":"usd","invoice":"in_1","is_default":true,"livemode":false,
             "payment":{"payment_intent":"pi_1","type":"payment_intent"},"status":"paid",
             "status_transitions":{"canceled_at":null,"paid_at":1790000000}}
            """);
        Assert.Equal(
            ("inpay_1", "in_1", 1_000L, "usd", "paid", "pi_1"),
            (paid.Id, paid.InvoiceId, paid.AmountPaid, paid.Currency, paid.Status, paid.Payment.PaymentIntentId));

        var refund = (Refund)Read("""
            {"id":"re_1","object":"refund","amount":100,"balance_transaction":null,"charge":"ch_1",
             "created":1790000000,"currency":"usd","metadata":{},"payment_intent":null,"reason":null,
             "status":"succeeded","transfer_reversal":null}
            """);
        Assert.Equal(("re_1", 100L, "succeeded", null),
            (refund.Id, refund.Amount, refund.Status, refund.PaymentIntentId));
    }

    [Fact]
    public void An_invoice_is_one_of_ours_by_its_mark()
    {
        var invoice = (Invoice)Read("""
            {"id":"in_1","object":"invoice","currency":"usd","hosted_invoice_url":null,"status":"draft","total":1000,
             "metadata":{"exchange_invoice":"PI-1"},"number":"PI-1","parent":null,"total_taxes":[]}
            """);
        Assert.Equal(
            ("in_1", "PI-1", "draft", "usd", 1_000L, null),
            (invoice.Id, StripeClient.NumberOf(invoice), invoice.Status, invoice.Currency, invoice.Total,
                invoice.HostedInvoiceUrl));
        Assert.Null(StripeClient.NumberOf(new Invoice()));
    }

    private static IHasObject Read(string what) => EventUtility.ParseEvent($$"""
        {"id":"evt_1","object":"event","api_version":"2025-03-31.basil","created":1790000000,
         "data":{"object":{{what}}},"livemode":false,"pending_webhooks":1,
         "request":{"id":null,"idempotency_key":null},"type":"any"}
        """, throwOnApiVersionMismatch: false).Data.Object;
}
