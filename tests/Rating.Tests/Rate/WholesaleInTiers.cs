using Exchange.Metering;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// A proxy buys of two stores, of each in tiers of its own: what it buys for all of its customers together decides the
/// tier, customers pay the retail price, and no cent is lost.
/// </summary>
public class WholesaleInTiers
{
    private const string First = """[{up_to: "1000", rate: "0.02"}, {up_to: "5000", rate: "0.015"}, {rate: "0.01"}]""";
    private static readonly (string Payee, (decimal UpTo, decimal Rate)[] Tiers)[] Agreed =
    [
        ("recex", [(1000, 0.02m), (5000, 0.015m), (decimal.MaxValue, 0.01m)]),
        ("torx", [(300, 0.018m), (decimal.MaxValue, 0.0125m)]),
    ];

    private const string Second = """[{up_to: "300", rate: "0.018"}, {rate: "0.0125"}]""";

    /// <summary>
    /// Team a stores 1,800 GiB-hours and team b 2,200, each a quarter with recex: 1,000 at recex cost 20.00, and 3,000
    /// at torx 300 × 0.018 + 2,700 × 0.0125 = 39.15. Of these a bears 9.00 and 17.62, b 11.00 and 21.53.
    /// </summary>
    [Fact]
    public void What_is_bought_for_all_customers_together_is_priced_by_each_stores_own_tiers()
    {
        var charges = Rate(null, ("a", 1800, 25, 75), ("b", 2200, 1, 3));
        Assert.Equal(
            ["a recex 13.50 USD 9.00 USD", "a torx 40.50 USD 17.62 USD", "b recex 16.50 USD 11.00 USD",
                "b torx 49.50 USD 21.53 USD"],
            charges.Select(one => $"{one.Project} {one.Bought!.Payee} {one.Amount} {one.Bought.Amount}"));
        Assert.Equal(
            charges.Where(one => one.Project.Value == "b"), Rate("b", ("a", 1800, 25, 75), ("b", 2200, 1, 3)));
    }

    /// <summary>Whatever is stored: each store gets what its tiers come to, rounded once, and nobody pays more for it.</summary>
    [Fact]
    public void Each_store_gets_what_its_tiers_come_to_and_customers_pay_the_retail_price() => Prop.ForAll(
        (from quantity in Gen.Choose(1, 9_000)
         from recex in Gen.Choose(0, 5)
         from torx in Gen.Choose(0, 5)
         select (quantity, recex, torx)).ListOf().Where(list => list.Count is > 0 and < 9).ToArbitrary(), stored =>
    {
        var asked = stored.Select((one, n) =>
            ($"p{n}", one.quantity / 8m, (decimal)one.recex, (decimal)one.torx)).ToArray();
        var tiered = Rate(null, asked);
        Assert.Equal(
            Rate("", "", null, asked).Select(one => (one.Id, one.Amount)),
            tiered.Select(one => (one.Id, one.Amount)));
        foreach (var (payee, tiers) in Agreed)
        {
            var of = tiered.Where(one => one.Bought?.Payee == payee).ToList();
            var (left, from, cost) = (decimal.Round(of.Sum(one => one.Quantity.Amount), 18, MidpointRounding.ToEven), 0m, 0m);
            foreach (var (upTo, rate) in tiers)
            {
                var part = Math.Min(left, upTo - from);
                (left, from, cost) = (left - part, upTo, cost + (part * rate));
            }

            Assert.Equal(Money.Round(decimal.Round(cost, 12, MidpointRounding.ToEven)), Money.Sum(of.Select(one => one.Bought!.Amount)));
        }
    }).Check(Draws.Properties());

    [Theory]
    [InlineData("{payee: harvard, tiers: [{up_to: \"5\", rate: \"0.02\"}, {rate: \"0.01\"}]}", "")]
    [InlineData("{payee: harvard, rate: \"0.01\", tiers: [{rate: \"0.02\"}]}", "a rate or tiers, not both")]
    [InlineData("{payee: harvard}", "rate")]
    [InlineData("{payee: harvard, rate: \"0.01\", tiers: []}", "Write one tier or more, like [{up_to:")]
    [InlineData("{behind: [{landlord: torx, meter: object_gib, tiers: []}]}", "or left out")]
    [InlineData("{behind: [{landlord: torx, meter: object_gib, tiers: [{rate: \"0.01\"}]}, {landlord: recex, meter: object_gib}]}", "rate")]
    [InlineData("{payee: harvard, tiers: [{up_to: \"5\", rate: \"0.02\"}, {up_to: \"4\", rate: \"0.01\"}]}", "up_to")]
    [InlineData("{payee: harvard, tiers: [{rate: \"0.05\"}]}", "each one loses 0.02.")]
    [InlineData("{payee: harvard, tiers: [{rate: \"-1\"}]}", "below 0")]
    public void A_sheet_says_a_rate_or_tiers_of_each_and_sells_above_the_first(string wholesale, string wrong)
    {
        var yaml = Acme.Yaml("{name: O, unit: GiB-hour, rate: \"0.03\", counts: meter, meter: storage_gib_hours, " +
            $"match: {{kind: bucket}}, wholesale: {wholesale} }}");
        string said;
        try
        {
            said = string.Join(' ', SheetChecks.Alone(SheetReader.Read(yaml, "acme.yaml"))
                .Where(one => one.Code == "prices/below-wholesale").Select(one => one.Message));
        }
        catch (RefusedException e)
        {
            said = e.Refusal.Message;
        }

        Assert.True(wrong.Length == 0 ? said.Length == 0 : said.Contains(wrong, StringComparison.Ordinal), said);
    }

    private static IReadOnlyList<Charge> Rate(
        string? project, params (string Project, decimal Quantity, decimal Recex, decimal Torx)[] stored) =>
        Rate($", tiers: {First}", $", tiers: {Second}", project, stored);

    private static IReadOnlyList<Charge> Rate(
        string recex, string torx, string? project,
        params (string Project, decimal Quantity, decimal Recex, decimal Torx)[] stored)
    {
        var rater = new Rater(
            Acme.Books(Acme.Sheet(
                "{name: Objects, unit: GiB-hour, rate: \"0.03\", counts: meter, meter: storage_gib_hours, " +
                "match: {kind: bucket}, wholesale: {rate: \"0.02\", behind: [" +
                $"{{landlord: recex, meter: object_gib{recex} }}, {{landlord: torx, meter: object_gib{torx} }}] }} }}")),
            new(Acme.October) { Landlord = Acme.Landlord, Project = project is null ? null : new(project) });
        foreach (var one in stored)
        {
            Count(one.Project, "acme", "storage_gib_hours", one.Quantity);
            Count(one.Project, "recex", "object_gib", one.Recex);
            Count(one.Project, "torx", "object_gib", one.Torx);
        }

        return rater.Finish().Charges;

        void Count(string of, string landlord, string meter, decimal quantity) => rater.Add(new DailyTotal(
            new(new(landlord), Acme.Cluster, landlord == "acme" ? "bucket" : "held", $"b-{of}"), new(of), meter,
            new(2026, 10, 2), quantity));
    }
}
