using System.Collections.Immutable;
using Exchange.Invoicing.Charging;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Rating;

namespace Exchange.Invoicing.Explaining;

/// <summary>
/// The usage that a charge rests on and nothing else: of what a close billed as it was kept, of what is open as it
/// rates now.
/// </summary>
/// <param name="UpTo">The last block of readings that was known of it; null while it is open.</param>
/// <param name="Billable">The states that its price sheet bills.</param>
public sealed record UsageOfCharge(
    IReadOnlyList<KeptPart> Parts, long? UpTo, ImmutableArray<ResourceState> Billable)
{
    /// <summary>What the parts add up to, before it is made whole, priced in steps or shared.</summary>
    public decimal Sum => Parts.Sum(Adds);

    public static decimal Adds(KeptPart part) => part.Units * (part.Hours ?? 1);

    /// <param name="month">The month that shows the charge; of an adjustment its usage is of an earlier one.</param>
    /// <param name="narrowed">What of the usage is to be rated where nothing was kept.</param>
    public static async Task<UsageOfCharge> Of(
        Sources sources, BillingMonth month, string id, Account account, RateRequest narrowed, CancellationToken ct)
    {
        var months = await sources.Journal.State(Months.Fold, Months.Id, ct);
        var kept = new KeptCharges(sources.Database, months);
        var rating = await RatingNow.Read(sources, ct);
        var line = (await kept.OfCharge(narrowed.Month, id, ct)).LastOrDefault(
            one => KeptCharges.ClosedBy(one) == month && one.Account == account && one.Charge is not null);
        if (line is { Charge: { } charge } && kept.RunOf(line) is { } run)
        {
            var parts = await kept.PartsOf(run, narrowed.Month, charge.LineId, id, ct);
            return new(
                Within(line.Line.ServicePeriod, parts), run.Meter,
                StatesOf(rating, line.Line.Sheet, charge.Policies));
        }

        using var found = new PartsOfMonth();
        var lines = new SortedSet<string>(StringComparer.Ordinal);
        var rated = await rating.Rate(narrowed, part =>
        {
            if (part.IsOf(id))
            {
                found.Add(part);
                lines.Add(part.ChargeId);
            }
        }, ct);
        var now = rated.Charges.FirstOrDefault(owned => owned.Charge.Id == id)?.Charge;
        return new(
            now is null ? [] : Within(now.Period, lines.SelectMany(found.Of)), null,
            now is null ? [] : StatesOf(rating, now.Sheet, now.Policies));
    }

    private static IReadOnlyList<KeptPart> Within(Period period, IEnumerable<KeptPart> parts) =>
        [.. parts.Where(part => part.Row is not null || period.Clip(part.Period) is not null)];

    private static ImmutableArray<ResourceState> StatesOf(RatingNow rating, string sheet, string policies) =>
        rating.Books.Sheet(sheet)?.Sheet.PoliciesNamed(policies).Billable ?? [];
}
