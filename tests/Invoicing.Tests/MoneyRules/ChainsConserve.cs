using Exchange.Invoicing.Settlements;
using Exchange.Metering;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests.MoneyRules;

/// <summary>
/// Money rule 1, over drawn worlds: what customers are charged is what landlords get after wholesale in tiers, subleases
/// and credits, with what owners of hardware get and the exchange keeps; each transfer stands twice, with opposite signs.
/// </summary>
public class ChainsConserve
{
    private static readonly BillingMonth October = new(2026, 10);
    private static readonly Instant Close = Instant.FromUtc(2026, 11, 3, 0, 0);

    [Fact]
    public void What_customers_pay_is_what_everybody_behind_them_gets()
    {
        var (moved, credited) = (0, 0);
        for (var seed = 0; seed < 150; seed++)
        {
            var random = new Random(seed);
            var rated = Rated(random);
            var lines = rated.Charges.Select(charge => new OwnedCharge(
                charge, new(charge.Project.Value, new PiId($"{charge.Project}@bu.edu"), null, null, false, true)).AsLine())
                .ToList();
            var settled = Settle.Run(October, lines, Terms(random), Close);
            Assert.Equal(
                (seed, Money.Sum(lines.Select(line => line.Amount))),
                (seed, Money.Sum(settled.SelectMany(of => of.Hardware.Select(due => due.Amount)
                    .Append(of.Payable).Append(of.Share)))));
            foreach (var one in settled)
            {
                foreach (var with in one.Transfers.GroupBy(transfer => (transfer.With, transfer.Pays)))
                {
                    var other = settled.Single(of => of.Landlord == with.Key.With).Transfers
                        .Where(back => back.With == one.Landlord && back.Pays != with.Key.Pays);
                    Assert.Equal(
                        (seed, Money.Zero), (seed, Money.Sum(with.Concat(other).Select(transfer => transfer.Amount))));
                    moved++;
                }
            }

            credited += rated.Charges.Count(charge => charge.Amount < Money.Zero);
        }

        Assert.True(moved > 500 && credited > 50, $"{moved} transfers and {credited} credits were drawn.");
    }

    private static Rated Rated(Random random)
    {
        var books = Books(random);
        var rater = new Rater(books, new(October));
        for (var n = 0; n < random.Next(1, 6); n++)
        {
            Count(rater, "proxco", $"p{n}", "storage_gib_hours", random.Next(1, 500_000) / 8m);
            Count(rater, "stora", $"p{n}", "object_gib", random.Next(0, 4));
            Count(rater, "storb", $"p{n}", "object_gib", random.Next(0, 4));
            var from = October.Start + Duration.FromHours(random.Next(0, 700));
            rater.Add(new Segment(
                new(new("broker"), new("c1"), "vm", $"vm-{n}"), new($"p{n}"),
                new(from, from + Duration.FromMinutes(random.Next(1, 2_000))), ResourceState.Running, Shape.Empty));
        }

        return rater.Finish();
    }

    private static void Count(Rater rater, string landlord, string project, string meter, decimal quantity) => rater.Add(
        new DailyTotal(
            new(new(landlord), new("o1"), "bucket", $"b-{project}"), new(project), meter, new(2026, 10, 9), quantity));

    /// <summary>Three levels of leases, each for a part of the time of the one above, at prices of their own.</summary>
    private static Agreements Leases(Random random)
    {
        var (leases, above, period) = (new List<Lease>(), (string?)null, October.Period);
        for (var level = 0; level < random.Next(1, 4); level++)
        {
            var hours = (int)period.Length.TotalHours;
            var start = period.Start + Duration.FromHours(random.Next(0, (hours / 2) + 1));
            period = new(start, start + Duration.FromHours(random.Next(1, (hours / 2) + 1)));
            leases.Add(new(
                $"L-{level}", new("mghpcc"), new("bm"), ["N1"], above, [new(new($"p-level{level}"), period.Start)], period,
                random.Next(3) == 0 ? null : random.Next(0, 300) / 100m, 0));
            above = $"L-{level}";
        }

        return Agreements.Nothing with { Leases = [.. leases] };
    }

    private static PriceBooks Books(Random random) => PriceBooks.Of(((string[])[
        Sheet("proxco", "objects", "o1", """
            {name: Objects, unit: GiB-hour, rate: "0.01", counts: meter, meter: storage_gib_hours, match: {kind: bucket},
              wholesale: {rate: "0.003", behind: [
                {landlord: stora, meter: object_gib, tiers: [{up_to: "9000", rate: "0.004"}, {rate: "0.0015"}]},
                {landlord: storb, meter: object_gib}]}}
            """),
        Sheet("broker", "compute", "c1", """
            {name: VM, unit: vm-hour, rate: "0.37", counts: resource, per: hour, match: {kind: vm},
              wholesale: {payee: harvard, tiers: [{up_to: "20", rate: "0.3"}, {up_to: "50", rate: "0.2"}, {rate: "0.11"}]}}
            """),
        Sheet("mghpcc", "nodes", "bm",
            """{name: Node, unit: node-hour, rate: "0.85", counts: resource, per: hour, match: {kind: baremetal}}""")])
        .Select(yaml => new PublishedSheet(
            SheetReader.Read(yaml, "x.yaml"), 1, "", "", "", Instant.FromUtc(2025, 12, 1, 0, 0)))) with
    {
        Agreements = Leases(random),
        Levels = [new(new("broker"), "compute", new(2026, 1), [new(99.9m, 10), new(95, 60)], 100, null, [])],
        Outages = random.Next(2) == 0 ? [] :
        [
            new("o-1", new("broker"), [new("c1")], October.Start, October.Start + Duration.FromHours(random.Next(1, 90)),
                Outage.KnownToAll),
        ],
    };

    private static string Sheet(string landlord, string service, string cluster, string sku) => $"""
        landlord: {landlord}
        service: {service}
        clusters: [{cluster}]
        from: 2026-01
        skus:
          - {sku.ReplaceLineEndings(" ")}
        """;

    private static Landlords Terms(Random random) => new(
    [
        .. ((string[])["proxco", "broker", "mghpcc", "stora"]).Select(one => new Landlord(
            new(one), one, false, [new(new(2026, 1), random.Next(0, 9) / 100m)],
            [new("ownerco", "*", random.Next(0, 3) / 100m, new(2026, 1))])),
    ]);
}
