using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using NodaTime;

namespace Exchange.Portal.Stripe;

/// <summary>
/// The calls to Stripe that are used, and no others. Each call that changes something carries an idempotency key, so
/// that it can be repeated whatever became of its answer.
/// </summary>
internal sealed class StripeClient(HttpClient http, StripeSettings settings)
{
    private const string Version = "2025-03-31.basil";
    private const int Tries = 3;
    private const string Page = "100";

    /// <summary>A client that follows no redirect: a key is sent to the one address.</summary>
    public static HttpClient Connect() => new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ConnectTimeout = TimeSpan.FromSeconds(10),
    })
    { Timeout = TimeSpan.FromSeconds(60) };

    public Task<StripeCustomer> AddCustomer(string key, string email, CancellationToken ct) =>
        Post<StripeCustomer>("customers", key, [("email", email), ("metadata[exchange_account]", email)], ct);

    public IAsyncEnumerable<StripeCustomer> Customers(string email, CancellationToken ct) =>
        All<StripeCustomer>("customers", [("email", email)], customer => customer.Id, ct);

    /// <summary>A draft that is sent by nobody but us and takes up no items that lie about.</summary>
    public Task<StripeInvoice> AddInvoice(
        string key, string customer, string number, string what, Instant due, CancellationToken ct) =>
        Post<StripeInvoice>("invoices", key,
        [
            ("customer", customer), ("currency", "usd"), ("collection_method", "send_invoice"),
            ("due_date", Text(due.ToUnixTimeSeconds())), ("auto_advance", "false"), ("number", number),
            ("pending_invoice_items_behavior", "exclude"), ("description", what),
            ($"metadata[{StripeInvoice.Mark}]", number),
        ], ct);

    public Task<StripeInvoice> Invoice(string id, CancellationToken ct) =>
        Send<StripeInvoice>(HttpMethod.Get, $"invoices/{Uri.EscapeDataString(id)}", null, [], ct);

    public IAsyncEnumerable<StripeInvoice> Invoices(string customer, CancellationToken ct) =>
        All<StripeInvoice>("invoices", [("customer", customer)], invoice => invoice.Id, ct);

    public Task<StripeThing> AddItem(
        string key, string customer, string invoice, Money amount, string what, CancellationToken ct) =>
        Post<StripeThing>("invoiceitems", key,
        [
            ("customer", customer), ("invoice", invoice), ("amount", Text(amount.Cents)), ("currency", "usd"),
            ("description", what),
        ], ct);

    public Task<StripeInvoice> Finalise(string key, string id, CancellationToken ct) =>
        Post<StripeInvoice>($"invoices/{Uri.EscapeDataString(id)}/finalize", key, [("auto_advance", "false")], ct);

    public Task<StripeInvoice> Void(string key, string id, CancellationToken ct) =>
        Post<StripeInvoice>($"invoices/{Uri.EscapeDataString(id)}/void", key, [], ct);

    /// <summary>It was paid, but not by way of Stripe.</summary>
    public Task<StripeInvoice> PaidElsewhere(string key, string id, CancellationToken ct) =>
        Post<StripeInvoice>($"invoices/{Uri.EscapeDataString(id)}/pay", key, [("paid_out_of_band", "true")], ct);

    public Task<StripeThing> Credit(string key, string id, Money amount, string why, CancellationToken ct) =>
        Post<StripeThing>(
            "credit_notes", key, [("invoice", id), ("amount", Text(amount.Cents)), ("memo", why)], ct);

    public Task<StripeRefund> Refund(string key, string paymentIntent, Money amount, CancellationToken ct) =>
        Post<StripeRefund>("refunds", key, [("payment_intent", paymentIntent), ("amount", Text(amount.Cents))], ct);

    public Task<StripeThing> DeleteDraft(string id, CancellationToken ct) =>
        Send<StripeThing>(HttpMethod.Delete, $"invoices/{Uri.EscapeDataString(id)}", null, [], ct);

    /// <summary>What happened from an instant on, newest first.</summary>
    public IAsyncEnumerable<StripeEvent> Events(Instant from, CancellationToken ct) => All<StripeEvent>(
        "events",
        [
            ("created[gte]", Text(from.ToUnixTimeSeconds())),
            .. StripeEvent.Types.Select((type, i) => ($"types[{Text(i)}]", type)),
        ], one => one.Id, ct);

    private async IAsyncEnumerable<T> All<T>(
        string path, (string, string)[] wanted, Func<T, string> idOf,
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken ct)
    {
        StripeList<T> page;
        (string, string)[] after = [];
        do
        {
            page = await Send<StripeList<T>>(HttpMethod.Get, path, null, [.. wanted, ("limit", Page), .. after], ct);
            foreach (var one in page.Data)
            {
                yield return one;
                after = [("starting_after", idOf(one))];
            }
        }
        while (page is { HasMore: true, Data.Count: > 0 });
    }

    private Task<T> Post<T>(string path, string key, (string, string)[] fields, CancellationToken ct) =>
        Send<T>(HttpMethod.Post, path, key, fields, ct);

    private async Task<T> Send<T>(
        HttpMethod method, string path, string? key, (string Name, string Value)[] fields, CancellationToken ct)
    {
        for (var tried = 1; ; tried++)
        {
            using var request = Request(method, path, key, fields);
            try
            {
                using var answer = await http.SendAsync(request, ct);
                var text = await answer.Content.ReadAsStringAsync(ct);
                if (answer.IsSuccessStatusCode)
                {
                    return JsonSerializer.Deserialize<T>(text, StripeJson.Options)
                        ?? throw new JsonException("Stripe answered nothing.");
                }

                if (tried == Tries || !IsPassing(answer.StatusCode))
                {
                    throw Refused(method, path, answer.StatusCode, text);
                }
            }
            catch (Exception e) when (tried < Tries && !ct.IsCancellationRequested &&
                e is HttpRequestException or OperationCanceledException)
            {
                // Whether it arrived is not known; the key makes sure that it counts once.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(250 << tried), ct);
        }
    }

    private HttpRequestMessage Request(
        HttpMethod method, string path, string? key, (string Name, string Value)[] fields)
    {
        var query = method == HttpMethod.Get && fields.Length > 0
            ? "?" + string.Join('&', fields.Select(
                f => $"{Uri.EscapeDataString(f.Name)}={Uri.EscapeDataString(f.Value)}"))
            : "";
        var request = new HttpRequestMessage(method, new Uri(settings.Address, $"/v1/{path}{query}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", settings.Key);
        request.Headers.Add("Stripe-Version", Version);
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
            request.Content = new FormUrlEncodedContent(fields.Select(f => KeyValuePair.Create(f.Name, f.Value)));
        }

        return request;
    }

    private static bool IsPassing(HttpStatusCode status) =>
        status is HttpStatusCode.Conflict or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    private static RefusedException Refused(HttpMethod method, string path, HttpStatusCode status, string text)
    {
        StripeError.What? what = null;
        try
        {
            what = JsonSerializer.Deserialize<StripeError>(text, StripeJson.Options)?.Error;
        }
        catch (JsonException)
        {
            // A proxy may have answered; the status says enough.
        }

        return new(new(
            IsPassing(status) ? "stripe/away" : status == HttpStatusCode.Unauthorized ? "stripe/key" : "stripe/refused",
            $"Stripe answered {(int)status} to {method} {path}: {what?.Message ?? "nothing that can be read"}" +
            $"{(what?.Param is { } param ? $" ({param})" : "")}. Set it right and push again: nothing counts twice."));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
