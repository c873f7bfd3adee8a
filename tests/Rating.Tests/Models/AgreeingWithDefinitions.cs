using Exchange.Metering;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// Each model against a reference written straight from its definition, on a million random cases each in a long run and
/// on their first 25,000 in a short one. Every agreement was seen to fail with one comparison or sum of the model turned
/// around.
/// </summary>
public class AgreeingWithDefinitions
{
    private const int Parts = 8;
    private static readonly int Cases = Draws.Count(few: 25_000, many: 1_000_000);

    private static readonly PricedLine Line = new(
        Acme.Cluster, Acme.Project, Acme.October.Period, Acme.October.Period, 3_600_000_000);

    [Fact]
    public void Graduated_agrees_with_a_walk_unit_by_unit() => Agree((tiers, quantity, _) =>
    {
        var (price, tier) = (0m, 0);
        for (var unit = 1; unit <= quantity; unit++)
        {
            while (tiers[tier].UpTo < unit)
            {
                tier++;
            }

            price += tiers[tier].Rate;
        }

        return (new Graduated([.. tiers]), price);
    });

    [Fact]
    public void Volume_agrees_with_its_definition() => Agree((tiers, quantity, _) => (
        new Volume([.. tiers]),
        quantity * Array.Find(tiers, tier => tier.UpTo is null || quantity <= tier.UpTo).Rate));

    [Fact]
    public void Packages_agree_with_counting_them() => Agree((_, quantity, rate) =>
    {
        var packages = 0;
        for (var packed = 0; packed < quantity; packed += 7)
        {
            packages++;
        }

        return (new Package(7), packages * rate);
    });

    [Fact]
    public void Commitments_agree_with_their_definition() => Agree((_, quantity, rate) => (
        new Commitment([new(Acme.Cluster, Acme.Project, 40, 0.25m)]),
        (40 * 0.25m) + (quantity > 40 ? (quantity - 40) * rate : 0)));

    [Fact]
    public void Reservations_agree_with_their_definition() => Agree((_, quantity, rate) => (
        new Reservation([new(Acme.Cluster, Acme.Project, 2, 0.25m, new(Acme.At(5), Acme.At(6)))]),
        (48 * 0.25m) + (quantity * rate)));

    [Fact]
    public void Markups_agree_with_their_definition() =>
        Agree((_, quantity, rate) => (new PassThrough(rate), quantity + (quantity * rate)));

    [Fact]
    public void Flat_agrees_with_its_definition() => Agree((_, quantity, rate) => (Flat.Instance, quantity * rate));

    /// <summary>
    /// Fifty instants of each stretch, so that stretches are long enough to meet changes of the clock.
    /// </summary>
    [Fact]
    public void Hours_of_the_day_agree_with_looking_at_the_clock()
    {
        var zones = ((string[])["America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"])
            .Select(name => DateTimeZoneProviders.Tzdb[name]).ToArray();
        Each(Cases / 50, next =>
        {
            var zone = zones[next(zones.Length)];
            var model = new TimeOfDay(zone, [.. Enumerable.Range(0, 1 + next(3)).Select(n => Hours(n, next))]);
            var start = Instant.FromUtc(2026, 1, 1, 0, 0) + Duration.FromSeconds(next(365 * 86_400));
            var end = start + Duration.FromSeconds(1 + next(100 * 3_600));
            var parts = model.Split(start.ToUnixTimeTicks(), end.ToUnixTimeTicks()).ToList();
            Assert.Equal(end.ToUnixTimeTicks(), parts.Aggregate(start.ToUnixTimeTicks(), (at, part) =>
                part.Start == at && part.End > at ? part.End : -1));
            for (var n = 0; n < 50; n++)
            {
                var at = start + Duration.FromSeconds(next((int)(end - start).TotalSeconds));
                var local = at.InZone(zone).LocalDateTime;
                var expected = model.Hours.FirstOrDefault(hours => hours.Days.Contains(local.DayOfWeek) &&
                    local.TimeOfDay >= hours.From &&
                    (hours.Until == LocalTime.Midnight || local.TimeOfDay < hours.Until));
                Assert.Same(expected, parts.Find(part => at.ToUnixTimeTicks() < part.End).Hours);
            }
        });
    }

    [Fact]
    public void Bundles_agree_with_their_definition()
    {
        var sku = SheetReader.Read(Acme.Yaml(
            """{name: S, unit: h, rate: "1", counts: bundle, bundle: {vcpu: "24", ram_mib: "75776", gpu: "1"}, per: hour, match: {kind: vm}}"""),
            "acme.yaml").Skus[0];
        Shape[] shapes = [.. Enumerable.Range(0, 4096).Select(n => Shape.Of(
            [new("vcpu", $"{n % 61}"), new("ram_mib", $"{n % 37 * 5_000}"), new("gpu", $"{n % 5}.5")]))];
        WholeUnits[] whole = [WholeUnits.Exact, WholeUnits.Floor, WholeUnits.Ceiling];
        Each(Cases, next =>
        {
            var shape = shapes[next(shapes.Length)];
            var rounding = whole[next(3)];
            var policies = new Policies { Name = "p", GpuServiceUnits = rounding, GpusAlone = next(2) == 0 };
            var units = shape.Gpu;
            if (!policies.GpusAlone)
            {
                units = shape.VCpu / 24 > units ? shape.VCpu / 24 : units;
                units = shape.RamMib / 75776 > units ? shape.RamMib / 75776 : units;
            }

            units = rounding == WholeUnits.Exact ? units
                : units - (units % 1) + (rounding == WholeUnits.Ceiling && units % 1 > 0 ? 1 : 0);
            Assert.True(units == Counting.Of(sku, policies, shape), $"{shape} {rounding} is {units}");
        });
    }

