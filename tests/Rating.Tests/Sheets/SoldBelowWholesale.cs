using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>An intermediary is told at publication that it sells for less than it pays, by whatever price of the SKU.
/// </summary>
public class SoldBelowWholesale
{
    private const string Paid = "wholesale: {payee: harvard, rate: \"0.8\"}";
    private const string Shared = "wholesale: {rate: \"0.1\", behind: [{landlord: torx, meter: object_gib}, {landlord: recex, meter: object_gib, rate: \"0.8\"}]}";

    [Theory]
    [InlineData("rate: \"0.79\"", Paid, "0.01")]
    [InlineData("rate: \"0\"", Paid, "0.8")]
    [InlineData("model: graduated, tiers: [{up_to: \"100\", rate: \"1\"}, {rate: \"0.5\"}]", Paid, "0.3")]
    [InlineData("model: volume, tiers: [{up_to: \"100\", rate: \"1\"}, {rate: \"0.7\"}]", Paid, "0.1")]
    [InlineData("rate: \"1\", model: commitment, commitments: [{project: p1, quantity: \"9\", rate: \"0.6\"}]", Paid, "0.2")]
    [InlineData("rate: \"0.7\", model: package, size: \"10\"", Paid, "0.1")]
    [InlineData("rate: \"0.75\"", Shared, "0.05")]
    public void It_is_refused_with_the_loss_unless_the_sheet_says_why(string price, string wholesale, string loss)
    {
        var refusal = Assert.Single(Refusals(price, wholesale));
        Assert.Contains($"each one loses {loss}.", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(Refusals($"{price}, below_wholesale: a course for students", wholesale));
    }

    [Theory]
    [InlineData("rate: \"0.8\"", Paid)]
    [InlineData("rate: \"0.8\"", Shared)]
    [InlineData("rate: \"0.01\"", "otherwise: false")]
    public void Who_sells_at_or_above_it_is_asked_nothing(string price, string wholesale) =>
        Assert.Empty(Refusals(price, wholesale));

    [Fact]
    public void Nobody_behind_has_two_rates_and_what_is_agreed_is_not_for_all_to_see()
    {
        var twice = Shared.Replace("torx", "recex", StringComparison.Ordinal);
        Assert.Contains("one rate for all meters of 'recex'", Assert.Throws<RefusedException>(
            () => Read("rate: \"1\"", twice)).Refusal.Message, StringComparison.Ordinal);
        var yaml = Yaml("rate: \"0.5\", below_wholesale: a secret", Paid);
        Assert.DoesNotContain("secret", SharedSheet.Of(
            new(SheetReader.Read(yaml, "acme.yaml"), 1, yaml, "", "", Acme.At(1)), _ => true), StringComparison.Ordinal);
    }

    private static List<Refusal> Refusals(string price, string wholesale) =>
        [.. SheetChecks.Alone(Read(price, wholesale)).Where(refusal => refusal.Code == "prices/below-wholesale")];

    private static PriceSheet Read(string price, string wholesale) => SheetReader.Read(Yaml(price, wholesale), "acme.yaml");

    private static string Yaml(string price, string wholesale) => Acme.Yaml(
        $"{{name: O, unit: GiB-hour, counts: meter, meter: storage_gib_hours, match: {{kind: bucket}}, {price}, {wholesale} }}");
}
