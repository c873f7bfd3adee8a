using Exchange.Testing;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>A sheet is written with other prices: only these, its beginning and its examples' totals change.</summary>
public class SheetsWithOtherPrices
{
    public static TheoryData<string> Shipped => [.. Directory
        .EnumerateFiles(Product.File("pricing"), "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Where(file => File.ReadAllText(file).Contains("\nskus:", StringComparison.Ordinal))
        .Select(file => Path.GetRelativePath(Product.File("pricing"), file))];

    [Theory, MemberData(nameof(Shipped))]
    public void Each_shipped_sheet_with_other_prices_is_right_and_with_its_own_is_the_same_text(string name)
    {
        var yaml = File.ReadAllText(Product.File($"pricing/{name}")).ReplaceLineEndings("\n");
        var was = SheetReader.Read(yaml, name);
        var prices = RepricedSheet.Prices(yaml);
        var same = RepricedSheet.Write(yaml, BillingMonth.Of(was.From), [.. prices.Select(price => price.Rate)]);
        Assert.Equal(WithoutDay(yaml), WithoutDay(same));

        foreach (var ending in new[] { "\n", "\r\n" })
        {
            var dearer = RepricedSheet.Write(
                yaml.ReplaceLineEndings(ending), new(2031, 4), [.. prices.Select(price => price.Rate * 2)]);
            var sheet = SheetReader.Read(dearer, name);
            Assert.Equal([], SheetChecks.Alone(sheet));
            Assert.Equal(new BillingMonth(2031, 4).Start, sheet.From);
            Assert.Equal(
                prices.Select(price => (price.What, price.Rate * 2)),
                RepricedSheet.Prices(dearer).Select(price => (price.What, price.Rate)));
            Assert.Equal(Comments(yaml), Comments(dearer));
        }
    }

    [Fact]
    public void Tiers_hours_and_an_end_that_would_come_before_are_written_too_and_agreements_are_not()
    {
        const string Yaml = """
            landlord: acme
            service: compute
            clusters: [c1]
            from: '2026-01' # a year
            until: 2027-01
            skus:
              - {name: VM, unit: SU-hour, counts: resource, per: hour, match: {kind: vm}, model: graduated,
                 tiers: [{up_to: "10", rate: "2"}, {rate: "1"}]}
              - name: Node
                unit: node-hour
                rate: '3'
                counts: resource
                per: hour
                match: {kind: baremetal}
                model: time-of-day
                time_zone: America/New_York
                hours:
                  - {name: nights, days: [mon], from: "00:00", until: "06:00", rate: "1.5"}
              - name: GPU
                unit: GPU-hour
                rate: "4"
                counts: resource
                per: hour
                match: {kind: gpu}
                model: commitment
                commitments:
                  - {project: p, quantity: "9", rate: "3.5"}
            examples:
              - name: eleven hours
                usage: [{kind: vm, hours: "11"}]
                total: "21.00"
            """;
        Assert.Equal(
            ["VM, up to 10=2", "VM, above 10=1", "Node, each node-hour=3", "Node, nights=1.5", "GPU, each GPU-hour=4"],
            RepricedSheet.Prices(Yaml).Select(price => $"{price.What}={Text.Of(price.Rate)}"));
        var text = RepricedSheet.Write(Yaml, new(2027, 3), [2.5m, 1m, 3m, 0.75m, 4m]);
        Assert.Contains("from: 2027-03 # a year\nuntil: ~\n", text, StringComparison.Ordinal);
        Assert.Contains("{up_to: \"10\", rate: \"2.5\"}, {rate: \"1\"}", text, StringComparison.Ordinal);
        Assert.Contains("rate: \"0.75\"}", text, StringComparison.Ordinal);
        Assert.Contains("quantity: \"9\", rate: \"3.5\"}", text, StringComparison.Ordinal);
        Assert.Contains("total: \"26.00\"", text, StringComparison.Ordinal);
        Assert.Contains("until: 2027-01\n", RepricedSheet.Write(
            Yaml, new(2026, 5), [2m, 1m, 3m, 1.5m, 4m]), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_a_price_is_refused_by_the_sheet()
    {
        var yaml = Acme.Yaml(Acme.Vm, Acme.OneHour);
        var refused = Assert.Throws<RefusedException>(() => RepricedSheet.Write(yaml, new(2031, 1), [2_000_000_000m]));
        Assert.Equal("prices/too-high", refused.Refusal.Code);
        Assert.Throws<ArgumentException>(() => RepricedSheet.Write(yaml, new(2031, 1), []));
    }

    private static IEnumerable<string> Comments(string yaml) =>
        yaml.Split('\n').Where(line => line.TrimStart().StartsWith('#'));

    /// <summary>A sheet that begins on the first day says its month instead.</summary>
    private static string WithoutDay(string yaml) => string.Join('\n', yaml.Split('\n').Select(line =>
        line.StartsWith("from: ", StringComparison.Ordinal)
            ? line[..Math.Min(line.Length, "from: 2026-01".Length)]
            : line));
}
