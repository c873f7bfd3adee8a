using System.Net;
using NodaTime;
using Stripe;
using StripeCustomer = Stripe.Customer;
using StripeEvent = Stripe.Event;
using StripeInvoice = Stripe.Invoice;
using StripeRefund = Stripe.Refund;

namespace Exchange.Portal.Stripe;

/// <summary>
/// The calls to Stripe that are used, and no others, by Stripe's own library. Each call that changes something carries
/// an idempotency key, so that it can be repeated whatever became of its answer.
/// </summary>
internal sealed class StripeClient(HttpClient http, StripeSettings settings)
{
    /// <summary>The mark by which an invoice of Stripe is known as one of ours.</summary>
    public const string Mark = "exchange_invoice";
    public const string AccountMark = "exchange_account";
    private const int Repeats = 2;
    private const long Page = 100;

    private readonly V1Services _stripe = new global::Stripe.StripeClient(
        settings.Key, apiBase: settings.Address.GetLeftPart(UriPartial.Authority),
        httpClient: new SystemNetHttpClient(http, Repeats, enableTelemetry: false)).V1;

    /// <summary>What Stripe tells of that is looked at.</summary>
    public static IReadOnlyList<string> Types { get; } =
        [EventTypes.InvoicePaymentPaid, EventTypes.RefundCreated, EventTypes.RefundUpdated];

    /// <summary>A client that follows no redirect: a key is sent to the one address.</summary>
    public static HttpClient Connect() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
    })
    { Timeout = TimeSpan.FromSeconds(60) };

    /// <summary>The number that we gave an invoice of Stripe; null when it is none of ours.</summary>
    public static string? NumberOf(StripeInvoice invoice) => invoice.Metadata?.GetValueOrDefault(Mark);

    public Task<StripeCustomer> AddCustomer(string key, string email, CancellationToken ct) => Ask(
        () => _stripe.Customers.CreateAsync(
            new() { Email = email, Metadata = new() { [AccountMark] = email } }, Once(key), ct));

    public IAsyncEnumerable<StripeCustomer> Customers(string email, CancellationToken ct) => All(
        after => _stripe.Customers.ListAsync(new() { Email = email, Limit = Page, StartingAfter = after }, null, ct));

    /// <summary>A draft that is sent by nobody but us and takes up no items that lie about.</summary>
    public Task<StripeInvoice> AddInvoice(
        string key, string customer, string number, string what, Instant due, CancellationToken ct) => Ask(
        () => _stripe.Invoices.CreateAsync(
            new()
            {
                Customer = customer,
                Currency = "usd",
                CollectionMethod = "send_invoice",
                DueDate = due.ToDateTimeUtc(),
                AutoAdvance = false,
                Number = number,
                PendingInvoiceItemsBehavior = "exclude",
                Description = what,
                Metadata = new() { [Mark] = number },
            }, Once(key), ct));

    public Task<StripeInvoice> Invoice(string id, CancellationToken ct) =>
        Ask(() => _stripe.Invoices.GetAsync(id, null, null, ct));

    public IAsyncEnumerable<StripeInvoice> Invoices(string customer, CancellationToken ct) => All(
        after => _stripe.Invoices.ListAsync(
            new() { Customer = customer, Limit = Page, StartingAfter = after }, null, ct));

    public Task AddItem(
        string key, StripeInvoice invoice, string customer, Money amount, string what, CancellationToken ct) => Ask(
        () => _stripe.InvoiceItems.CreateAsync(
            new()
            {
                Customer = customer,
                Invoice = invoice.Id,
                Amount = amount.Cents,
                Currency = "usd",
                Description = what,
            }, Once(key), ct));

    public Task<StripeInvoice> Finalise(string key, string id, CancellationToken ct) =>
        Ask(() => _stripe.Invoices.FinalizeInvoiceAsync(id, new() { AutoAdvance = false }, Once(key), ct));

    public Task<StripeInvoice> Void(string key, string id, CancellationToken ct) =>
        Ask(() => _stripe.Invoices.VoidInvoiceAsync(id, null, Once(key), ct));

    /// <summary>It was paid, but not by way of Stripe.</summary>
    public Task<StripeInvoice> PaidElsewhere(string key, string id, CancellationToken ct) =>
        Ask(() => _stripe.Invoices.PayAsync(id, new() { PaidOutOfBand = true }, Once(key), ct));

    public Task Credit(string key, string id, Money amount, string why, CancellationToken ct) => Ask(
        () => _stripe.CreditNotes.CreateAsync(
            new() { Invoice = id, Amount = amount.Cents, Memo = why }, Once(key), ct));

    public Task<StripeRefund> Refund(string key, string paymentIntent, Money amount, CancellationToken ct) => Ask(
        () => _stripe.Refunds.CreateAsync(
            new() { PaymentIntent = paymentIntent, Amount = amount.Cents }, Once(key), ct));

    public Task DeleteDraft(string id, CancellationToken ct) =>
        Ask(() => _stripe.Invoices.DeleteAsync(id, null, null, ct));

    /// <summary>What happened from an instant on, newest first.</summary>
    public IAsyncEnumerable<StripeEvent> Events(Instant from, CancellationToken ct) => All(
        after => _stripe.Events.ListAsync(
            new()
            {
                Created = new DateRangeOptions { GreaterThanOrEqual = from.ToDateTimeUtc() },
                Types = [.. Types],
                Limit = Page,
                StartingAfter = after,
            }, null, ct));

    private static RequestOptions Once(string key) => new() { IdempotencyKey = key };

    private static async IAsyncEnumerable<T> All<T>(Func<string?, Task<StripeList<T>>> ask)
        where T : IStripeEntity, IHasId
    {
        string? after = null;
        StripeList<T> page;
        do
        {
            page = await Ask(() => ask(after));
            foreach (var one in page)
            {
                yield return one;
                after = one.Id;
            }
        }
        while (page is { HasMore: true, Data.Count: > 0 });
    }

    private static async Task<T> Ask<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (StripeException e)
        {
            throw Refused(e);
        }
    }

    private static RefusedException Refused(StripeException e)
    {
        var status = e.HttpStatusCode;
        var isPassing = status is HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests
            or >= HttpStatusCode.InternalServerError;
        return new(new(
            isPassing ? "stripe/away" : status == HttpStatusCode.Unauthorized ? "stripe/key" : "stripe/refused",
            $"Stripe answered {(int)status}: {e.StripeError?.Message ?? "nothing that can be read"}" +
            $"{(e.StripeError?.Param is { Length: > 0 } param ? $" ({param})" : "")}. Set it right and push again: " +
            "nothing counts twice."));
    }
}
