namespace Exchange.Rating;

/// <summary>What a landlord behind a composite service says that it held or did for it.</summary>
public readonly record struct BackEnd(LandlordId Landlord, decimal Measured);

/// <summary>What of the front end's usage falls to a landlord; null for what nobody behind it measured.</summary>
public readonly record struct BackEndShare(LandlordId? Landlord, decimal Quantity);

/// <summary>
/// Splits the usage that a front end metered over the landlords behind it, in proportion to what they measured. The
/// shares add up to the whole, so nothing is lost and nothing is billed twice, whatever replicas and retries added.
/// </summary>
public static class CompositeUsage
{
    /// <summary>Shares are whole in this; what is left over goes to the largest remainders.</summary>
    private const decimal Grain = 0.000001m;

    /// <exception cref="ArgumentOutOfRangeException">Something is below 0.</exception>
    public static IReadOnlyList<BackEndShare> Split(decimal quantity, IReadOnlyList<BackEnd> behind)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(quantity);
        var measured = behind.GroupBy(one => one.Landlord).OrderBy(of => of.Key.Value, StringComparer.Ordinal)
            .Select(of => (Landlord: of.Key, Sum: of.Sum(one => one.Measured))).ToList();
        ArgumentOutOfRangeException.ThrowIfNegative(measured.Select(one => one.Sum).DefaultIfEmpty().Min());
        var total = measured.Sum(one => one.Sum);
        if (total == 0)
        {
            return quantity == 0 ? [] : [new(null, quantity)];
        }

        var shares = measured.Select(one => Cut(quantity * (one.Sum / total))).ToList();
        var left = quantity - shares.Sum();
        var order = Enumerable.Range(0, shares.Count)
            .OrderByDescending(n => (quantity * (measured[n].Sum / total)) - shares[n]).ThenBy(n => n).ToList();
        for (var n = 0; left != 0; n = (n + 1) % order.Count)
        {
            var more = decimal.Abs(left) < Grain ? left : decimal.Sign(left) * Grain;
            shares[order[n]] += more;
            left -= more;
        }

        return [.. measured.Zip(shares, (one, share) => new BackEndShare(one.Landlord, share))];
    }

    private static decimal Cut(decimal number) => decimal.Floor(number / Grain) * Grain;
}
