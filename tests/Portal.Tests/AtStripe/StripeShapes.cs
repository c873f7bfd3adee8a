using System.Text.Json;
using Exchange.Portal.Stripe;
using Xunit;

namespace Exchange.Portal.Tests.AtStripe;

/// <summary>
/// Objects in the shape that Stripe publishes, with members that are not read and members that are null, are
/// understood; what is needed and missing is refused.
/// </summary>
public class StripeShapes
{
    [Fact]
    public void Customers_and_invoices_are_read_whatever_else_stands_in_them()
    {
        var customer = Read<StripeCustomer>("""
            {"id":"cus_1","object":"customer","address":null,"balance":0,"created":1790000000,"currency":null,
             "delinquent":false,"email":"ada@bu.edu","invoice_settings":{"custom_fields":null,"footer":null},
             "livemode":false,"metadata":{"exchange_account":"ada@bu.edu"},"preferred_locales":[],"shipping":null}
            """);
        Assert.Equal(("cus_1", "ada@bu.edu"), (customer.Id, customer.Metadata!["exchange_account"]));

        var invoice = Read<StripeInvoice>("""
            {"id":"in_1","object":"invoice","account_country":"US","amount_due":1000,"amount_paid":0,
             "amount_remaining":1000,"attempted":false,"automatic_tax":{"enabled":false,"liability":null,"status":null},
             "collection_method":"send_invoice","created":1790000000,"currency":"usd","customer":"cus_1",
             "default_tax_rates":[],"due_date":1792592000,"hosted_invoice_url":null,"lines":{"object":"list","data":[],
             "has_more":false,"url":"/v1/invoices/in_1/lines"},"livemode":false,"metadata":{"exchange_invoice":"PI-1"},
             "number":"PI-1","parent":null,"status":"draft","total":1000,"total_taxes":[]}
            """);
        Assert.Equal(
            ("in_1", "PI-1", "draft", "usd", 1_000L, 1_000L, null),
            (invoice.Id, invoice.Number, invoice.Status, invoice.Currency, invoice.Total, invoice.AmountRemaining,
                invoice.HostedInvoiceUrl));
    }

    [Fact]
    public void Payments_and_refunds_come_as_events()
    {
        var paid = Read<StripeEvent>("""
            {"id":"evt_1","object":"event","api_version":"2025-03-31.basil","created":1790000000,"data":{"object":
             {"id":"inpay_1","object":"invoice_payment","amount_paid":1000,"amount_requested":1000,
              "created":1790000000,"currency":"usd","invoice":"in_1","is_default":true,"livemode":false,
              "payment":{"payment_intent":"pi_1","type":"payment_intent"},"status":"paid",
              "status_transitions":{"canceled_at":null,"paid_at":1790000000}}},
             "livemode":false,"pending_webhooks":1,"request":{"id":null,"idempotency_key":null},
             "type":"invoice_payment.paid"}
            """).As<StripeInvoicePayment>();
        Assert.Equal(
            ("inpay_1", "in_1", 1_000L, "usd", "paid", "pi_1"),
            (paid.Id, paid.Invoice, paid.AmountPaid, paid.Currency, paid.Status, paid.Payment.PaymentIntent));

        var refund = Read<StripeRefund>("""
            {"id":"re_1","object":"refund","amount":100,"balance_transaction":null,"charge":"ch_1",
             "created":1790000000,"currency":"usd","metadata":{},"payment_intent":null,"reason":null,
             "status":"succeeded","transfer_reversal":null}
            """);
        Assert.Equal(("re_1", 100L, "succeeded", null),
            (refund.Id, refund.Amount, refund.Status, refund.PaymentIntent));
    }

    [Theory]
    [InlineData("""{"id":null,"status":"draft","currency":"usd","total":1,"amount_remaining":1}""")]
    [InlineData("""{"id":"in_1","status":"draft","currency":null,"total":1,"amount_remaining":1}""")]
    [InlineData("""{"id":"in_1","status":"draft","currency":"usd","total":"1","amount_remaining":1}""")]
    [InlineData("""{"id":"in_1","status":"draft","currency":"usd","total":1.5,"amount_remaining":1}""")]
    public void What_is_needed_and_is_not_there_is_refused(string json) =>
        Assert.Throws<JsonException>(() => Read<StripeInvoice>(json));

    private static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, StripeJson.Options)!;
}
