using Exchange.Facts;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>
/// 'exchange prices publish', a landlord's page and their key — publishes price sheets, outages and public prices, and
/// the facts that stand beside them: all of it, or nothing. It stands here because closed months decide with it.
/// </summary>
/// <param name="facts">Programs, institutions and landlords among the files.</param>
/// <param name="target">What the audit log calls the files.</param>
/// <param name="permission">What whoever asks needs: people and keys publish under different ones.</param>
public sealed class PublishPricing(
    Sources sources, IReadOnlyList<PricingText> texts, IReadOnlyList<WrittenFacts> facts, string target, string by,
    string permission) : ICommand<PublishPricing.Published>
{
    /// <param name="Prices">How many files of prices said something new, and how many did not.</param>
    /// <param name="Facts">How many facts were new.</param>
    public sealed record Published(PublishPrices.PricesPublished Prices, int Facts);

    /// <summary>Whether a landlord publishes by itself, and so only as much as it may.</summary>
    public bool IsBounded { get; init; }

    public string Act => "prices publish";
    public string Target => target;
    public string Permission => permission;

    public async Task<Published> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var context = await PublishedFacts.Context(sources.Journal, by, now, false, ct);
        var told = facts.Count == 0
            ? 0
            : (await PublishFacts.Decide(work, facts, null, context, PublishedFacts.Check, ct)).Published.Count;
        var standing = (await PriceStanding.Of(sources, texts, now, ct)) with
        {
            MaxOfLandlord = IsBounded ? PriceStanding.MaxOfLandlord : null,
        };
        var prices = await PublishPrices.Decide(work, texts, standing, by, now, ct);
        RefusedException.ThrowIfAny(prices.Refusals);
        return new(prices, told);
    }
}
