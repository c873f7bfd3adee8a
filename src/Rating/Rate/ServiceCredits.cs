using Exchange.Metering;
using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// What landlords credit for a service that worked less than they promised: for each charge of the service in the
/// cluster that was out, the ladder's percent of it, as a charge below nothing of the SKU 'service-credit'. A pure
/// function of the charges, the outages and the levels; a level that was not published credits nothing.
/// </summary>
public static class ServiceCredits
{
    /// <summary>Between the percent and what it is of, in the step of a credit: '25 % of OpenStack CPU'.</summary>
    public const string Of = " % of ";

    /// <summary>No price sheet can sell it.</summary>
    public static SkuId Sku => ServiceLevel.CreditSku;

    /// <summary>The charges, and after each that is credited its credit.</summary>
    public static IEnumerable<Charge> With(
        IEnumerable<Charge> charges, PriceBooks books, RateRequest request, Action<Contribution>? explain = null)
    {
        if (!Applies(books, request))
        {
            return charges;
        }

        var levels = new Dictionary<(LandlordId, string, ClusterId), (decimal, ServiceAvailability)?>();
        return charges.SelectMany(charge =>
        {
            var of = (charge.Landlord, charge.Service, charge.Cluster);
            if (!levels.TryGetValue(of, out var level))
            {
                levels[of] = level = Measure(books, request, charge);
            }

            return level is var (percent, measured) && Credit(charge, percent) is { } credit
                ? Explained([charge, credit], measured, percent, explain)
                : [charge];
        });
    }

    /// <summary>How a service of a landlord did in a cluster in a month; null where nothing was promised.</summary>
    public static (ServiceLevel Level, ServiceAvailability Measured)? Measure(
        PriceBooks books, (LandlordId Landlord, string Service, ClusterId Cluster) of, BillingMonth month,
        Instant until, string policies = Policies.Corrected) =>
        books.LevelIn(of.Landlord, of.Service, month) is { } level
            ? (level, ServiceAvailability.Of(level, books.Outages.Where(outage => outage.Landlord == of.Landlord &&
                outage.Clusters.Contains(of.Cluster) && outage.KnownTo.Contains(policies)), month, until))
            : null;

    /// <summary>What a credit is of, as its charge's step says: 'gpu-a100, first 100'; null for no credit.</summary>
    public static string? What(SkuId sku, string? step) =>
        sku == Sku && step?.IndexOf(Of, StringComparison.Ordinal) is >= 0 and var at ? step[(at + Of.Length)..] : null;

    /// <summary>The SKU that a charge is of; of a credit, the one that it credits.</summary>
    public static SkuId SkuOf(Charge charge, PriceBooks books) => What(charge.Sku, charge.Step) is not { } what
        ? charge.Sku
        : books.Sheet(charge.Sheet)?.Sheet.Skus.Where(sku => what == sku.Id.Value ||
            what.StartsWith($"{sku.Id}, ", StringComparison.Ordinal)).MaxBy(sku => sku.Id.Value.Length)?.Id
            ?? charge.Sku;

    /// <summary>Quotes and examples have a period of their own, and NERC's scripts know no credits.</summary>
    internal static bool Applies(PriceBooks books, RateRequest request) =>
        !books.Levels.IsEmpty && request.Within is null && request.Policies != Policies.NercCompatible;

    private static (decimal Percent, ServiceAvailability Measured)? Measure(
        PriceBooks books, RateRequest request, Charge charge) =>
        Measure(
            books, (charge.Landlord, charge.Service, charge.Cluster), request.Month, request.Period.End,
            request.Policies) is var (level, measured) && level.CreditAt(measured) is > 0 and var percent
            ? (percent, measured)
            : null;

    /// <summary>Whoever sublets gives their part of it back; who is behind the landlord keeps theirs.</summary>
    private static Charge? Credit(Charge charge, decimal percent)
    {
        var unit = new Unit(charge.Rate.Currency.ToString());
        var (rate, quantity) = (new Rate(percent / 100, unit, charge.Rate.Currency), -charge.Amount.Amount);
        var amount = Money.Round(rate.Amount * quantity);
        return amount.IsZero ? null : charge with
        {
            Sku = Sku,
            Step = $"{Text.Of(percent)}{Of}{(charge.Step is { } step ? $"{charge.Sku}, {step}" : charge.Sku.Value)}",
            Quantity = new(quantity, unit),
            Rate = rate,
            Amount = amount,
            Avoided = null,
            Bought = charge is { Lessor: not null, Bought: { } bought } ? bought with
            {
                Rate = rate,
                Amount = amount,
            } : null,
        };
    }

    private static Charge[] Explained(
        Charge[] charges, ServiceAvailability measured, decimal percent, Action<Contribution>? explain)
    {
        var credit = charges[1];
        foreach (var span in explain is null ? [] : measured.Spans)
        {
            explain!(new(
                credit.LineId, new(credit.Landlord, credit.Cluster, "service", credit.Service), span,
                ResourceState.Stopped, Shape.Empty, span.Length, 0,
                $"out of service; {measured.Month} was {Text.Of(measured.Percent)} %, so {Text.Of(percent)} % of " +
                "what was charged is credited", credit.Step)
            {
                IsSplit = true,
            });
        }

        return charges;
    }
}
