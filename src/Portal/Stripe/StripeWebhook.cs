using System.Text;
using System.Text.Json;
using Exchange.Portal.Web;
using NodaTime;
using Stripe;
using StripeEvent = Stripe.Event;

namespace Exchange.Portal.Stripe;

/// <summary>
/// POST /v1/stripe/webhook — where Stripe tells what happened. Nobody is signed in: the signature says who it is.
/// </summary>
internal static class StripeWebhook
{
    public const string Path = "/v1/stripe/webhook";
    private const int MaxBytes = 256 << 10;
    private static readonly Duration Tolerance = Duration.FromMinutes(5);

    /// <summary>Only where Stripe is on; otherwise there is no such place.</summary>
    public static void Map(IEndpointRouteBuilder app, StripeSettings? settings)
    {
        if (settings is not null)
        {
            app.MapPost(Path, (HttpContext http, Composition exchange, CancellationToken ct) =>
                Post(http, exchange, settings, ct)).Makes().TakesUpTo(MaxBytes * 2).AllowAnonymous()
                .ExcludeFromDescription();
        }
    }

    private static async Task<IResult> Post(
        HttpContext http, Composition exchange, StripeSettings settings, CancellationToken ct)
    {
        using var body = new MemoryStream();
        var buffer = new byte[16 << 10];
        while (await http.Request.Body.ReadAsync(buffer, ct) is > 0 and var read)
        {
            body.Write(buffer, 0, read);
            if (body.Length > MaxBytes)
            {
                return Problem.Of(new("stripe/too-large", "No event of Stripe is as large as this."), 413);
            }
        }

        var text = Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length);
        var now = exchange.Clock.GetCurrentInstant();
        if (!IsTheirs(text, http.Request.Headers["Stripe-Signature"].ToString(), settings, now))
        {
            return Problem.Of(new(
                "stripe/signature", "The signature is not right: it is by none of our secrets, or was made more than " +
                "five minutes from now. Look at the webhook's secret and the clock."), 400);
        }

        // What is refused is kept and shown, and Stripe need not say it again; what fails is said again.
        return Read(text) is not { Id.Length: > 0, Type.Length: > 0 } happened
            ? Problem.Of(new("stripe/not-an-event", "It is signed, but it is not an event of Stripe."), 400)
            : Results.Json(new { received = (await StripeEvents.Take(exchange, settings, happened, ct)).Outcome });
    }

    /// <summary>Every secret is tried: two are in force while one replaces the other.</summary>
    private static bool IsTheirs(string body, string signature, StripeSettings settings, Instant now)
    {
        var isTheirs = false;
        foreach (var secret in settings.WebhookSecrets)
        {
            try
            {
                EventUtility.ValidateSignature(
                    body, signature, secret, (long)Tolerance.TotalSeconds, now.ToUnixTimeSeconds());
                isTheirs = true;
            }
            catch (Exception e) when (e is StripeException or FormatException or OverflowException
                or ArgumentException or KeyNotFoundException or IndexOutOfRangeException)
            {
                isTheirs |= false; // A header of strangers may hold anything; the next secret may be the right one.
            }
        }

        return isTheirs;
    }

    /// <summary>An endpoint of another version of Stripe's API tells of what is read in the same words.</summary>
    private static StripeEvent? Read(string body)
    {
        try
        {
            using var once = Exchange.Text.Document(body);
            return EventUtility.ParseEvent(body, throwOnApiVersionMismatch: false);
        }
        catch (Exception e) when (e is Newtonsoft.Json.JsonException or JsonException or StripeException
            or ArgumentException)
        {
            return null;
        }
    }
}
