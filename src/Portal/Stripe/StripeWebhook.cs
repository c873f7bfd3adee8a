using System.Text.Json;
using Exchange.Portal.Web;

namespace Exchange.Portal.Stripe;

/// <summary>
/// POST /v1/stripe/webhook — where Stripe tells what happened. Nobody is signed in: the signature says who it is.
/// </summary>
internal static class StripeWebhook
{
    public const string Path = "/v1/stripe/webhook";
    private const int MostBytes = 256 << 10;

    /// <summary>Only where Stripe is on; otherwise there is no such place.</summary>
    public static void Map(IEndpointRouteBuilder app, StripeSettings? settings)
    {
        if (settings is not null)
        {
            app.MapPost(Path, (HttpContext http, Composition exchange, CancellationToken ct) =>
                Post(http, exchange, settings, ct)).Makes().TakesUpTo(MostBytes * 2).AllowAnonymous()
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
            if (body.Length > MostBytes)
            {
                return Problem.Of(new("stripe/too-large", "No event of Stripe is as large as this."), 413);
            }
        }

        var bytes = body.ToArray();
        var signature = http.Request.Headers["Stripe-Signature"].ToString();
        if (StripeSignature.WhyNot(
            signature, bytes, settings.WebhookSecrets, exchange.Clock.GetCurrentInstant()) is { } why)
        {
            return Problem.Of(new(
                "stripe/signature", $"The signature is not right: {why}. Look at the webhook's secret and the " +
                "clock."), 400);
        }

        StripeEvent? happened;
        try
        {
            happened = JsonSerializer.Deserialize<StripeEvent>(bytes, StripeJson.Options);
        }
        catch (JsonException)
        {
            happened = null;
        }

        // What is refused is kept and shown, and Stripe need not say it again; what fails is said again.
        return happened is not { Id.Length: > 0, Type.Length: > 0, Data: not null }
            ? Problem.Of(new("stripe/not-an-event", "It is signed, but it is not an event of Stripe."), 400)
            : Results.Json(new { received = (await TakeEvents.Take(exchange, settings, happened, ct)).Outcome });
    }
}
