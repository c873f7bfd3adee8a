using Exchange.Metering;
using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>What a month of usage comes to, in cases that can be worked by hand.</summary>
public class RatingAMonth
{
    private static readonly PriceBooks Hourly = Acme.Books(Acme.Sheet());

    private static PriceSheet At(string rate, string from) => Acme.Sheet(
        Acme.Vm.Replace("\"1\"", $"\"{rate}\"", StringComparison.Ordinal), from);

    [Fact]
    public void Usage_outside_the_month_is_not_of_it() => Assert.Equal("p1 VM 744 vm-hour 744.00 USD", Acme.Rate(
        Hourly, Acme.Ran("a", Acme.At(1) - Duration.FromDays(5), Acme.At(40))).Show());

    [Fact]
    public void A_month_up_to_an_instant_cuts_what_is_open() => Assert.Equal("p1 VM 36 vm-hour 36.00 USD", Acme.Rate(
        Hourly, new RateRequest(Acme.October) { AsOf = Acme.At(2, 12) },
        Acme.Ran("a", Acme.At(1), Instant.MaxValue)).Show());

    [Fact]
    public void A_price_change_splits_usage_at_the_instant()
    {
        var books = Acme.Books(At("1", "2026-01"), At("3", "2026-10-15T06:30:00Z"));
        var rated = Acme.Rate(books, Acme.Ran("a", Acme.At(15, 6), Acme.At(15, 8)));
        Assert.Equal("p1 VM 0.5 vm-hour 0.50 USD\np1 VM 1.5 vm-hour 4.50 USD", rated.Show());
        Assert.Equal(
            ["acme/compute/2026-01-01#1", "acme/compute/2026-10-15T06:30:00Z#1"],
            rated.Charges.Select(charge => charge.Sheet));
        Assert.Equal(
            [new(Acme.At(1), Acme.At(15, 6, 30)), new(Acme.At(15, 6, 30), Acme.At(32))],
            rated.Charges.Select(charge => charge.Period.Clip(Acme.October.Period)!.Value));
    }

    [Fact]
    public void A_correction_takes_the_place_of_the_version_before()
    {
        var (wrong, right) = (At("1", "2026-01"), At("2", "2026-01"));
        var books = PriceBooks.Of([
            new(wrong, 1, "", "", "", Acme.At(1)), new(right, 2, "", "", "", Acme.At(2)),
        ]);
        var charge = Assert.Single(Acme.Rate(books, Acme.Ran("a", Acme.At(1), Acme.At(2))).Charges);
        Assert.Equal(("acme/compute/2026-01-01#2", new Money(4_800)), (charge.Sheet, charge.Amount));
    }

    [Fact]
    public void The_line_is_rounded_once_half_a_cent_up()
    {
        var books = Acme.Books(At("0.005", "2026-01"));
        Assert.Equal("p1 VM 1 vm-hour 0.01 USD", Acme.Rate(books, Acme.Ran("a", Acme.At(1), Acme.At(1, 1))).Show());
        Assert.Equal("p1 VM 2 vm-hour 0.01 USD", Acme.Rate(
            books, Acme.Ran("a", Acme.At(1), Acme.At(1, 1)), Acme.Ran("b", Acme.At(1), Acme.At(1, 1))).Show());
    }

    [Fact]
    public void A_third_of_an_hour_times_a_price_in_thirds_is_exact()
    {
        var second = Acme.Vm.Replace("\"1\"", "\"0.03\"", StringComparison.Ordinal);
        var books = Acme.Books(Acme.Sheet(second));
        var rated = Acme.Rate(books, Acme.Ran("a", Acme.At(1), Acme.At(1) + Duration.FromMinutes((80 * 60) + 50)));
        var charge = Assert.Single(rated.Charges);
        Assert.Equal(new Money(243), charge.Amount); // 80 5/6 h at 3 cents are 2.425 dollars exactly.
        Assert.Equal(charge.Amount, Money.Round(charge.Rate.Of(charge.Quantity)));
    }

    [Fact]
    public void Outages_count_once_however_they_overlap_and_those_without_an_end_last()
    {
        Outage Down(int from, int? until) => new(
            $"{from}", Acme.Landlord, [Acme.Cluster], Acme.At(3, from), until is { } end ? Acme.At(3, end) : null,
            ["corrected"]);
        var usage = Acme.Ran("a", Acme.At(3), Acme.At(3, 10));
        Assert.Equal("p1 VM 4 vm-hour 4.00 USD", Acme.Rate(
            Hourly with { Outages = [Down(2, 6), Down(4, 8)] }, usage).Show());
        Assert.Equal("p1 VM 7 vm-hour 7.00 USD", Acme.Rate(
            Hourly with { Outages = [Down(7, null), Down(8, 9)] }, usage).Show());
        Assert.Equal("p1 VM 10 vm-hour 10.00 USD", Acme.Rate(
            Hourly with { Outages = [Down(2, 6) with { Landlord = new("other") }] }, usage).Show());
        Assert.Equal("p1 VM 10 vm-hour 10.00 USD", Acme.Rate(
            Hourly with { Outages = [Down(2, 6)] }, new RateRequest(Acme.October, "nerc-compatible"), usage).Show());
    }

