using Exchange.Metering.Collectors;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>Bills of other clouds, services that are made of others, and who learns of whom.</summary>
public class BeyondOneLandlord
{
    private static FocusRow Row(string cost, string description, string? sub = "team", string service = "EC2") => new()
    {
        Provider = "AWS",
        BillingAccount = "acct",
        BillingPeriod = Acme.October.Period,
        ChargePeriod = Acme.October.Period,
        Category = "Usage",
        BilledCost = decimal.Parse(cost, null),
        Currency = "USD",
        Service = service,
        SubAccount = sub,
        Columns = new Dictionary<string, string> { ["ChargeDescription"] = description },
        Where = "bill.csv:2",
    };

    [Fact]
    public void Costs_are_passed_on_with_a_markup_and_what_leaves_without_one()
    {
        var charges = FederatedBill.Charges(
        [
            Row("10.004", "m5.large"), Row("-0.5", "credit"), Row("3.333", "USE1-DataTransfer-Out-Bytes"),
            Row("1", "USE1-DataTransfer-In-Bytes"), Row("7", "disk", null, "EBS"),
        ], Acme.October, 0.05m);
        Assert.Equal(
            "acct EBS 7.35 USD 7.00 USD;team EC2 11.03 USD 10.50 USD;team EC2: data that left 3.33 USD 3.33 USD",
            string.Join(';', charges.Select(c => $"{c.Project} {c.Sku} {c.Amount} {c.Bought!.Amount}")));
        Assert.All(charges, charge => Assert.Equal(charge.Amount, Money.Round(charge.Rate.Of(charge.Quantity))));
    }

    [Fact]
    public void No_cost_of_a_bill_is_lost() => Prop.ForAll<int[]>(costs => FederatedBill.Charges(
            costs.Select((cost, n) => Row($"{cost}", n % 3 == 0 ? "egress" : "vm", $"s{n % 4}", $"v{n % 2}")),
            Acme.October, 0).Sum(charge => charge.Quantity.Amount) == costs.Sum(cost => (decimal)cost))
        .QuickCheckThrowOnFailure();

    [Fact]
    public void What_a_front_end_metered_falls_to_those_behind_it_whole() =>
        Prop.ForAll<PositiveInt, NonNegativeInt[]>((quantity, measured) =>
        {
            var whole = quantity.Get / 7m;
            var shares = CompositeUsage.Split(
                whole, [.. measured.Select((m, n) => new BackEnd(new($"l{n % 3}"), m.Get))]);
            return shares.Sum(share => share.Quantity) == whole && shares.All(share => share.Quantity >= 0) &&
                (measured.Sum(m => (long)m.Get) > 0 || shares.Single().Landlord is null);
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Shares_follow_what_was_measured() => Assert.Equal(
        "recex 30;torx 70", string.Join(';', CompositeUsage.Split(
            100, [new(new("torx"), 140), new(new("recex"), 40), new(new("recex"), 20)])
            .Select(share => $"{share.Landlord} {Text.Of(share.Quantity)}")));

    [Fact]
    public void Two_landlords_cannot_find_out_that_they_have_the_same_customer()
    {
        byte[] secret = [1, 2, 3];
        string Name(string landlord, string customer) => Pseudonym.Of(secret, new(landlord), customer);
        Assert.Equal(Name("a", "ada"), Name("a", "ada"));
        string[] names = [Name("a", "ada"), Name("b", "ada"), Name("a", "eve"), Name("aa", "da"), Name("1:a", "ada")];
        Assert.Equal(names.Length, names.Distinct().Count());
        Assert.NotEqual(Name("a", "ada"), Pseudonym.Of([1, 2, 4], new("a"), "ada"));
    }
}
