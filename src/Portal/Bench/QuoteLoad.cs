using System.Globalization;
using System.Text;
using Exchange.Metering;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Bench;

/// <summary>
/// Landlords who sell many things alike at prices of their own: machines of flavors, disks of classes and what is
/// counted, some of it in tiers; and plans of some of it, the same ones for the same seed.
/// </summary>
internal sealed class QuoteLoad(int landlords, int skus, int items)
{
    /// <summary>How many flavors, classes and meters there are: each landlord has some of them.</summary>
    private const int Variety = 200;

    public static readonly Instant At = Instant.FromUtc(2026, 11, 5, 0, 0);

    /// <summary>No part of a plan is longer.</summary>
    public static readonly Duration MaxLength = Duration.FromHours(600);

    private readonly int _skusOfASheet = skus / landlords / 2;

    /// <summary>Two sheets of each landlord.</summary>
    public IEnumerable<PricingText> Sheets()
    {
        for (var landlord = 0; landlord < landlords; landlord++)
        {
            var random = new Random((landlord * 10_007) + 7);
            yield return Sheet(landlord, "compute", random, n => (
                n % 5 == 0, $"match: {{kind: vm, flavor: f{n}}}, counts: resource, per: hour, unit: hour",
                $"kind: vm, shape: {{flavor: f{n}}}"));
            yield return Sheet(landlord, "storage", random, n => n % 4 == 0
                ? (true, $"match: {{kind: bucket{n}}}, counts: meter, meter: requests, unit: call", "")
                : (false, $"match: {{kind: volume, class: c{n}}}, counts: dimension, dimension: storage_gib, " +
                    "per: hour, unit: GiB-hour", $"kind: volume, shape: {{class: c{n}, storage_gib: \"1\"}}"));
        }
    }

    /// <summary>Item after item of what some landlord sells.</summary>
    public IReadOnlyList<QuotedUsage> Plan(int seed)
    {
        var random = new Random((seed * 10_007) + 11);
        return
        [
            .. Enumerable.Range(0, items).Select(item => (item % 4) switch
            {
                3 => new QuotedUsage($"bucket{4 * random.Next(Variety / 4)}", Shape.Empty, Duration.Zero, 1,
                    ResourceState.Running, "requests", random.Next(1, 10_000_000)),
                2 => new QuotedUsage("volume", Shape.Of([
                    new("class", $"c{(4 * random.Next(Variety / 4)) + 1}"),
                    new("storage_gib", $"{random.Next(1, 9_000)}")]),
                    Duration.FromHours(random.Next(1, 600)), random.Next(1, 9)),
                _ => new QuotedUsage("vm", Shape.Of([new("flavor", $"f{random.Next(Variety)}"), new("vcpu", "4")]),
                    Duration.FromHours(random.Next(1, 600)), random.Next(1, 17)),
            }),
        ];
    }

    /// <param name="of">Whether a SKU has tiers, what it is, and what its worked example uses.</param>
    private PricingText Sheet(
        int landlord, string service, Random random, Func<int, (bool InTiers, string What, string Example)> of)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"land-{landlord:00}");
        var text = new StringBuilder(
            $"landlord: {name}\nservice: {service}\nclusters: [{name}]\nfrom: 2026-01\nskus:\n");
        var worked = "";
        foreach (var n in Enumerable.Range(0, Variety).OrderBy(n => ((n / 4) + landlord) % (Variety / _skusOfASheet))
            .Take(_skusOfASheet).Order())
        {
            var ((inTiers, what, example), rate) = (of(n), random.Next(100, 1_000));
            var price = inTiers
                ? $"model: graduated, tiers: [{{up_to: \"100\", rate: \"{Dollars(rate + 50)}\"}}, " +
                    $"{{rate: \"{Dollars(rate)}\"}}]"
                : $"rate: \"{Dollars(rate)}\"";
            text.Append(CultureInfo.InvariantCulture, $"  - {{name: {service} {n}, {what}, {price}}}\n");
            worked = inTiers ? worked : $"  - {{name: a hundred hours, usage: [{{{example}, hours: \"100\"}}], " +
                $"total: \"{Exchange.Text.Of(rate / 100m)}\"}}\n";
        }

        return new($"pricing/{name}/{service}/2026-01.yaml", $"{text}examples:\n{worked}");
    }

    private static string Dollars(int rate) => Exchange.Text.Of(rate / 10_000m);
}