    [Fact]
    public void More_never_costs_less_by_graduated_tiers_and_a_step_is_continuous() => Each((tiers, quantity, _) =>
    {
        var model = new Graduated([.. tiers]);
        decimal Price(decimal of) => Priced(model, of, 0).ToDecimal();
        var more = Price(quantity + 0.001m) - Price(quantity);
        Assert.True(more >= 0 && more <= 0.001m * tiers.Max(tier => tier.Rate), $"{model} at {quantity}: {more}");
    });

    [Fact]
    public void A_quantity_priced_in_two_parts_at_a_flat_rate_costs_the_same() => Each((_, quantity, rate) =>
    {
        var part = quantity * rate;
        Assert.True(Priced(Flat.Instance, part, rate) + Priced(Flat.Instance, quantity - part, rate) ==
            Priced(Flat.Instance, quantity, rate));
    });

    /// <summary>
    /// Three owners of a third of the month each, of whatever model: what each owes adds up to the whole.
    /// </summary>
    [Fact]
    public void Owners_on_one_scale_owe_together_what_one_would_owe_alone()
    {
        Instant[] edges = [Acme.At(1), Acme.At(11, 8), Acme.At(21, 16), Acme.At(32)];
        PricedLine[] lines = [.. edges.Zip(edges.Skip(1), (from, to) => Line with { Period = new(from, to) })];
        Each((tiers, quantity, rate) =>
        {
            PriceModel[] models =
            [
                Flat.Instance, new Graduated([.. tiers]), new Volume([.. tiers]), new Package(7), new PassThrough(rate),
                new Commitment([new(Acme.Cluster, Acme.Project, tiers.Length * 11, 0.25m)]),
                new Reservation([new(Acme.Cluster, Acme.Project, 2, 0.25m, new(Acme.At(5), Acme.At(25)))]),
            ];
            var model = models[quantity % models.Length];
            decimal[] parts = [quantity * rate, quantity * (1 - rate) * 0.75m, quantity * (1 - rate) * 0.25m];
            var owed = new Exact[3];
            foreach (var (of, step) in Scale.Price(
                model, rate, [.. parts.Zip(lines, (part, line) => new OnScale(Exact.Of(part), line))]))
            {
                owed[of] += step.Quantity * Exact.Of(step.Rate);
            }

            Assert.True(Exact.Sum(owed) == Priced(model, quantity, rate), $"{model} of {quantity}");
            Assert.True(
                model is Commitment or Reservation || owed[0] * Exact.Of(parts[1]) == owed[1] * Exact.Of(parts[0]),
                $"{model} of {quantity} is not shared by use");
        });
    }

    private static HoursOfDay Hours(int n, Func<int, int> next)
    {
        var from = next(24 * 4);
        var until = from + 1 + next((24 * 4) - from);
        return new(
            $"{n}", [.. Enumerable.Range(1, 7).Where(_ => next(2) == 0).Append(1 + next(7)).Cast<IsoDayOfWeek>()],
            new(from / 4, from % 4 * 15), until == 24 * 4 ? LocalTime.Midnight : new(until / 4, until % 4 * 15), n);
    }

    private static Exact Priced(PriceModel model, decimal quantity, decimal rate)
    {
        var price = Exact.Zero;
        foreach (var step in model.Price(Exact.Of(quantity), rate, Line))
        {
            price += step.Quantity * Exact.Of(step.Rate);
        }

        return price;
    }

    private static void Agree(Func<Tier[], int, decimal, (PriceModel Model, decimal Price)> reference) => Each(
        (tiers, quantity, rate) =>
        {
            var (model, price) = reference(tiers, quantity, rate);
            var priced = Priced(model, quantity, rate);
            if (Exact.Of(price) != priced)
            {
                Assert.Fail($"{model} of {quantity}: {priced}, not {price}");
            }
        });

    /// <summary>Up to four tiers, a quantity on both sides of their ends, and a rate.</summary>
    private static void Each(Action<Tier[], int, decimal> check) => Each(Cases, next =>
    {
        var tiers = new Tier[1 + next(4)];
        var end = 0;
        for (var n = 0; n < tiers.Length; n++)
        {
            end += 1 + next(30);
            tiers[n] = new(n == tiers.Length - 1 ? null : end, next(300) / 100m);
        }

        check(tiers, next(100), next(1_000) / 1_000m);
    });

    /// <summary>Cases of seeds of their own on every core.</summary>
    private static void Each(int cases, Action<Func<int, int>> check) => Parallel.For(0, Parts, part =>
    {
        var seed = 88_172_645_463_325_252UL + (ulong)((Draws.First * Parts) + part);
        int Next(int below)
        {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            return (int)(seed % (ulong)below);
        }

        for (var i = part; i < cases; i += Parts)
        {
            check(Next);
        }
    });
}
