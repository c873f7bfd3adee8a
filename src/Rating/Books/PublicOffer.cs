using System.Collections.Immutable;

namespace Exchange.Rating;

/// <summary>What a public cloud sells that is like a SKU here, and in what it is not.</summary>
/// <param name="Units">How many units of the SKU the price is for.</param>
public sealed record PublicOffer(
    ImmutableArray<string> Skus, string Name, decimal Price, decimal Units, string? Assumes);
