using System.Collections.Immutable;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Market.Quotes;

/// <summary>What is to be quoted: offers for a plan, for whom, and by which prices they were asked.</summary>
/// <param name="Offers">One place, or those of a mix.</param>
/// <param name="At">When the plan begins.</param>
public sealed record QuoteToSave(
    PriceBooks Books, QuoteFor Whose, PiId? Pi, IReadOnlyList<Offer> Offers, Instant At, int ValidDays)
{
    /// <summary>Who asks in the name of the PI; null where nobody stands between.</summary>
    public LandlordId? Intermediary { get; init; }
}

/// <summary>
/// Works a quote out by the prices that it locks: the sheets that are published by now, for the time of the plan, on a
/// scale of its own. So it comes to what exactly that usage will be billed, whatever is published or used by others.
/// </summary>
public static class PriceQuote
{
    /// <exception cref="RefusedException">Something of the plan has no price that can be locked.</exception>
    public static QuoteTerms Of(QuoteToSave asked, string id, Instant now)
    {
        if (asked.Offers.Count == 0 || asked.Offers.FirstOrDefault(offer => !offer.ServesAll) is not null)
        {
            throw new RefusedException(new(
                "quote/not-sold", "A part of the plan has no price there: " +
                $"{asked.Offers.SelectMany(offer => offer.Missing).FirstOrDefault() ?? "nobody sells it."} " +
                "Choose another place, or plan it otherwise."));
        }

        var period = PeriodOf(asked.At, [.. asked.Offers.SelectMany(offer => offer.Usage)]);
        return new(
            id, asked.Whose.Project, asked.Pi, period, now + Duration.FromDays(asked.ValidDays),
            [.. asked.Offers.Select(offer => Part(asked, offer, period, id))]);
    }

    /// <summary>As long as the plan is used; what is counted, to the end of its month.</summary>
    private static Period PeriodOf(Instant at, IReadOnlyList<QuotedUsage> usage)
    {
        var end = at + usage.Max(one => one.Length);
        if (usage.Any(one => one.Meter is { } meter && !Egress.IsNamedBy(meter)))
        {
            var day = at.InUtc().TimeOfDay == LocalTime.Midnight ? at : at + Duration.FromDays(1);
            end = Instant.Max(end, BillingMonth.Of(day).End);
        }

        return end > at ? new(at, end) : throw new RefusedException(new(
            "quote/nothing",
            "Egress costs nothing, so there is no price to hold for it. Plan something else with it."));
    }

    private static QuotePart Part(QuoteToSave asked, Offer offer, Period period, string id)
    {
        var (books, project) = (asked.Books, asked.Whose.Project);
        var skus = offer.Charges.Where(charge => charge.Avoided is null).Select(charge => charge.Sku).Distinct()
            .OrderBy(sku => sku.Value, StringComparer.Ordinal).ToImmutableArray();
        var sheets = books.Covering(offer.Landlord, offer.Cluster, period)
            .Where(sheet => sheet.Sheet.Skus.Any(sku => skus.Contains(sku.Id))).ToList();
        if (sheets.SelectMany(sheet => sheet.Sheet.Skus).FirstOrDefault(sku => skus.Contains(sku.Id) &&
            sku.Model.Bound.Contains((offer.Cluster, project))) is { } bound)
        {
            throw Promised(bound.Id, offer, project);
        }

        if (books.Agreements.Standing.FirstOrDefault(one => one.Landlord == offer.Landlord &&
            one.Cluster == offer.Cluster && skus.Contains(one.Sku) && one.Parts().Any(promised =>
                promised.Project == project && promised.Period.Overlaps(period))) is { } standing)
        {
            throw Promised(standing.Sku, offer, project);
        }

        var agreed = new PriceLock(
            id, offer.Landlord, offer.Cluster, project, period, skus,
            [.. sheets.Select(sheet => new LockedSheet(sheet.Published.Id, sheet.Period))]);
        if (books.Agreements.Locks.FirstOrDefault(agreed.Overlaps) is { } other)
        {
            throw new RefusedException(new(
                "quote/agreed",
                $"{string.Join(", ", skus.Intersect(other.Skus))} at {offer.Landlord}, {offer.Cluster} are at the " +
                $"prices of {other.Id} for {project} until {Text.Of(other.Period.End)}, as much as is used, so there " +
                "is no other price to hold. Use it, plan for another time, or end that agreement first.", other.Id));
        }

        var priced = Quote.AsAgreed(
            books with { Agreements = books.Agreements.With([agreed]) }, agreed, offer.Usage, Policies.Corrected,
            asked.Whose);
        var lines = priced?.Charges ?? [];
        return new(
            offer.Landlord, offer.Cluster, Money.Sum(lines.Select(line => line.Amount)),
            [.. offer.Usage.Select(PlannedUsage.Of)],
            [.. lines.Select(line => new QuoteLine(
                line.Month, line.Sku, line.Step, line.Quantity, line.Rate, line.Amount, line.Sheet))], agreed);
    }

    private static RefusedException Promised(SkuId sku, Offer offer, ProjectId project) => new(new(
        "quote/promised",
        $"'{sku}' at {offer.Landlord} is reserved for {project} or promised by it already, by its own price. Plan " +
        "what is beside that.", $"{offer.Landlord}/{offer.Cluster}"));
}
