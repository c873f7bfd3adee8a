using Exchange.Metering;
using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>What rules differ by, what a workload would cost, and how prices stand beside public ones.</summary>
public class ComparingAndQuoting
{
    private const string Cpu = """
        {name: CPU, unit: SU-hour, rate: "1", counts: bundle, bundle: {vcpu: "1", ram_mib: "4096"}, per: hour,
            match: {kind: vm}}
        """;

    private const string Both = """
        policies:
          corrected: {billable: [running, shelved], service_units: ceiling, quantities: line}
          nerc-compatible: {billable: [running, paused], service_units: floor, quantities: resource-hours,
              last_shape_for_all: true}
        """;

    [Fact]
    public void Each_cause_is_named_and_the_causes_add_up()
    {
        var books = Acme.Books(Acme.Sheet(Cpu, more: Both)) with
        {
            Outages = [new("x", Acme.Landlord, [Acme.Cluster], Acme.At(9), Acme.At(10), ["corrected"])],
        };
        const string One = """{"vcpu":"1","ram_mib":"4096"}""";
        var compared = ComparePolicies.Run(books, new(Acme.October),
        [
            Acme.Ran("paused", Acme.At(1), Acme.At(1, 3), One, state: ResourceState.Paused),
            Acme.Ran("shelved", Acme.At(1), Acme.At(1, 5), One, state: ResourceState.Shelved),
            Acme.Ran("halves", Acme.At(1), Acme.At(1, 10), """{"vcpu":"1","ram_mib":"6144"}"""),
            Acme.Ran("resized", Acme.At(1), Acme.At(1, 10), One),
            Acme.Ran("resized", Acme.At(1, 10), Acme.At(1, 11), """{"vcpu":"3","ram_mib":"4096"}"""),
            Acme.Ran("down", Acme.At(9, 20), Acme.At(10), One),
            Acme.Ran("short-1", Acme.At(2), Acme.At(2, 0, 1), One),
            Acme.Ran("short-2", Acme.At(2), Acme.At(2, 0, 1), One),
        ]);
        Assert.Equal(
            "billable-states 2.00;last-shape -20.00;service-units 10.00;outages -4.00;hours -1.00",
            string.Join(';', compared.Causes.Where(cause => !cause.Change.IsZero)
                .Select(cause => $"{cause.Name} {cause.Change}".Replace(" USD", "", StringComparison.Ordinal))));
        Assert.Equal(compared.After.Total - compared.Before.Total, Money.Sum(compared.Causes.Select(c => c.Change)));
        Assert.Equal(Acme.Rate(books, new RateRequest(Acme.October), []).Total, Money.Zero);
    }

    [Fact]
    public void A_workload_is_priced_by_every_landlord_that_can_serve_it_the_whole_and_cheap_first()
    {
        static PriceSheet Of(string landlord, string rate, string kind) => SheetReader.Read(
            Acme.Yaml(Acme.Vm.Replace("\"1\"", $"\"{rate}\"", StringComparison.Ordinal)
                .Replace("kind: vm", $"kind: {kind}", StringComparison.Ordinal))
                .Replace("acme", landlord, StringComparison.Ordinal), "x");
        var books = Acme.Books(Of("dear", "3", "vm"), Of("cheap", "2", "vm"), Of("disks", "1", "volume"),
            Of("both", "4", "[vm, volume]"));
        var offers = Quote.Of(books,
        [
            new("vm", Shape.Empty, Duration.FromHours(10), 2),
            new("volume", Shape.Empty, Duration.FromHours(1)),
        ], Acme.At(20));
        Assert.Equal(
            "both 84.00 USD all;disks 1.00 USD 1;cheap 40.00 USD 1;dear 60.00 USD 1",
            string.Join(';', offers.Select(o =>
                $"{o.Landlord} {o.Total} {(o.ServesAll ? "all" : $"{o.Missing.Count}")}")));
    }

