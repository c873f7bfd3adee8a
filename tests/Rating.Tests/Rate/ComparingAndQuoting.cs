using Exchange.Metering;
using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>What rules differ by, what a workload would cost, and how prices stand beside public ones.</summary>
public class ComparingAndQuoting
{
    private const string Cpu = """
        {name: CPU, unit: SU-hour, rate: "1", counts: bundle, bundle: {vcpu: "1", ram_mib: "4096"}, per: hour, match: {kind: vm}}
        """;

    private const string Both = """
        policies:
          corrected: {billable: [running, shelved], service_units: ceiling, quantities: line}
          nerc-compatible: {billable: [running, paused], service_units: floor, quantities: resource-hours, last_shape_for_all: true}
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
    public void A_quote_holds_the_prices_of_its_instant_and_shows_egress_at_nothing()
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
        Assert.Equal((new Money(216_000), new Money(500)), (offer.Total, offer.Avoided));
    }

    [Theory]
    [InlineData("0.40", "kept", "0.4")]
    [InlineData("0.50", "kept", "0.5")]
    [InlineData("0.51", "missed", "0.51")]
    public void The_promise_of_a_half_is_checked_for_each_SKU(string rate, string verdict, string share)
    {
        var books = Acme.Books(Acme.Sheet(Acme.Vm.Replace("\"1\"", $"\"{rate}\"", StringComparison.Ordinal)));
        var compared = Assert.Single(PublicComparison.Of(books.List(),
        [
            new("AWS", "r", new(2026, 1, 1), "", [new(null, 0.1m)]) { Offers = [new(["VM"], "m5", 2m, 2m, "alike")] },
        ]));
        Assert.Equal((verdict, share, "alike"), (compared.Verdict, Text.Of(compared.Share!.Value), compared.Assumes));
    }

    [Fact]
    public void What_has_no_like_is_not_compared()
    {
        var compared = Assert.Single(PublicComparison.Of(
            Acme.Books(Acme.Sheet()).List(), [new("AWS", "r", new(2026, 1, 1), "", [new(null, 0.1m)])]));
        Assert.Equal(("not comparable", null), (compared.Verdict, compared.Public));
    }
}
