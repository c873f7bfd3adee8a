using Exchange.Metering;
using Exchange.Metering.Collectors;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>Bills of other clouds, and services that are made of others.</summary>
public class BeyondOneLandlord
{
    private static readonly PriceBooks Books = Acme.Books(Acme.Sheet(
        """{name: AWS, unit: USD, counts: meter, meter: cost_usd, model: pass-through, markup: "0.05", match: {kind: bill}}"""));

    private static FocusRow Row(
        string cost, string description, string? sub = "team", string service = "EC2", int month = 10, int day = 3) => new()
        {
            Landlord = Acme.Landlord,
            Cluster = Acme.Cluster,
            Provider = "AWS",
            BillingAccount = "acct",
            BillingPeriod = new BillingMonth(2026, month).Period,
            ChargePeriod = new(Acme.At(day), Acme.At(day + 1)),
            Category = "Usage",
            BilledCost = decimal.Parse(cost, null),
            Currency = "USD",
            Service = service,
            SubAccount = sub,
            Columns = new Dictionary<string, string> { ["ChargeDescription"] = description },
            Where = "bill.csv:2",
        };

    private static Rated Bill(PriceBooks books, params IEnumerable<FocusRow> rows)
    {
        var rater = new Rater(books, new(Acme.October));
        foreach (var row in rows)
        {
            rater.Add(row);
        }

        return rater.Finish();
    }

    [Fact]
    public void Costs_are_passed_on_with_a_markup_and_what_leaves_without_one()
    {
        var charges = Bill(
            Books, Row("10.004", "m5.large"), Row("-0.5", "credit"), Row("3.333", "USE1-DataTransfer-Out-Bytes"),
            Row("1", "USE1-DataTransfer-In-Bytes"), Row("7", "disk", null, "EBS"), Row("9", "September", month: 9))
            .Charges;
        Assert.Equal(
            "acct AWS EBS 7.35 USD 7.00 USD;team AWS EC2 11.03 USD 10.50 USD;" +
            "team AWS EC2, data that left 3.33 USD 3.33 USD",
            string.Join(';', charges.Select(c => $"{c.Project} {c.Sku} {c.Step} {c.Amount} {c.Bought!.Amount}")));
        Assert.All(charges, charge => Assert.Equal(charge.Amount, Money.Round(charge.Rate.Of(charge.Quantity))));
    }

    [Fact]
    public void A_service_that_is_called_data_transfer_is_passed_on_without_a_markup() => Assert.Equal(
        "9.00 USD 5.25 USD", string.Join(' ', Bill(
            Books, Row("9", "$0.09 per GB", service: "AWSDataTransfer"),
            Row("5", "USE1-DataTransfer-In-Bytes", service: "AWSDataTransfer")).Charges
            .OrderByDescending(c => c.Step, StringComparer.Ordinal).Select(c => c.Amount)));

    [Fact]
    public void Credits_alone_are_a_charge_below_nothing() =>
        Assert.Equal("-2.10 USD", Assert.Single(Bill(Books, Row("-2", "credit")).Charges).Amount.ToString());

    [Fact]
    public void Rows_whose_time_lies_outside_the_month_that_they_are_billed_with_count_in_it() => Assert.Equal(
        "5.25 USD", Bill(Books, Row("2", "late", day: -8), Row("3", "early", day: 40)).Total.ToString());

    [Fact]
    public void A_bill_that_nobody_passes_on_is_reported()
    {
        var unsold = Bill(Acme.Books(Acme.Sheet()), Row("4", "vm")).Unpriced;
        Assert.Equal("unpriced/no-sku bill EC2 4", string.Join(';', unsold.Select(
            u => $"{u.Reason} {u.Kind} {u.What} {Text.Of(u.Quantity)}")));
        Assert.Equal("unpriced/no-sheet", Assert.Single(Bill(Acme.Books(), Row("4", "vm")).Unpriced).Reason);
        var foreign = Bill(Books, Row("4", "vm") with { Currency = "EUR" });
        Assert.Equal(("unpriced/other-currency", 0), (Assert.Single(foreign.Unpriced).Reason, foreign.Charges.Count));
    }

    /// <summary>A meter that counts dollars is no bill, under any kind and by any sheet: nobody is billed for it.</summary>
    [Theory]
    [InlineData("kind: bill", "Bill")]
    [InlineData("kind: bill", "BILL")]
    [InlineData("kind: Bill", "bILL")]
    [InlineData("cluster: a1", "vm")]
    [InlineData("kind: [bill, bucket]", "bucket")]
    public void What_somebody_counts_in_dollars_is_not_passed_on(string match, string kind)
    {
        var rated = Acme.Count(
            Acme.Books(Acme.Sheet("{name: AWS, unit: USD, counts: meter, meter: cost_usd, model: pass-through, " +
                $"markup: \"0.05\", match: {{{match}}} }}")),
            new DailyTotal(Acme.Resource("x", kind), Acme.Project, "cost_usd", new(2026, 10, 3), 1000));
        Assert.Empty(rated.Charges);
        Assert.Equal("unpriced/no-sku", Assert.Single(rated.Unpriced).Reason);
    }

