using Exchange.Rating;

namespace Exchange.Portal.Cli;

/// <summary>Nothing is an answer about a landlord who is one, and a refusal about one who is not.</summary>
internal static class KnownLandlord
{
    /// <exception cref="RefusedException">Nothing was rated, and nobody knows the landlord who was named.</exception>
    public static Rated Of(Rated rated, RateRequest request, Composition exchange, PriceBooks books)
    {
        var known = books.List().Select(sheet => sheet.Sheet.Landlord)
            .Concat(exchange.Landlords.All.Select(terms => terms.Id)).Distinct()
            .OrderBy(landlord => landlord.Value, StringComparer.Ordinal).ToList();
        return request.Landlord is not { } asked || rated.Charges.Count + rated.Unpriced.Count > 0 ||
            known.Contains(asked)
            ? rated
            : throw new RefusedException(new(
                "usage/unknown-landlord", $"There is no landlord '{asked}'. There are: {string.Join(", ", known)}.",
                "--landlord"));
    }
}
