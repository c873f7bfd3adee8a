using NodaTime;

namespace Exchange.Rating;

/// <summary>What became of a correction.</summary>
public enum CorrectionState { Proposed, Accepted, Declined }

/// <summary>
/// A sheet that a landlord wants in the place of one of closed months. Once finance accepts it, the next close bills
/// what is different as adjustments of those months; the landlord, who erred, gets that much less.
/// </summary>
public sealed record PriceCorrection(
    LandlordId Landlord, string Service, Instant From, int Number, string File, string Yaml, string Sha256,
    string Reason, string By, Instant At)
{
    public CorrectionState State { get; init; }
    public string? DecidedBy { get; init; }

    /// <summary>'nerc/openstack!1': what people call it.</summary>
    public string Id => $"{BookName}!{Number}";

    public string BookName => $"{Landlord}/{Service}";

    internal static PriceCorrection Of(PriceBookEvent.CorrectionProposed e) =>
        new(e.Landlord, e.Service, e.From, e.Number, e.File, e.Yaml, e.Sha256, e.Reason, e.By, e.At);
}
