using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>Whoever a sheet pays must be somebody whom the exchange can pay.</summary>
public class PayeesExist
{
    private static readonly PricingText Broker = new("broker.yaml", Acme.Yaml(
        Acme.Vm.Replace("per: hour", "per: hour, wholesale: {payee: harvard, rate: \"0.5\"}", StringComparison.Ordinal)));

    private static readonly PricingText Front = new("front.yaml", Acme.Yaml(
        """{name: O, unit: GiB-hour, rate: "1", counts: meter, meter: storage_gib_hours, match: {kind: bucket}, wholesale: {rate: "0.5", behind: [{landlord: harvard, meter: object_gib}, {landlord: nobody, meter: object_gib}]} }""",
        """{name: a bucket, usage: [{kind: bucket, meter: storage_gib_hours, quantity: "1"}], total: "1.00"}""",
        service: "objects"));

    private static string[] Codes(IEnumerable<Refusal> refusals) => [.. refusals.Select(refusal => refusal.Code)];

    [Fact]
    public void A_payee_whom_nobody_knows_is_refused()
    {
        Assert.Equal(["prices/unknown-payee"], Codes(Publication.Check([Broker]).Refusals));
        var unknown = Assert.Single(Publication.Check([Front], [new("harvard")]).Refusals);
        Assert.Contains("'nobody'", unknown.Message, StringComparison.Ordinal);
        Assert.Empty(Publication.Check([Broker], [new("harvard")]).Refusals);
    }

    [Fact]
    public void A_landlord_with_a_sheet_is_known()
    {
        var harvard = new PricingText("harvard.yaml", Acme.Yaml().Replace("landlord: acme", "landlord: harvard", StringComparison.Ordinal));
        Assert.Empty(Publication.Check([Broker, harvard]).Refusals);
    }

    [Fact]
    public void Nobody_buys_of_themselves() => Assert.Equal(["prices/pays-itself"], Codes(Publication.Check(
        [Broker with { Yaml = Broker.Yaml.Replace("payee: harvard", "payee: acme", StringComparison.Ordinal) }]).Refusals));
}
