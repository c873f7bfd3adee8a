using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>A plan as it is priced for a project: what each place, and the best mix, comes to after funds.</summary>
/// <param name="AfterFunds">One for each offer, in their order; empty where it is for no project.</param>
/// <param name="MixAfterFunds">Nothing where no mix serves all of it.</param>
internal sealed record PricedForProject(
    IReadOnlyList<Offer> Offers, Mix Mix, IReadOnlyList<PlanAfterFunds?> AfterFunds, PlanAfterFunds? MixAfterFunds)
{
    /// <summary>What is priced, for nobody whose funds are known.</summary>
    public static PricedForProject Nobody(IReadOnlyList<Offer> offers, Mix mix) => new(offers, mix, [], null);

    /// <param name="funds">As whoever asks sees them.</param>
    /// <param name="at">From when the project would use it.</param>
    public static async Task<PricedForProject> Of(
        FundsOfPlans funds, IReadOnlyList<Offer> offers, Mix mix, ProjectId project, Instant at, CancellationToken ct)
    {
        var each = new List<PlanAfterFunds?>();
        foreach (var offer in offers)
        {
            each.Add(await funds.Of(offer.Charges, project, at, ct));
        }

        return new(offers, mix, each, mix.Parts.Count == 0 || mix.Missing.Count > 0
            ? null
            : await funds.Of(mix.Parts.SelectMany(part => part.Charges), project, at, ct));
    }

    /// <summary>With what it comes to after funds.</summary>
    public IEnumerable<(Offer Offer, PlanAfterFunds? AfterFunds)> Each() =>
        Offers.Select((offer, place) => (offer, AfterFunds.ElementAtOrDefault(place)));
}
