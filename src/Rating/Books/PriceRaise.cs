using System.Text.Json;
using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// Whether a change of a book lets anybody pay more before the end of the notice that customers have. What cannot be
/// shown to cost no more counts as a raise; the first price of something is none.
/// </summary>
public static class PriceRaise
{
    /// <summary>A raise that comes too early for those who use the landlord's clusters; null for none.</summary>
    internal static Refusal? Refused(PriceBook before, PriceBook after, PriceSheet sheet, PricePublishContext standing)
    {
        if (standing.RaisesFrom is not { } earliest || !standing.Usage.Any(used =>
            used.Landlord == sheet.Landlord && sheet.Clusters.Contains(used.Cluster)))
        {
            return null; // Nobody uses it yet, so nobody has to be told.
        }

        return Find(before, after, earliest) is { } raise
            ? new(
                "prices/raise-without-notice",
                $"From {Text.Of(raise.From)} on {raise.What}. Customers have notice: who sells may ask for less at " +
                $"once, and for more from {Text.Of(earliest)} on. Let the sheet begin then or later.", sheet.File)
            : null;
    }

    /// <summary>The first raise that begins before an instant; null when there is none.</summary>
    public static (Instant From, string What)? Find(PriceBook before, PriceBook after, Instant earliest)
    {
        var (old, young) = (before.InForce(), after.InForce());
        var edges = old.Concat(young).SelectMany(one => new[] { one.Period.Start, one.Period.End })
            .Where(edge => edge < earliest).Distinct().Order();
        foreach (var edge in edges)
        {
            if (old.FirstOrDefault(one => one.Period.Contains(edge)) is { } was &&
                young.FirstOrDefault(one => one.Period.Contains(edge)) is { } now &&
                was.Published.Id != now.Published.Id && Find(was.Sheet, now.Sheet) is { } what)
            {
                return (edge, what);
            }
        }

        return null;
    }

    /// <summary>What costs more in the second sheet than in the first, or may; null when nothing does.</summary>
    public static string? Find(PriceSheet was, PriceSheet now)
    {
        if (now.Skus.Any(sku => sku.Costs) && Same(was.Policies, now.Policies) is false)
        {
            return "what is billed, or how it is rounded, changes";
        }

        var paired = now.Skus.Select(sku => (Now: sku, Was: was.Skus.FirstOrDefault(
            other => other.Id == sku.Id && Same(other.Match, sku.Match) && other.Otherwise == sku.Otherwise))).ToList();
        foreach (var (sku, like) in paired)
        {
            IEnumerable<Sku> others = like is not null ? [like] : was.Skus.Where(other => Meet(other.Match, sku.Match));
            if (others.FirstOrDefault(other => More(other, sku) is not null) is { } cheaper)
            {
                return $"'{sku.Id}' {More(cheaper, sku)}";
            }

            if (sku.Costs && like is null &&
                was.Unbilled.FirstOrDefault(one => Meet(one.Match, sku.Match)) is { } free)
            {
                return $"'{sku.Id}' charges for what is not billed now ('{free.Because}')";
            }
        }

        return (
            from gone in was.Skus
            where !paired.Exists(pair => pair.Was == gone)
            from sku in now.Skus
            where Meet(gone.Match, sku.Match) && More(gone, sku) is not null
            select $"what was '{gone.Id}' is charged as '{sku.Id}', which {More(gone, sku)}").FirstOrDefault();
    }

    /// <summary>Why one SKU may cost more than another for the same usage; null when it cannot.</summary>
    private static string? More(Sku was, Sku now)
    {
        if (!now.Costs)
        {
            return null;
        }

        if (was.Counts != now.Counts || was.Counted != now.Counted || was.Microseconds != now.Microseconds ||
            !Same(was.Bundle, now.Bundle) || was.DivideBy > now.DivideBy || was.Scope != now.Scope)
        {
            return "counts in another way";
        }

        return now.Minimum > was.Minimum || now.MinimumCharge > was.MinimumCharge ? "has a higher minimum"
            : Models(was, now);
    }

    private static string? Models(Sku was, Sku now) => (was.Model, now.Model) switch
    {
        (TimeOfDay one, TimeOfDay other) when one.Zone.Equals(other.Zone) && one.Hours.Length == other.Hours.Length &&
            one.Hours.Zip(other.Hours).All(pair => Same(
                pair.First with { Rate = 0 }, pair.Second with { Rate = 0 }) && pair.Second.Rate <= pair.First.Rate) =>
            Rates(was.Rate, now.Rate),
        (Package one, Package other) when one.Size == other.Size => Rates(was.Rate, now.Rate),
        (PassThrough one, PassThrough other) => Rates(one.Markup, other.Markup),
        (Commitment one, Commitment other) when other.Promises.All(promise => one.Promises.Any(old =>
            old with { Rate = promise.Rate } == promise && promise.Rate <= old.Rate)) => Rates(was.Rate, now.Rate),
        (Reservation one, Reservation other) when other.All.All(reserved => one.All.Any(old =>
            old with { Rate = reserved.Rate } == reserved && reserved.Rate <= old.Rate)) => Rates(was.Rate, now.Rate),
        (Commitment or Reservation, Flat) => Rates(
            decimal.Min(was.Rate, was.Model.Rates.DefaultIfEmpty(was.Rate).Min()), now.Rate),
        (Flat or Graduated or Volume, Flat or Graduated or Volume) => Tiers(was, now),
        _ => "is priced by another model",
    };

    /// <summary>Compares what is asked at every edge of either's tiers, and beyond the last.</summary>
    private static string? Tiers(Sku was, Sku now)
    {
        List<decimal> edges =
            [.. Edges(was.Model).Concat(Edges(now.Model)).SelectMany(edge => new[] { edge, edge + 0.000001m })];
        edges.Add(edges.Count == 0 ? 1 : edges.Max() * 2);
        edges.Add(edges.Max() * 1_000_000);
        foreach (var quantity in edges)
        {
            var (old, young) = (Price(was, quantity), Price(now, quantity));
            if (young > old)
            {
                return $"costs {young} for {Text.Of(quantity)} {now.Unit} and costs {old} now";
            }
        }

        return null;
    }

    private static IEnumerable<decimal> Edges(PriceModel model) => model switch
    {
        Graduated graduated => graduated.Tiers.Select(tier => tier.UpTo).OfType<decimal>(),
        Volume volume => volume.Tiers.Select(tier => tier.UpTo).OfType<decimal>(),
        _ => [],
    };

    private static Exact Price(Sku sku, decimal quantity) => Exact.Sum(
        sku.Model.Price(Exact.Of(quantity), sku.Rate, default).Select(step => step.Quantity * Exact.Of(step.Rate)));

    private static string? Rates(decimal was, decimal now) =>
        now > was ? $"costs {Text.Of(now)} and costs {Text.Of(was)} now" : null;

    private static bool Meet(IEnumerable<Match> some, IEnumerable<Match> others) =>
        some.Any(match => others.Any(match.Meets));

    private static bool Same<T>(T one, T other) =>
        JsonSerializer.Serialize(one, Text.Json) == JsonSerializer.Serialize(other, Text.Json);
}