    [Fact]
    public void The_compatible_rules_subtract_overlapping_outages_twice_and_bill_those_of_the_last_day()
    {
        var sheet = Acme.Sheet(more: """
            policies:
              nerc-compatible: {outages_add_up: true, last_day_outages_billed: true}
            """);
        Outage Down(int day, int from, int until) => new(
            "x", Acme.Landlord, [Acme.Cluster], Acme.At(day, from), Acme.At(day, until),
            ["corrected", "nerc-compatible"]);
        var books = Acme.Books(sheet) with { Outages = [Down(3, 2, 6), Down(3, 4, 8), Down(31, 0, 5)] };
        Segment[] usage = [Acme.Ran("a", Acme.At(3), Acme.At(3, 10)), Acme.Ran("a", Acme.At(31), Acme.At(31, 5))];
        Assert.Equal("p1 VM 7 vm-hour 7.00 USD",
            Acme.Rate(books, new RateRequest(Acme.October, "nerc-compatible"), usage).Show());
        Assert.Equal("p1 VM 4 vm-hour 4.00 USD", Acme.Rate(books, usage).Show());
    }

    [Fact]
    public void A_minimum_is_for_each_resource_and_month()
    {
        var books = Acme.Books(Acme.Sheet("""
            {name: Board, unit: s, rate: "0.01", counts: resource, per: second, minimum: "10", match: {kind: vm}}
            """));
        Segment Job(string id, int second, int length) => Acme.Ran(
            id, Acme.At(1, 0, 0, second), Acme.At(1, 0, 0, second) + Duration.FromSeconds(length));
        Assert.Equal("p1 Board 10 s 0.10 USD", Acme.Rate(books, Job("a", 0, 4), Job("a", 8, 3)).Show());
        Assert.Equal("p1 Board 22 s 0.22 USD", Acme.Rate(books, Job("a", 0, 4), Job("b", 0, 12)).Show());
    }

    [Fact]
    public void A_project_is_a_line_and_so_is_each_SKU() => Assert.Equal(
        "p1 VM 1 vm-hour 1.00 USD\np2 VM 2 vm-hour 2.00 USD", Acme.Rate(
            Hourly, Acme.Ran("a", Acme.At(1), Acme.At(1, 2), project: "p2"), Acme.Ran("b", Acme.At(1), Acme.At(1, 1)))
            .Show());

    [Fact]
    public void What_has_no_price_is_told_with_the_reason_and_stopped_or_deleted_things_are_not()
    {
        var rated = Acme.Rate(
            Hourly, Acme.Ran("a", Acme.At(1), Acme.At(1, 2), kind: "lathe"),
            Acme.Ran("b", Acme.At(1) - Duration.FromDays(400), Acme.At(1), kind: "vm"),
            Acme.Ran("c", Acme.At(1), Acme.At(1, 2), kind: "lathe", state: ResourceState.Deleted));
        var unpriced = Assert.Single(rated.Unpriced);
        Assert.Equal(("unpriced/no-sku", 2m, "lathe"), (unpriced.Reason, unpriced.Quantity, unpriced.Kind));
        Assert.Empty(rated.Charges);
    }

    [Fact]
    public void Usage_that_does_not_say_what_is_counted_is_told()
    {
        var books = Acme.Books(Acme.Sheet("""
            {name: Disk, unit: GiB-hour, rate: "1", counts: dimension, dimension: storage_gib, per: hour,
                match: {kind: vm}}
            """));
        string Reason(string shape) => string.Join(' ', Acme.Rate(books, Acme.Ran("a", Acme.At(1), Acme.At(2), shape))
            .Unpriced.Select(u => u.Reason));
        Assert.Equal("unpriced/nothing-to-count", Reason("{}"));
        Assert.Equal("", Reason("""{"storage_gib":"0"}"""));
        Assert.Equal("unpriced/too-large", Reason("""{"storage_gib":"99999999999999999999"}"""));
    }

