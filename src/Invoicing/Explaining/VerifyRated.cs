using Exchange.Invoicing.Charging;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Invoicing.Explaining;

/// <summary>
/// Rates a closed month straight from its usage and compares it with what closes kept of it. Where nothing came since
/// the last close every charge must be the same; otherwise what differs is what the next close bills as adjustments.
/// </summary>
public static class VerifyRated
{
    /// <param name="Differences">Each charge that is not what was kept.</param>
    /// <param name="IsTouched">Whether something came to the month since it was last looked at.</param>
    public sealed record RatedVerified(
        BillingMonth Month, int Charges, Money Total, IReadOnlyList<string> Differences, bool IsTouched)
    {
        /// <summary>Nothing came, and yet something differs.</summary>
        public IReadOnlyList<string> Wrong => IsTouched ? [] : Differences;
    }

    /// <exception cref="RefusedException">The month is not closed, or an older version closed it.</exception>
    public static async Task<RatedVerified> Run(Sources sources, BillingMonth month, Instant now, CancellationToken ct)
    {
        sources = await sources.Now(ct);
        var months = await sources.Journal.State(Months.Fold, Months.Id, ct);
        if (months.Closed.GetValueOrDefault(month) is not { Kept: not null } closed)
        {
            throw new RefusedException(new(
                "verify/not-kept",
                $"Nothing is kept of {month}: it is not closed, or an older version closed it. Name a closed month.",
                "--rate"));
        }

        var rating = await RatingNow.Read(sources, ct);
        var rated = await rating.Rate(new(month, closed.Policies), null, ct, byName: false);
        var comes = rated.Charges.GroupBy(owned => (owned.Account, Id: owned.AsLine().ChargeId)).ToDictionary(
            of => of.Key, of => (of.First().Charge.Quantity, Amount: Money.Sum(of.Select(one => one.Charge.Amount))));
        var kept = await Kept(sources, months, rating, month, ct);
        var differences = comes.Keys.Union(kept.Keys)
            .Where(key => comes.GetValueOrDefault(key) != kept.GetValueOrDefault(key))
            .OrderBy(key => key.Id, StringComparer.Ordinal).ThenBy(key => key.Account.Name, StringComparer.Ordinal)
            .Select(key => $"{key.Id} of {key.Account}: kept {kept.GetValueOrDefault(key).Amount}, rates to " +
                $"{comes.GetValueOrDefault(key).Amount}").ToList();
        return new(
            month, comes.Count, Money.Sum(comes.Values.Select(one => one.Amount)), differences,
            differences.Count > 0 && await IsTouched(sources, months, month, now, ct));
    }

    /// <summary>Each charge as the last close that looked at it kept it; of one that is gone nothing.</summary>
    private static async Task<Dictionary<(Account Account, string Id), (Quantity Quantity, Money Amount)>> Kept(
        Sources sources, Months months, RatingNow rating, BillingMonth month, CancellationToken ct)
    {
        var last = new Dictionary<(Account Account, string Id), (Quantity, Money)>();
        foreach (var line in await new KeptCharges(sources.Database, months).LinesOf(month, ct))
        {
            var account = line.Account.Pi is { } pi ? new(rating.Directory.PiOf(pi)) : line.Account;
            last.Remove((account, line.Line.ChargeId));
            if (line.Charge is { } charge)
            {
                last[(account, line.Line.ChargeId)] = (charge.Quantity, charge.Amount);
            }
        }

        return last;
    }

    private static async Task<bool> IsTouched(
        Sources sources, Months months, BillingMonth month, Instant now, CancellationToken ct)
    {
        var looked = new HashSet<BillingMonth>();
        await CloseMonth.Plan(
            sources, months.Last!.Value.Next, Policies.Corrected, now, ct, looked: again => looked.Add(again));
        return looked.Contains(month);
    }
}