    [Fact]
    public void A_quote_takes_the_prices_of_its_whole_time_and_shows_egress_at_nothing()
    {
        var books = Acme.Books(Acme.Sheet(), Acme.Sheet(
            Acme.Vm.Replace("\"1\"", "\"9\"", StringComparison.Ordinal), "2026-10-21")) with
        {
            Public = [new("AWS", "r", new(2026, 1, 1), "", [new(null, 0.1m)])],
        };
        var offer = Assert.Single(Quote.Of(books,
        [
            new("vm", Shape.Empty, Duration.FromDays(90)),
            new("vm", Shape.Empty, Duration.Zero, Meter: "egress", Quantity: 50),
        ], Acme.At(20)));
        Assert.Equal((new Money(1_924_800), new Money(500)), (offer.Total, offer.Avoided));
    }

    [Theory]
    [InlineData("0.40", "kept", "0.4")]
    [InlineData("0.50", "kept", "0.5")]
    [InlineData("0.51", "missed", "0.51")]
    [InlineData("0", "kept", "0")]
    public void The_promise_of_a_half_is_checked_for_each_SKU(string rate, string verdict, string share)
    {
        var sheet = Acme.Sheet(Acme.Vm.Replace("\"1\"", $"\"{rate}\"", StringComparison.Ordinal));
        var compared = Assert.Single(PublicComparison.Of([sheet], [Aws(2026, 1m)], Today));
        Assert.Equal((verdict, share, "alike"), (compared.Verdict, Text.Of(compared.Share!.Value), compared.Assumes));
    }

    [Fact]
    public void What_has_no_like_or_no_price_of_one_is_not_compared_and_says_why()
    {
        const string tiered = """
            {name: Tiered, unit: vm-hour, model: graduated, tiers: [{up_to: "10", rate: "1"}, {rate: "2"}],
             counts: resource, per: hour, match: {kind: pod}}
            """;
        var compared = PublicComparison.Of(
            [Acme.Sheet($"{Acme.Vm}\n{tiered.ReplaceLineEndings(" ")}")], [Aws(2026, 2m) with { Offers = [] }], Today);
        Assert.Equal(
            """
            Tiered not comparable: what one costs depends on how much is used: compare a month
            VM not comparable: the list has nothing like it
            """,
            string.Join('\n', compared.Select(c => $"{c.Sku} {c.Verdict}: {c.Assumes}")));
    }

    [Theory]
    [InlineData(2024, "2025-01-01 2.00 USD")]
    [InlineData(2025, "2025-01-01 2.00 USD")]
    [InlineData(2026, "2026-01-01 3.00 USD")]
    public void A_month_is_compared_with_the_prices_of_its_time(int year, string expected)
    {
        var month = Acme.Rate(Acme.Books(Acme.Sheet()), Acme.Ran("vm-1", Acme.At(1), Acme.At(1, 1)));
        var compared = Assert.Single(PublicComparison.Of(
            month.Charges, [Aws(2026, 3m), Aws(2025, 2m), Aws(2027, 9m)], new(year, 10, 1)));
        Assert.Equal(expected, $"{compared.AsOf} {compared.Public}");
    }

    [Fact]
    public void Totals_set_what_can_be_compared_beside_the_same_there_and_tell_the_rest()
    {
        const string odd =
            """{name: Odd, unit: pod-hour, rate: "7", counts: resource, per: hour, match: {kind: pod}}""";
        var month = Acme.Count(Acme.Books(Acme.Sheet()) with { Public = [Aws(2026, 2m)] }, new DailyTotal(
            Acme.Resource("vm-1"), Acme.Project, "egress", new(2026, 10, 3), 30));
        var hours = Acme.Rate(
            Acme.Books(Acme.Sheet($"{Acme.Vm}\n{odd}")), Acme.Ran("vm-1", Acme.At(1), Acme.At(1, 4)),
            Acme.Ran("pod-1", Acme.At(1), Acme.At(1, 2), kind: "pod"));
        var total = Assert.Single(PublicComparison.Totals(PublicComparison.Of(
            [.. month.Charges, .. hours.Charges], [Aws(2026, 2m)], Today)));
        Assert.Equal(
            ("AWS", "4.00 USD", "11.00 USD", 0.364m, "14.00 USD"),
            (total.Provider, $"{total.Here}", $"{total.There}", total.Share, $"{total.Incomparable}"));
    }

    private static readonly LocalDate Today = new(2026, 10, 1);

    private static PublicPrices Aws(int year, decimal price) =>
        new("AWS", "r", new(year, 1, 1), "", [new(null, 0.1m)])
        {
            Offers = [new(["VM"], "m5", price * 2, 2m, "alike")],
        };
}