    /// <summary>Readings from before shapes had bounds are stored for ever; none of them is nothing.</summary>
    [Theory]
    [InlineData("999999999", "")]
    [InlineData("1000000001", "unpriced/too-large")]
    [InlineData("999999999999", "unpriced/too-large")]
    [InlineData("1000000000000", "unpriced/too-large")]
    [InlineData("1000000000000.5", "unpriced/too-large")]
    [InlineData("79228162514264337593543950335", "unpriced/too-large")]
    [InlineData("79228162514264337593543950336000", "unpriced/too-large")]
    [InlineData("-3", "unpriced/nothing-to-count")]
    [InlineData("many", "unpriced/nothing-to-count")]
    [InlineData("", "unpriced/nothing-to-count")]
    public void What_is_stored_and_cannot_be_counted_is_told_and_never_nothing(string said, string reason)
    {
        foreach (var counts in (string[])
            ["counts: dimension, dimension: iops", "counts: bundle, bundle: {iops: \"1\", vcpu: \"1\"}"])
        {
            var books = Acme.Books(Acme.Sheet(
                $$$"""{name: Disk, unit: h, rate: "0.01", {{{counts}}}, per: hour, match: {kind: vm}}"""));
            var shape = $$$"""{"iops":"{{{said}}}","vcpu":"1"}""";
            var rated = Acme.Rate(books, Acme.Ran("a", Acme.At(1), Acme.At(2), shape));
            Assert.Equal(reason, string.Join(' ', rated.Unpriced.Select(u => u.Reason)));
            Assert.Equal(reason.Length == 0 ? 1 : 0, rated.Charges.Count);
        }
    }

    [Fact]
    public void A_count_of_a_meter_is_charged_and_one_without_a_SKU_is_told()
    {
        var books = Acme.Books(Acme.Sheet($$"""
            {{Acme.Vm}}
            {name: Calls, unit: call, rate: "0.001", counts: meter, meter: requests, match: {kind: vm} }
            """));
        DailyTotal Counted(string meter, int day, decimal quantity) =>
            new(Acme.Resource("a"), Acme.Project, meter, new(2026, 10, day), quantity);
        var rated = Acme.Count(
            books, Counted("requests", 1, 700), Counted("requests", 31, 805), Counted("tokens", 2, 9),
            Counted("requests", 1, 1) with { Day = new(2026, 9, 30) });
        Assert.Equal("p1 Calls 1505 call 1.51 USD", rated.Show());
        Assert.Equal("tokens 9", string.Join(';', rated.Unpriced.Select(u => $"{u.What} {u.Quantity}")));
    }

    [Fact]
    public void Only_what_is_asked_for_is_rated()
    {
        Segment[] usage = [
            Acme.Ran("a", Acme.At(1), Acme.At(1, 1)), Acme.Ran("b", Acme.At(1), Acme.At(1, 1), project: "p2"),
        ];
        Assert.Equal("p2 VM 1 vm-hour 1.00 USD", Acme.Rate(
            Hourly, new RateRequest(Acme.October) { Project = new("p2") }, usage).Show());
        Assert.Equal("", Acme.Rate(Hourly, new RateRequest(Acme.October) { Cluster = new("b7") }, usage).Show());
        Assert.Equal("", Acme.Rate(Hourly, new RateRequest(Acme.October) { Landlord = new("x") }, usage).Show());
    }

    [Fact]
    public void Every_part_of_a_charge_is_explained()
    {
        var parts = new List<Contribution>();
        var rater = new Rater(Acme.Books(At("1", "2026-01"), At("3", "2026-10-15")), new(Acme.October), parts.Add);
        rater.Add(Acme.Ran("a", Acme.At(14), Acme.At(16)));
        rater.Add(Acme.Ran("b", Acme.At(14), Acme.At(15)));
        var rated = rater.Finish();
        Assert.Equal(["a", "a", "b"], parts.Select(part => part.Resource.Subject));
        Assert.Equal(
            rated.Charges.Select(charge => (charge.Id, charge.Quantity.Amount)),
            parts.GroupBy(part => part.ChargeId).Select(of => (
                of.Key, of.Sum(part => part.Count * (decimal)part.Period.Length.TotalTicks / 36_000_000_000m))));
    }

    /// <summary>A number whose last 32 bits begin with a one stopped the program.</summary>
    [Theory]
    [InlineData("3000000000", "3000.00 USD")]
    [InlineData("0.3333333333333333333333333333", "0.00 USD")]
    [InlineData("999999999999999", "1000000000.00 USD")]
    public void Counts_of_every_size_are_priced(string tokens, string amount) => Assert.EndsWith(amount, Acme.Count(
        Acme.Books(Acme.Sheet(
            """{name: Tokens, unit: token, rate: "0.000001", counts: meter, meter: tokens, match: {kind: api}}""")),
        new DailyTotal(Acme.Resource("b", "api"), Acme.Project, "tokens", new(2026, 10, 2),
            decimal.Parse(tokens, null)))
        .Show(), StringComparison.Ordinal);
}