    [Fact]
    public void No_cost_of_a_bill_is_lost() => Prop.ForAll<int[]>(costs => Bill(Books, costs.Select(
            (cost, n) => Row($"{cost}", n % 3 == 0 ? "egress" : "vm", $"s{n % 4}", $"v{n % 2}")))
            .Charges.Sum(charge => charge.Quantity.Amount) == costs.Sum(cost => (decimal)cost))
        .Check(Draws.Properties());

    /// <summary>A proxy sells object storage; what it holds lies with two others, once with replicas.</summary>
    private static Rated Proxied(string? project, params (string Landlord, string Meter, int Day, decimal Quantity)[] totals)
    {
        var books = Acme.Books(
            Acme.Sheet("""
                {name: Objects, unit: GiB-hour, rate: "0.03", counts: meter, meter: storage_gib_hours, match: {kind: bucket}, wholesale: {rate: "0.02", behind: [{landlord: recex, meter: object_gib}, {landlord: torx, meter: object_gib}, {landlord: torx, meter: archive_gib}]}}
                """),
            SheetReader.Read(Acme.Yaml(more: "unbilled: [{match: {kind: held, meter: object_gib}, because: its front end sells it}]")
                .Replace("landlord: acme", "landlord: recex", StringComparison.Ordinal), "recex.yaml"),
            SheetReader.Read(Acme.Yaml(more: "unbilled: [{match: {kind: held, meter: [object_gib, archive_gib]}, because: its front end sells it}]")
                .Replace("landlord: acme", "landlord: torx", StringComparison.Ordinal), "torx.yaml"));
        var rater = new Rater(books, new(Acme.October)
        {
            Landlord = Acme.Landlord,
            Project = project is null ? null : new(project),
        });
        Assert.Null(rater.Needs.Landlord);
        foreach (var (landlord, meter, day, quantity) in totals)
        {
            rater.Add(new DailyTotal(
                new(new(landlord), Acme.Cluster, landlord == "acme" ? "bucket" : "held", "b"), Acme.Project, meter,
                new(2026, 10, day), quantity));
        }

        return rater.Finish();
    }

    [Fact]
    public void What_a_front_end_sold_is_owed_to_those_behind_it_by_what_they_measured()
    {
        var rated = Proxied(
            null, ("acme", "storage_gib_hours", 2, 600), ("acme", "storage_gib_hours", 3, 400),
            ("recex", "object_gib", 2, 40), ("torx", "object_gib", 2, 100), ("recex", "object_gib", 3, 20),
            ("torx", "archive_gib", 9, 40), ("torx", "other", 9, 5));
        Assert.Equal(
            "by recex 300 9.00 USD 6.00 USD recex;by torx 700 21.00 USD 14.00 USD torx",
            string.Join(';', rated.Charges.Select(c =>
                $"{c.Step} {Text.Of(c.Quantity.Amount)} {c.Amount} {c.Bought!.Amount} {c.Bought.Payee}")));
        Assert.Equal([], rated.Unpriced);
        Assert.Empty(Proxied("another", ("acme", "storage_gib_hours", 2, 600), ("recex", "object_gib", 2, 40)).Charges);
    }

    [Fact]
    public void What_nobody_behind_a_front_end_measured_is_owed_to_nobody_and_said() => Assert.Equal(
        "that nobody behind it measured 600 18.00 USD ", string.Join(';', Proxied(
            "p1", ("acme", "storage_gib_hours", 2, 600)).Charges.Select(c =>
                $"{c.Step} {Text.Of(c.Quantity.Amount)} {c.Amount} {c.Bought?.Amount}")));

    [Fact]
    public void Shares_add_up_to_what_the_front_end_metered() =>
        Prop.ForAll<PositiveInt, NonNegativeInt[]>((quantity, measured) => decimal.Round(Proxied(null,
        [
            ("acme", "storage_gib_hours", 5, quantity.Get / 8m),
            .. measured.Take(30).Select((m, n) => (n % 2 == 0 ? "recex" : "torx", "object_gib", 1 + n, (decimal)m.Get)),
        ]).Charges.Sum(c => c.Quantity.Amount), 20, MidpointRounding.ToEven) == quantity.Get / 8m)
        .Check(Draws.Properties());
}
