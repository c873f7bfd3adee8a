using Exchange.Metering.Collectors;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>Bills of other clouds, services that are made of others, and who learns of whom.</summary>
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

    [Fact]
    public void No_cost_of_a_bill_is_lost() => Prop.ForAll<int[]>(costs => Bill(Books, costs.Select(
            (cost, n) => Row($"{cost}", n % 3 == 0 ? "egress" : "vm", $"s{n % 4}", $"v{n % 2}")))
            .Charges.Sum(charge => charge.Quantity.Amount) == costs.Sum(cost => (decimal)cost))
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
