using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Invoicing.Settlements;

/// <summary>What a landlord sold of one SKU with a close.</summary>
/// <param name="Adjusts">The closed month that it corrects; null for usage of the closed month itself.</param>
public sealed record SettlementLine(
    string Service, ClusterId Cluster, SkuId Sku, BillingMonth? Adjusts, Quantity Quantity, Rate Rate, Money Amount)
{
    /// <summary>The lease that it was sold by; null for what was not leased.</summary>
    public string? Lease { get; init; }
}

/// <summary>What the owner of hardware gets for the metered hours of one SKU, whatever customers pay.</summary>
/// <param name="Adjusts">The closed month that it corrects; null for usage of the closed month itself.</param>
public sealed record HardwareDue(
    string Owner, SkuId Sku, BillingMonth? Adjusts, Quantity Hours, Rate PerHour, Money Amount);

/// <summary>Everything that can happen to a settlement. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Drawn), "settlement-drawn/1")]
[JsonDerivedType(typeof(Corrected), "settlement-corrected/1")]
public abstract record SettlementEvent
{
    private SettlementEvent() { }

    /// <param name="Gross">What its lines amount to, whoever pays them.</param>
    /// <param name="Share">What the exchange keeps of it.</param>
    public sealed record Drawn(
        LandlordId Landlord, BillingMonth Month, ImmutableArray<SettlementLine> Lines, Money Gross, Money Share,
        Instant At) : SettlementEvent
    {
        /// <summary>What of the landlord's part goes to those whose hardware it sells.</summary>
        public ImmutableArray<HardwareDue> Hardware { get; init; } = [];

        /// <summary>What goes to sellers behind it, and comes from sellers before it.</summary>
        public ImmutableArray<Transfer> Transfers { get; init; } = [];

        /// <summary>What the landlord gets.</summary>
        [JsonIgnore]
        public Money Payable => Gross - Share - Money.Sum(Hardware.Select(due => due.Amount)) +
            Money.Sum(Transfers.Select(transfer => transfer.Amount));
    }

    /// <summary>
    /// An invoice was taken back after the settlement was drawn, and its lines count as never sold; or one was issued
    /// again; or the terms of the month were corrected.
    /// </summary>
    /// <param name="Month">The settlement's own month; it is told in the month in which it happened.</param>
    /// <param name="Number">The invoice; 'terms' where it is none.</param>
    /// <param name="Gross">What the lines come to; less than nothing where they were taken back.</param>
    public sealed record Corrected(
        LandlordId Landlord, BillingMonth Month, string Number, ImmutableArray<SettlementLine> Lines, Money Gross,
        Money Share, Instant At) : SettlementEvent
    {
        /// <summary>What owners of hardware get less.</summary>
        public ImmutableArray<HardwareDue> Hardware { get; init; } = [];

        /// <summary>What goes back between sellers.</summary>
        public ImmutableArray<Transfer> Transfers { get; init; } = [];
    }
}

/// <summary>A landlord's settlement of a month with all its corrections.</summary>
public sealed record Settlement(LandlordId Landlord, ImmutableArray<SettlementLine> Lines, Money Gross, Money Share)
{
    /// <summary>Its stream is 'settlement-MONTH:LANDLORD'.</summary>
    public static readonly Fold<Settlement, SettlementEvent> Fold = new(
        "settlement", new(default, [], Money.Zero, Money.Zero), (settlement, happened) => happened switch
        {
            SettlementEvent.Drawn e => new(e.Landlord, e.Lines, e.Gross, e.Share)
            {
                Hardware = e.Hardware,
                Transfers = e.Transfers,
            },
            SettlementEvent.Corrected e => settlement with
            {
                Landlord = e.Landlord,
                Lines = settlement.Lines.AddRange(e.Lines),
                Gross = settlement.Gross + e.Gross,
                Share = settlement.Share + e.Share,
                Hardware = settlement.Hardware.AddRange(e.Hardware),
                Transfers = settlement.Transfers.AddRange(e.Transfers),
            },
            _ => throw new CorruptStreamException(settlement, happened),
        });

    public ImmutableArray<HardwareDue> Hardware { get; init; } = [];

    /// <summary>What goes to sellers behind it, and comes from sellers before it.</summary>
    public ImmutableArray<Transfer> Transfers { get; init; } = [];

    public Money Payable => Gross - Share - Money.Sum(Hardware.Select(due => due.Amount)) +
        Money.Sum(Transfers.Select(transfer => transfer.Amount));
}

/// <summary>What the exchange owes each landlord for a month.</summary>
public static class Settle
{
    public static string StreamOf(LandlordId landlord, BillingMonth month) => $"settlement-{month}:{landlord}";

    /// <summary>One settlement for each landlord of whom something was billed, or who is behind one, by name.</summary>
    public static IReadOnlyList<SettlementEvent.Drawn> Run(
        BillingMonth month, IEnumerable<InvoiceLine> lines, Landlords landlords, Instant now)
    {
        var all = lines.Where(Sold).ToList();
        return
        [
            .. Transfer.Sellers(all).Select(landlord =>
            {
                var of = all.Where(line => line.Landlord == landlord).ToList();
                var gross = Money.Sum(of.Select(line => line.Amount));
                ImmutableArray<SettlementLine> sold = [.. Lines(of)];
                return new SettlementEvent.Drawn(
                    landlord, month, sold, gross, ShareOf(landlords, landlord, month, sold), now)
                {
                    Hardware = HardwareOf(landlords, landlord, month, sold),
                    Transfers = Transfer.Of(landlord, all),
                };
            }),
        ];
    }

