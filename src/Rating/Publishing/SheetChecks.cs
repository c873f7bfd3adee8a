using System.Collections.Immutable;

namespace Exchange.Rating;

/// <summary>
/// What must hold of a sheet by itself and beside the landlord's other sheets, before it is published.
/// </summary>
public static class SheetChecks
{
    /// <summary>Everything that is wrong with a sheet by itself.</summary>
    public static IReadOnlyList<Refusal> Alone(PriceSheet sheet) =>
    [
        .. SameNames(sheet), .. NotReserved(sheet),
        .. NoEgress(sheet), .. BelowWholesale.Of(sheet), .. Unreachable(sheet), .. Together(sheet, sheet),
        .. Examples(sheet),
    ];

    /// <summary>SKUs of two sheets of one landlord, both in force at some time, that match the same usage.</summary>
    public static IReadOnlyList<Refusal> Beside(PriceSheet sheet, PriceSheet other) =>
        sheet.Clusters.Intersect(other.Clusters).Any() ? [.. Together(sheet, other)] : [];

    /// <summary>What landlords credit stands on invoices under a SKU of its own.</summary>
    private static IEnumerable<Refusal> NotReserved(PriceSheet sheet) =>
        from sku in sheet.Skus
        where sku.Id == ServiceLevel.CreditSku
        select new Refusal(
            "prices/reserved-name", $"'{sku.Id}' is the name of what service levels credit. Give the SKU another name.",
            sku.Where);

    private static IEnumerable<Refusal> SameNames(PriceSheet sheet) =>
        from sku in sheet.Skus.Select((sku, place) => (sku, place))
        where sheet.Skus.Take(sku.place).Any(other => other.Id == sku.sku.Id)
        select new Refusal(
            "prices/same-name", $"Two SKUs are named '{sku.sku.Id}'. Give one of them another name.", sku.sku.Where);

    private static IEnumerable<Refusal> NoEgress(PriceSheet sheet)
    {
        if (Egress.IsNamedBy(sheet.Service) && sheet.Skus.Any(sku => sku.Costs))
        {
            yield return new(
                "prices/egress-charged",
                $"Service '{sheet.Service}' is named for egress and charges, and its name stands on invoices. " +
                "Give it another name.", sheet.File);
        }

        foreach (var sku in sheet.Skus)
        {
            var counted = sku.Bundle.Select(part => part.Dimension).Append(sku.Counted).OfType<string>();
            if (Egress.ChargedBy(sku) is { } named)
            {
                yield return new(
                    "prices/egress-charged",
                    $"SKU '{sku.Id}' charges for '{named}', which is egress: what leaves a cloud is metered and " +
                    "never " +
                    "charged in the exchange, be it by rate, tier, bundle, minimum or markup. Set its rate to \"0\" " +
                    "and drop the rest.",
                    sku.Where);
            }
            else if (sku.Costs && counted.FirstOrDefault(name => !Egress.IsCountable(name)) is { } stranger)
            {
                yield return new(
                    "prices/unknown-meter",
                    $"SKU '{sku.Id}' counts '{stranger}', which the exchange does not know, so it cannot say that " +
                    "it is " +
                    "not egress by another name. Use a known name, or have the exchange add it.", sku.Where);
            }
            else if (EgressDisguise.Of(sku, sheet.Service) is { } disguise)
            {
                yield return new(
                    "prices/maybe-egress",
                    $"SKU '{sku.Id}' may charge for what leaves the cloud: {disguise}. If it is something else, say " +
                    "what, for customers to read: not_egress: \"…\". What leaves is never charged.", sku.Where);
            }
        }
    }

    private static IEnumerable<Refusal> Unreachable(PriceSheet sheet)
    {
        foreach (var (sku, place) in sheet.Skus.Select((sku, place) => (sku, place)))
        {
            var before = sheet.Skus.Where((other, at) => sku.Otherwise && (!other.Otherwise || at < place));
            if (sku.Match.All(match => IsImpossible(sku, match) ||
                before.Any(other => other.Match.Any(theirs => theirs.Covers(match)))))
            {
                yield return new(
                    "prices/unreachable",
                    $"No usage can ever be charged as SKU '{sku.Id}'. Correct what it matches, or take it out.",
                    sku.Where);
            }
        }
    }

    private static bool IsImpossible(Sku sku, Match match) =>
        match.Shape.Any(asked => asked.IsImpossible) ||
        match.Shape.Any(asked => match.Shape.Any(other => other.Key == asked.Key && !other.Meets(asked))) ||
        (sku.Counts == CountedBy.Dimension && NeedsNone(match, sku.Counted!)) ||
        (sku.Counts == CountedBy.Bundle && sku.Bundle.All(part => NeedsNone(match, part.Dimension)));

    private static bool NeedsNone(Match match, string key) =>
        match.Shape.Any(asked => asked.Key == key && asked.None && !asked.Any && asked.Words.IsEmpty);

    private static IEnumerable<Refusal> Together(PriceSheet sheet, PriceSheet other)
    {
        for (var i = 0; i < sheet.Skus.Length; i++)
        {
            var sku = sheet.Skus[i];
            var others = ReferenceEquals(sheet, other) ? other.Skus.Skip(i + 1) : other.Skus;
            foreach (var twin in others.Where(twin => !sku.Otherwise && !twin.Otherwise && Meet(sku.Match, twin.Match)))
            {
                yield return new(
                    "prices/two-skus-match",
                    $"SKUs '{sku.Id}' and '{twin.Id}' ({twin.Where}) match the same usage, which would be charged " +
                    "twice. " +
                    "Let one of them ask for more.", sku.Where);
            }

            foreach (var unbilled in other.Unbilled.Where(unbilled => !sku.Otherwise &&
                Meet(sku.Match, unbilled.Match)))
            {
                yield return new(
                    "prices/two-skus-match",
                    $"SKU '{sku.Id}' matches usage that is said to be unbilled ('{unbilled.Because}'). Decide for one.",
                    sku.Where);
            }
        }
    }

    private static bool Meet(ImmutableArray<Match> some, ImmutableArray<Match> others) =>
        some.Any(match => others.Any(match.Meets));

    private static IEnumerable<Refusal> Examples(PriceSheet sheet)
    {
        if (sheet.Examples.IsEmpty)
        {
            yield return new(
                "prices/no-example", "The sheet has no worked example. Add one that can be checked by hand.",
                sheet.File);
        }

        foreach (var example in sheet.Skus.Any(sku => Egress.ChargedBy(sku) is not null) ? [] : sheet.Examples)
        {
            var rated = ExampleRating.Of(sheet, example);
            var total = Money.Sum(rated.Charges.Select(charge => charge.Amount));
            if (rated.Unpriced is [var unpriced, ..])
            {
                yield return new(
                    "prices/example-differs", $"Example '{example.Name}': {unpriced.Why}", example.Where);
            }
            else if (total != example.Total)
            {
                var lines = string.Join("; ", rated.Charges.Select(c => $"{c.Sku}: {c.Quantity} at {c.Rate} = " +
                    $"{c.Amount}"));
                yield return new(
                    "prices/example-differs",
                    $"Example '{example.Name}' comes to {total}, not {example.Total} ({lines}). Correct the one " +
                    "that is wrong.",
                    example.Where);
            }
        }
    }
}
