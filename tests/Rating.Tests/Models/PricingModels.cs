using Exchange.Metering;
using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>Each model in a sheet, by hand.</summary>
public class PricingModels
{
    private static string Sku(string model, string rate = "1", string unit = "h") =>
        $$"""{name: S, unit: {{unit}}, rate: "{{rate}}", counts: resource, per: hour, match: {kind: vm}, {{model}} }""";

    private static string Month(string sku, params int[] hours) => string.Join('\n', Acme.Rate(
        Acme.Books(Acme.Sheet(sku)), [.. hours.Select((h, n) => Acme.Ran(
            $"{n}", Acme.At(1), Acme.At(1) + Duration.FromHours(h), project: $"p{n + 1}"))])
        .Charges.Select(c => $"{c.Project} {c.Step ?? "all"}: {c.Quantity} {c.Amount}"));

    private const string Tiers =
        """tiers: [{up_to: "10", rate: "1"}, {up_to: "30", rate: "0.5"}, {rate: "0.1"}]""";

    [Theory]
    [InlineData(10, "p1 up to 10: 10 h 10.00 USD")]
    [InlineData(11, "p1 up to 10: 10 h 10.00 USD\np1 up to 30: 1 h 0.50 USD")]
    [InlineData(50, "p1 above 30: 20 h 2.00 USD\np1 up to 10: 10 h 10.00 USD\np1 up to 30: 20 h 10.00 USD")]
    public void Graduated_tiers_price_each_part_by_its_tier(int hours, string lines) =>
        Assert.Equal(lines, Month(Sku($"model: graduated, {Tiers}"), hours));

    [Theory]
    [InlineData(10, "p1 up to 10: 10 h 10.00 USD")]
    [InlineData(11, "p1 up to 30: 11 h 5.50 USD")]
    [InlineData(50, "p1 above 30: 50 h 5.00 USD")]
    public void Volume_tiers_price_all_by_the_tier_that_is_reached(int hours, string lines) =>
        Assert.Equal(lines, Month(Sku($"model: volume, {Tiers}"), hours));

    [Theory]
    [InlineData(1, "p1 all: 1 h 3.00 USD")]
    [InlineData(100, "p1 all: 1 h 3.00 USD")]
    [InlineData(101, "p1 all: 2 h 6.00 USD")]
    public void Packages_are_whole(int hours, string lines) =>
        Assert.Equal(lines, Month(Sku("model: package, size: \"100\"", "3"), hours));

    [Fact]
    public void Tiers_of_a_landlord_add_up_all_projects_and_share_each_step() => Assert.Equal(
        """
        p1 above 30: 5 h 0.50 USD
        p1 up to 10: 2.5 h 2.50 USD
        p1 up to 30: 5 h 2.50 USD
        p2 above 30: 5 h 0.50 USD
        p2 up to 10: 2.5 h 2.50 USD
        p2 up to 30: 5 h 2.50 USD
        p3 above 30: 10 h 1.00 USD
        p3 up to 10: 5 h 5.00 USD
        p3 up to 30: 10 h 5.00 USD
        """, string.Join('\n', Acme.Rate(
            Acme.Books(Acme.Sheet(Sku($"model: graduated, scope: landlord, {Tiers}"))),
            Acme.Ran("a", Acme.At(1), Acme.At(1) + Duration.FromMinutes(750)),
            Acme.Ran("b", Acme.At(1), Acme.At(1) + Duration.FromMinutes(750), project: "p2"),
            Acme.Ran("c", Acme.At(1), Acme.At(1) + Duration.FromHours(25), project: "p3"))
            .Charges.Select(c => $"{c.Project} {c.Step}: {c.Quantity} {c.Amount}")));

    [Fact]
    public void Tiers_of_a_PI_add_up_their_projects()
    {
        var books = Acme.Books(Acme.Sheet(Sku($"model: volume, scope: pi, {Tiers}")));
        var request = new RateRequest(Acme.October)
        {
            PiOf = (_, project, _) => project.Value == "p3" ? null : new PiId("ada@bu.edu"),
        };
        Assert.Equal("p1 6 3.00 USD;p2 6 3.00 USD;p3 6 6.00 USD", string.Join(';', Acme.Rate(
            books, request, ((string[])["p1", "p2", "p3"]).Select(project => Acme.Ran(
                project, Acme.At(1), Acme.At(1, 6), project: project)))
            .Charges.Select(c => $"{c.Project} {Text.Of(c.Quantity.Amount)} {c.Amount}")));
    }

