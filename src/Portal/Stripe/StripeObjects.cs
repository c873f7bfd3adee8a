using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Exchange.Portal.Stripe;

/// <summary>Of Stripe's customer, what is read.</summary>
internal sealed record StripeCustomer(string Id, Dictionary<string, string>? Metadata);

/// <summary>Of Stripe's invoice, what is read; amounts are whole cents.</summary>
/// <param name="Status">draft, open, paid, uncollectible or void.</param>
internal sealed record StripeInvoice(
    string Id, string? Status, string Currency, long Total, long AmountRemaining, string? HostedInvoiceUrl,
    Dictionary<string, string>? Metadata)
{
    /// <summary>The mark by which an invoice of Stripe is known as one of ours.</summary>
    public const string Mark = "exchange_invoice";

    public string? Number => Metadata?.GetValueOrDefault(Mark);
}

/// <summary>Of a line or a note at Stripe, what is read.</summary>
internal sealed record StripeThing(string Id);

/// <summary>Money that Stripe took for an invoice.</summary>
internal sealed record StripeInvoicePayment(
    string Id, string Invoice, long? AmountPaid, string Currency, string Status, StripeInvoicePayment.By Payment)
{
    /// <summary>What the money came by.</summary>
    internal sealed record By(string Type, string? PaymentIntent);
}

/// <summary>Money that Stripe gave back.</summary>
internal sealed record StripeRefund(string Id, long Amount, string Currency, string? Status, string? PaymentIntent);

/// <summary>Something that happened at Stripe; <paramref name="Created"/> is in seconds.</summary>
internal sealed record StripeEvent(string Id, string Type, long Created, bool Livemode, StripeEvent.Of Data)
{
    public const string Paid = "invoice_payment.paid";
    public const string RefundMade = "refund.created";
    public const string RefundChanged = "refund.updated";
    public static readonly ImmutableArray<string> Types = [Paid, RefundMade, RefundChanged];

    /// <summary>What it happened to.</summary>
    internal sealed record Of(JsonElement Object);

    public T As<T>() => Data.Object.Deserialize<T>(StripeJson.Options)
        ?? throw new JsonException($"{Type} is about nothing.");
}

/// <summary>One page of a list.</summary>
internal sealed record StripeList<T>(IReadOnlyList<T> Data, bool HasMore);

/// <summary>Why Stripe refused.</summary>
internal sealed record StripeError(StripeError.What Error)
{
    /// <summary>The kind of refusal, in Stripe's words.</summary>
    internal sealed record What(string? Type, string? Code, string? Param, string? Message);
}

/// <summary>How Stripe writes JSON. What is missing and needed is refused rather than read as nothing.</summary>
internal static class StripeJson
{
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = false,
        NumberHandling = JsonNumberHandling.Strict,
    };
}
