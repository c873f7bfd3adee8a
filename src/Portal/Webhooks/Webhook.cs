using System.Collections.Immutable;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Portal.Webhooks;

/// <summary>Everything that can happen to a webhook. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Registered), "webhook-registered/1")]
[JsonDerivedType(typeof(Removed), "webhook-removed/1")]
internal abstract record WebhookEvent
{
    private WebhookEvent() { }

    /// <param name="Landlord">Whose it is; null for the exchange's own.</param>
    /// <param name="Events">What it is told of, as <see cref="WebhookPayload"/> names it.</param>
    public sealed record Registered(
        string Url, LandlordId? Landlord, ImmutableArray<string> Events, string By, Instant At) : WebhookEvent;

    public sealed record Removed(string By, Instant At) : WebhookEvent;
}

/// <summary>An address that is told of what happens from its registration on, until it is removed.</summary>
internal abstract record Webhook
{
    /// <summary>So many an owner may have: each is told of each thing that happens, in turns of all.</summary>
    public const int MaxOfOwner = 50;
    private const int MaxUrlLength = 500;

    private Webhook() { }

    public sealed record Absent : Webhook;
    public sealed record Live(LandlordId? Landlord) : Webhook;
    public sealed record Removed(LandlordId? Landlord) : Webhook;

    public static Refusal Unknown => new("webhook/unknown", "There is no webhook of this id.");

    public static Refusal TooMany => new(
        "webhook/too-many", $"You have {MaxOfOwner} webhooks, and each is told of everything. Remove one first.");

    public static readonly Fold<Webhook, WebhookEvent> Fold = new("webhook", new Absent(), Evolve);

    private static Webhook Evolve(Webhook webhook, WebhookEvent happened) => (webhook, happened) switch
    {
        (Absent, WebhookEvent.Registered e) => new Live(e.Landlord),
        (Live live, WebhookEvent.Removed) => new Removed(live.Landlord),
        _ => throw new CorruptStreamException(webhook, happened),
    };

    /// <param name="asked">The webhook as it is to be; of everything, when it names no events.</param>
    /// <param name="mayBePlain">Whether an address without TLS is taken: where private networks are allowed.</param>
    public static Decision<WebhookEvent> Register(Webhook webhook, WebhookEvent.Registered asked, bool mayBePlain)
    {
        var url = asked.Url;
        if (webhook is not Absent)
        {
            return new Refusal("webhook/taken", "A webhook of this id was made before. Make another.");
        }

        if (url.Length > MaxUrlLength || url.Any(c => c is < '!' or > '~') ||
            !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.UserInfo.Length > 0 ||
            !(uri.Scheme == Uri.UriSchemeHttps || (mayBePlain && uri.Scheme == Uri.UriSchemeHttp)))
        {
            return new Refusal(
                "webhook/bad-url", $"A webhook's address is 'https://…' of at most {MaxUrlLength} plain characters, " +
                "without a user in it.");
        }

        var known = WebhookPayload.Events(asked.Landlord);
        if (asked.Events.FirstOrDefault(e => !known.Contains(e)) is { } odd)
        {
            return new Refusal(
                "webhook/unknown-event", $"'{odd}' is not something you can be told of: {string.Join(", ", known)}.");
        }

        return [asked with { Events = [.. asked.Events.IsEmpty ? known : asked.Events.Distinct()] }];
    }

    public static Decision<WebhookEvent> Remove(Webhook webhook, string by, Instant now) => webhook switch
    {
        Live => [new WebhookEvent.Removed(by, now)],
        Removed => [],
        _ => Unknown,
    };
}