    [Theory]
    [InlineData("pi", "p2 6 3.00 USD")]
    [InlineData("landlord", "p2 6 0.60 USD")]
    [InlineData("project", "p2 6 6.00 USD")]
    public void One_project_alone_has_the_tiers_that_it_has_with_all_others(string scope, string charge)
    {
        var rater = new Rater(Acme.Books(Acme.Sheet(Sku($"model: volume, scope: {scope}, {Tiers}"))), new(Acme.October)
        {
            Project = new("p2"),
            PiOf = (_, project, _) => new PiId(project.Value is "p1" or "p2" ? "ada@bu.edu" : "eve@bu.edu"),
        });
        Segment[] usage = [.. Enumerable.Range(1, 6).Select(n => Acme.Ran(
            $"{n}", Acme.At(1), Acme.At(1, 6), project: $"p{n}"))];
        Array.ForEach(usage, segment =>
        {
            if (rater.Needs.Project is not { } only || only == segment.Project)
            {
                rater.Add(segment);
            }
        });
        Assert.Equal(scope == "project", rater.Needs.Project is not null);
        Assert.Equal(charge, string.Join(';', rater.Finish().Charges.Select(
            c => $"{c.Project} {Text.Of(c.Quantity.Amount)} {c.Amount}")));
    }

    [Theory]
    [InlineData(1, "p1 all: 1 h 1.00 USD\np1 up to the minimum: 1 month 4.00 USD")]
    [InlineData(5, "p1 all: 5 h 5.00 USD")]
    public void A_minimum_charge_is_filled_up_to(int hours, string lines) =>
        Assert.Equal(lines, Month(Sku("minimum_charge: \"5\""), hours));

    /// <summary>
    /// An hour at 1.00 on each side of the 16th, and at least 5.00 in the month: 1.50 are missing on each side. It was
    /// asked for by each sheet, 10.00 in all.
    /// </summary>
    [Theory]
    [InlineData("5", "1 h 1.00;1 month 1.50;1 h 1.00;1 month 1.50")]
    [InlineData("3", "1 h 1.00;1 month 0.50;1 h 1.00;1 month 0.50")]
    [InlineData("0.05", "1 h 1.00;1 h 1.00")]
    public void A_minimum_charge_is_of_the_month_whatever_sheets_hold_in_it(string later, string charges) =>
        Assert.Equal(charges, string.Join(';', Acme.Rate(
            Acme.Books(
                Acme.Sheet(Sku("minimum_charge: \"5\"")),
                Acme.Sheet(Sku($"minimum_charge: \"{later}\""), "2026-10-16T00:00:00Z")),
            [Acme.Ran("1", Acme.At(1), Acme.At(1, 1)), Acme.Ran("1", Acme.At(20), Acme.At(20, 1))]).Charges
            .OrderBy(charge => charge.Sheet, StringComparer.Ordinal).ThenBy(charge => charge.Quantity.Unit.Name,
                StringComparer.Ordinal)
            .Select(charge => $"{Text.Of(charge.Quantity.Amount)} {charge.Quantity.Unit} {charge.Amount.Plain}")));

    /// <summary>Where all was free, each sheet has as much of the minimum as it has days of the month: 15 and 16.</summary>
    [Fact]
    public void A_minimum_charge_of_what_is_free_is_shared_by_the_days_of_the_month() => Assert.Equal(
        "1 h 0.00;1 month 15.00;1 h 0.00;1 month 16.00", string.Join(';', Acme.Rate(
            Acme.Books(
                Acme.Sheet(Sku("minimum_charge: \"31\"", "0")),
                Acme.Sheet(Sku("minimum_charge: \"31\"", "0"), "2026-10-16T00:00:00Z")),
            [Acme.Ran("1", Acme.At(1), Acme.At(1, 1)), Acme.Ran("1", Acme.At(20), Acme.At(20, 1))]).Charges
            .OrderBy(charge => charge.Sheet, StringComparer.Ordinal).ThenBy(charge => charge.Quantity.Unit.Name,
                StringComparer.Ordinal)
            .Select(charge => $"{Text.Of(charge.Quantity.Amount)} {charge.Quantity.Unit} {charge.Amount.Plain}")));

    [Fact]
    public void A_minimum_charge_of_parts_of_a_cent_is_refused() => Assert.Contains(
        "whole cents", Assert.Throws<RefusedException>(
            () => Acme.Sheet(Sku("minimum_charge: \"5.005\""))).Refusal.Message, StringComparison.Ordinal);

    private const string Promised =
        """model: commitment, commitments: [{project: p1, quantity: "100", rate: "0.4"}]""";

    [Theory]
    [InlineData(60, "p1 committed: 100 h 40.00 USD")]
    [InlineData(130, "p1 above the commitment: 30 h 30.00 USD\np1 committed: 100 h 40.00 USD")]
    public void A_commitment_is_paid_used_or_not_and_more_costs_more(int hours, string lines) =>
        Assert.Equal(lines, Month(Sku(Promised), hours));

    [Fact]
    public void A_commitment_is_paid_in_a_month_without_usage_and_binds_nobody_else()
    {
        Assert.Equal("p1 committed: 100 h 40.00 USD", Month(Sku(Promised)));
        Assert.Equal("p1 committed: 100 h 40.00 USD\np2 all: 3 h 3.00 USD", Month(Sku(Promised), 50, 3));
    }

    [Fact]
    public void A_sheet_that_holds_for_a_part_of_the_month_asks_for_that_part_of_a_commitment() => Assert.Equal(
        "acme/compute/2026-01-01#1 50 20.00 USD;acme/compute/2026-10-16T12:00:00Z#1 50 20.00 USD",
        string.Join(';', Acme.Rate(Acme.Books(
            Acme.Sheet(Sku(Promised)), Acme.Sheet(Sku(Promised), "2026-10-16T12:00:00Z"))).Charges
            .Select(c => $"{c.Sheet} {Text.Of(c.Quantity.Amount)} {c.Amount}")));

