using System.Collections.Immutable;
using Exchange.Rating;

namespace Exchange.Invoicing.Settlements;

/// <summary>
/// What goes from one seller to another: for what is sold at wholesale, and for what is sublet. It stands in both
/// settlements, with opposite signs.
/// </summary>
/// <param name="With">Whom it goes to, or comes from.</param>
/// <param name="Pays">Whether this is the side that pays.</param>
/// <param name="Adjusts">The closed month that it corrects; null for usage of the closed month itself.</param>
/// <param name="Amount">Below nothing on the side that pays, but for corrections.</param>
public sealed record Transfer(
    LandlordId With, bool Pays, string Service, SkuId Sku, BillingMonth? Adjusts, Quantity Quantity, Rate Rate,
    Money Amount)
{
    /// <summary>The lease that it is paid for; null for what was not leased.</summary>
    public string? Lease { get; init; }

    /// <summary>Those of a seller among the lines that were billed; none where one would pay oneself.</summary>
    public static ImmutableArray<Transfer> Of(LandlordId landlord, IEnumerable<InvoiceLine> lines) =>
    [
        .. from line in lines
           where line.PassedOn is { } passed && passed.Payee != line.Landlord &&
               (line.Landlord == landlord || passed.Payee == landlord)
           let pays = line.Landlord == landlord
           group line by (
               With: pays ? line.PassedOn!.Payee : line.Landlord, Pays: pays, line.Service, line.Sku, line.Adjusts,
               line.PassedOn!.Rate, Lease: Charge.LeaseOf(line.ChargeId)) into same
           orderby same.Key.Pays descending, same.Key.With.Value, same.Key.Adjusts, same.Key.Service,
               same.Key.Sku.Value, same.Key.Rate.Amount, same.Key.Lease
           let amount = Money.Sum(same.Select(line => line.PassedOn!.Amount))
           let quantity = same.Select(line => line.Quantity).Aggregate((sum, one) => sum + one)
           select new Transfer(
               same.Key.With, same.Key.Pays, same.Key.Service, same.Key.Sku, same.Key.Adjusts, quantity, same.Key.Rate,
               same.Key.Pays ? -amount : amount)
           {
               Lease = same.Key.Lease,
           },
    ];

    /// <summary>Everyone who sold some of the lines, or is paid for what is behind them, by name.</summary>
    public static IEnumerable<LandlordId> Sellers(IReadOnlyCollection<InvoiceLine> lines) => lines
        .Select(line => line.Landlord)
        .Concat(lines.Select(line => line.PassedOn?.Payee).OfType<LandlordId>()).Distinct()
        .OrderBy(one => one.Value, StringComparer.Ordinal);
}
