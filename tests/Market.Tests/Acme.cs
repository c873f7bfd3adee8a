using Exchange.Rating;
using NodaTime;

namespace Exchange.Market.Tests;

/// <summary>An invented landlord that sells nodes at a dollar an hour.</summary>
internal static class Acme
{
    public static readonly LandlordId Landlord = new("acme");
    public static readonly ClusterId Cluster = new("a1");
    public static readonly BillingMonth October = new(2026, 10);

    public static PriceBooks Books { get; } = PriceBooks.Of(
    [
        new(SheetReader.Read("""
            landlord: acme
            service: compute
            clusters: [a1]
            from: 2026-01
            skus:
            - {name: Node, unit: node-hour, rate: "1", counts: resource, per: hour, match: {kind: baremetal}}
            examples:
            - {name: an hour, usage: [{kind: baremetal, hours: "1"}], total: "1.00"}
            """, "acme.yaml"), 1, "", "", "", Instant.FromUtc(2025, 12, 1, 0, 0)),
    ]);

    public static Instant At(int day) => Instant.FromUtc(2026, 10, 1, 0, 0) + Duration.FromDays(day - 1);
}