    [Fact]
    public void A_reservation_is_paid_for_its_time_used_or_not_and_covers_no_other()
    {
        const string Two =
            """model: reservation, reservations: [{project: p1, count: "2", rate: "0.3", from: 2026-10-31, until: 2027-10}]""";
        Assert.Equal("p1 reserved 2 from 2026-10-31: 48 h 14.40 USD", Month(Sku(Two)));
        Assert.Equal(
            "p1 above the reservation: 50 h 50.00 USD\np1 reserved 2 from 2026-10-31: 48 h 14.40 USD",
            Month(Sku(Two), 50));
    }

    [Fact]
    public void A_cost_is_passed_on_with_its_markup()
    {
        var books = Acme.Books(Acme.Sheet(
            """{name: Cloud, unit: USD, counts: meter, meter: cost_usd, model: pass-through, markup: "0.05", match: {kind: bill}}"""));
        Assert.Equal("p1 Cloud 1234.567 USD 1296.30 USD", Acme.Count(books, new DailyTotal(
            Acme.Resource("b", "bill"), Acme.Project, "cost_usd", new(2026, 10, 2), 1234.567m)).Show());
    }

    [Fact]
    public void One_usage_is_rated_twice_where_a_landlord_sells_what_is_anothers()
    {
        var charge = Assert.Single(Acme.Rate(
            Acme.Books(Acme.Sheet(Sku("wholesale: {payee: lenovo, rate: \"0.8\"}", "2.078"))),
            Acme.Ran("a", Acme.At(1), Acme.At(11))).Charges);
        Assert.Equal(
            ("498.72 USD", "192.00 USD lenovo"),
            ($"{charge.Amount}", $"{charge.Bought!.Amount} {charge.Bought.Payee}"));
    }

    /// <summary>Clocks go back on 1 November 2026 in New York: that Sunday has 25 hours, 8 March only 23.</summary>
    [Theory]
    [InlineData("2026-11-01T04:00:00Z", 25, "night 7, weekend 18")]
    [InlineData("2026-03-08T05:00:00Z", 23, "night 5, weekend 18")]
    [InlineData("2026-10-30T04:00:00Z", 24, "all 10, day 8, night 6")]
    public void Hours_of_the_day_are_those_of_the_wall_clock(string from, int hours, string quantities)
    {
        const string Hours = """
            model: time-of-day, time_zone: America/New_York, hours: [
              {name: night, days: [mon, tue, wed, thu, fri, sat, sun], from: "00:00", until: "06:00", rate: "0.1"},
              {name: day, days: [mon, tue, wed, thu, fri], from: "09:00", until: "17:00", rate: "3"},
              {name: weekend, days: [sat, sun], from: "06:00", until: "24:00", rate: "0.5"}]
            """;
        var start = Text.Instant(from);
        var rated = Acme.Rate(
            Acme.Books(Acme.Sheet(Sku(Hours.Replace("\n", " ", StringComparison.Ordinal)))),
            new RateRequest(BillingMonth.Of(start)),
            Acme.Ran("a", start, start + Duration.FromHours(hours)));
        Assert.Equal(quantities, string.Join(", ", rated.Charges.Select(
            c => $"{c.Step ?? "all"} {Text.Of(c.Quantity.Amount)}").Order(StringComparer.Ordinal)));
    }

    [Fact]
    public void Time_is_split_as_a_walk_minute_by_minute_would()
    {
        var zone = DateTimeZoneProviders.Tzdb["America/New_York"];
        var model = new TimeOfDay(zone, [
            new("a", [IsoDayOfWeek.Sunday, IsoDayOfWeek.Monday], new(1, 30), new(7, 15), 1),
            new("b", [IsoDayOfWeek.Sunday, IsoDayOfWeek.Saturday], new(0, 0), LocalTime.Midnight, 2),
        ]);
        foreach (var start in (Instant[])[
            Instant.FromUtc(2026, 10, 31, 0, 7), Instant.FromUtc(2026, 3, 7, 0, 0), Instant.FromUtc(2026, 6, 1, 3, 3)])
        {
            var end = start + Duration.FromHours(71);
            var naive = new Dictionary<string, long>();
            for (var minute = start; minute < end; minute += Duration.FromMinutes(1))
            {
                var local = minute.InZone(zone).LocalDateTime;
                var name = model.Hours.FirstOrDefault(hours => hours.Holds(local))?.Name ?? "";
                naive[name] = naive.GetValueOrDefault(name) + 1;
            }

            Assert.Equal(
                naive.OrderBy(n => n.Key), model.Split(start.ToUnixTimeTicks(), end.ToUnixTimeTicks())
                    .GroupBy(part => part.Hours?.Name ?? "").Select(of => KeyValuePair.Create(
                        of.Key, of.Sum(part => part.End - part.Start) / NodaConstants.TicksPerMinute))
                    .OrderBy(n => n.Key));
        }
    }
}
