using Exchange.Metering;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// What one landlord publishes and reports keeps nobody's month from being rated. Seen to fail: a rate of a million
/// dollars and a count of a trillion were both taken, and from then on the month of every landlord threw.
/// </summary>
public class ChargesHaveABound
{
    private static PriceSheet Published(string sku) => SheetReader.ReadPublished(
        Acme.Yaml($"{Acme.Vm}\n{sku}"), "acme.yaml");

    private static DailyTotal Counted(decimal quantity, string meter = "ops", string kind = "bucket", int day = 1) =>
        new(Acme.Resource("b", kind), new("p9"), meter, new(2026, 10, day), quantity);

    [Theory]
    [InlineData("1000000", "999999999999", "")]
    [InlineData("999999999999999", "1", "")]
    [InlineData("999999999999999", "999999999999.999999999999", "")]
    [InlineData("0.01", "100000000001", "")]
    [InlineData("0.0000000000000000000000000001", "999999999999", ", divide_by: \"0.0000000000000000000000000001\"")]
    [InlineData("0", "999999999999", ", divide_by: \"0.0000000000000000000000000001\"")]
    [InlineData("0.01", "1000000", ", minimum_charge: \"999999999999999\"")]
    [InlineData("0.01", "1000000", ", wholesale: {payee: other, rate: \"999999999999999\"}")]
    [InlineData("0.01", "1000000",
        ", wholesale: {payee: other, tiers: [{up_to: \"5\", rate: \"1\"}, {rate: \"999999999999999\"}]}")]
    public void A_line_beyond_it_is_told_and_all_others_are_billed(string rate, string quantity, string more)
    {
        var books = Acme.Books(Published($$"""
            {name: Ops, unit: op, rate: "{{rate}}", counts: meter, meter: ops, match: {kind: bucket} {{more}}}
            """));
        var rater = new Rater(books, new(Acme.October));
        rater.Add(Acme.Ran("a", Acme.At(1), Acme.At(2)));
        rater.Add(Counted(Text.Number(quantity)));
        var rated = rater.Finish();
        Assert.Contains("p1 VM 24 vm-hour 24.00 USD", rated.Show(), StringComparison.Ordinal);
        var unpriced = Assert.Single(rated.Unpriced);
        Assert.Equal(("unpriced/too-much", "p9", "Ops"), (unpriced.Reason, unpriced.Project.Value, unpriced.What));
        Assert.All(rated.Charges, charge => Assert.InRange(charge.Amount.Cents, 0, 100_000_000_000));
    }

    /// <summary>Seen by reading: the first step was billed as if it were all of the line.</summary>
    [Fact]
    public void A_line_of_which_one_step_is_beyond_it_has_no_charge()
    {
        var books = Acme.Books(Published("{name: Ops, unit: op, counts: meter, meter: ops, match: {kind: bucket}, " +
            "model: graduated, tiers: [{up_to: \"10\", rate: \"1\"}, {rate: \"999999999999\"}]}"));
        var rated = Acme.Count(books, Counted(1_000_000));
        Assert.Equal("unpriced/too-much", Assert.Single(rated.Unpriced).Reason);
        Assert.Empty(rated.Charges);
    }

    /// <summary>A dear tier that is not used, of what is bought, keeps nothing from being billed.</summary>
    [Fact]
    public void What_is_bought_is_billed_where_a_dear_tier_is_not_used()
    {
        var books = Acme.Books(Published("{name: Ops, unit: op, rate: \"0.000001\", counts: meter, meter: ops, " +
            "match: {kind: bucket}, wholesale: {payee: other, tiers: [{up_to: \"1000\", rate: \"0.01\"}, " +
            "{rate: \"0.0000005\"}]}}"));
        Assert.Equal("p9 Ops 200000000000 op 200000.00 USD", Acme.Count(books, Counted(200_000_000_000)).Show());
    }

    [Fact]
    public void What_comes_to_it_exactly_is_billed()
    {
        var books = Acme.Books(Published("""
            {name: Ops, unit: op, rate: "0.01", counts: meter, meter: ops, match: {kind: bucket} }
            """));
        Assert.Equal(
            "p9 Ops 100000000000 op 1000000000.00 USD", Acme.Count(books, Counted(100_000_000_000)).Show());
    }

    [Fact]
    public void What_leaves_is_told_where_it_would_have_cost_more_than_there_is()
    {
        var rated = Acme.Count(Acme.Books(Acme.Sheet()), Counted(9_000_000_000_000_000_000m, "egress_gib", "vm"));
        Assert.Equal("unpriced/too-much", Assert.Single(rated.Unpriced).Reason);
    }

    [Theory]
    [InlineData("rate: \"1000000000.01\"")]
    [InlineData("rate: \"1\", minimum_charge: \"1000000001\"")]
    [InlineData("rate: \"1\", wholesale: {payee: other, rate: \"2000000000\"}, below_wholesale: \"by mistake\"")]
    public void A_new_sheet_has_no_such_rate(string how)
    {
        var yaml = Acme.Yaml($"{{name: VM, unit: vm-hour, {how}, counts: resource, per: hour, match: {{kind: vm}}}}");
        Assert.Equal(
            "prices/too-high", Assert.Throws<RefusedException>(() => SheetReader.Read(yaml, "acme.yaml")).Refusal.Code);
        Assert.Single(SheetReader.ReadPublished(yaml, "acme.yaml").Skus);
    }

    /// <summary>The catalog of everybody compares a million units of each SKU with public lists.</summary>
    [Fact]
    public void A_price_that_no_million_of_can_be_paid_is_not_compared()
    {
        var sheet = SheetReader.ReadPublished(Acme.Yaml(Acme.Vm.Replace(
            "\"1\"", "\"999999999999999\"", StringComparison.Ordinal)), "acme.yaml");
        PublicPrices list = new("acloud", "east", new(2026, 1, 1), "a list", []);
        Assert.All(
            PublicComparison.Of([sheet], [list], new(2026, 10, 1)), one => Assert.Equal("not comparable", one.Verdict));
    }
}