    /// <summary>
    /// Adds the lines of an invoice that was issued after the settlement was drawn, or takes those of a void one out;
    /// the exchange's share follows, and what owners of hardware get: all of it by the terms of now, less what was
    /// settled.
    /// </summary>
    /// <param name="changed">The lines; those of a void invoice with the opposite sign.</param>
    public static SettlementEvent.Corrected Correct(
        Settlement settlement, BillingMonth month, string number, IEnumerable<InvoiceLine> changed,
        Landlords landlords, Instant now)
    {
        var back = changed.Where(Sold).Select(line => line with
        {
            Adjusts = line.Adjusts == month ? null : line.Adjusts,
            Funds = [],
        }).ToList();
        var gone = back.Where(line => line.Landlord == settlement.Landlord).ToList();
        var gross = Money.Sum(gone.Select(line => line.Amount));
        ImmutableArray<SettlementLine> lines = [.. Lines(gone)];
        var (landlord, after) = (settlement.Landlord, settlement.Lines.AddRange(lines));
        return new(
            landlord, month, number, lines, gross,
            ShareOf(landlords, landlord, month, after) - settlement.Share, now)
        {
            Hardware = Less(HardwareOf(landlords, landlord, month, after), settlement.Hardware),
            Transfers = Transfer.Of(landlord, back),
        };
    }

    /// <summary>
    /// Whether a line is about what was sold. One that only says that another fund pays is nothing to the landlord: its
    /// settlement would change because a customer used something else, elsewhere.
    /// </summary>
    private static bool Sold(InvoiceLine line) =>
        line.Quantity.Amount != 0 || !line.Amount.IsZero || line.PassedOn is { Amount.IsZero: false };

    /// <summary>
    /// What the exchange keeps: of the lines of each month by that month's terms, rounded once for each month. Of what
    /// a service level credits it gives nothing back: that is its landlord's alone.
    /// </summary>
    private static Money ShareOf(
        Landlords landlords, LandlordId landlord, BillingMonth month, IEnumerable<SettlementLine> lines) =>
        Money.Sum(lines.Where(line => line.Sku != ServiceCredits.Sku).GroupBy(line => line.Adjusts ?? month)
            .Select(same => landlords.ShareOf(landlord, same.Key, Money.Sum(same.Select(line => line.Amount)))));

    /// <summary>What each owner of hardware gets: its hours in all times its rate, rounded once for each SKU.</summary>
    private static ImmutableArray<HardwareDue> HardwareOf(
        Landlords landlords, LandlordId landlord, BillingMonth month, IEnumerable<SettlementLine> lines) =>
    [
        .. lines.Where(line => line.Sku != ServiceCredits.Sku)
            .GroupBy(line => (line.Sku, line.Adjusts, line.Quantity.Unit)).SelectMany(same =>
        {
            var hours = same.Select(line => line.Quantity).Aggregate((sum, quantity) => sum + quantity);
            return
                from terms in landlords.HardwareOf(landlord, same.Key.Sku, same.Key.Adjusts ?? month)
                let rate = new Rate(terms.PerHour, hours.Unit)
                select new HardwareDue(
                    terms.Owner, same.Key.Sku, same.Key.Adjusts, hours, rate, Money.Round(rate.Of(hours)));
        }).Where(due => !due.Amount.IsZero),
    ];

    private static ImmutableArray<HardwareDue> Less(
        ImmutableArray<HardwareDue> now, ImmutableArray<HardwareDue> before) =>
    [
        .. now.Concat(before.Select(due => due with
        {
            Hours = due.Hours with { Amount = -due.Hours.Amount },
            Amount = -due.Amount,
        })).GroupBy(due => (due.Owner, due.Sku, due.Adjusts, due.PerHour)).Select(same => same.First() with
        {
            Hours = same.Select(due => due.Hours).Aggregate((sum, hours) => sum + hours),
            Amount = Money.Sum(same.Select(due => due.Amount)),
        }).Where(due => !due.Amount.IsZero),
    ];

    private static IEnumerable<SettlementLine> Lines(IEnumerable<InvoiceLine> lines) => lines
        .GroupBy(line => (
            line.Service, line.Cluster, line.Sku, line.Adjusts, line.Rate, Lease: Charge.LeaseOf(line.ChargeId)))
        .OrderBy(same => same.Key.Adjusts.HasValue).ThenBy(same => same.Key.Adjusts)
        .ThenBy(same => same.Key.Service, StringComparer.Ordinal)
        .ThenBy(same => same.Key.Cluster.Value, StringComparer.Ordinal)
        .ThenBy(same => same.Key.Sku.Value, StringComparer.Ordinal).ThenBy(same => same.Key.Rate.Amount)
        .ThenBy(same => same.Key.Lease, StringComparer.Ordinal)
        .Select(same => new SettlementLine(
            same.Key.Service, same.Key.Cluster, same.Key.Sku, same.Key.Adjusts,
            same.Select(line => line.Quantity).Aggregate((sum, quantity) => sum + quantity), same.Key.Rate,
            Money.Sum(same.Select(line => line.Amount)))
        {
            Lease = same.Key.Lease,
        });
}
