using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>Whatever is wrong with the text of a sheet is refused by its rule, with file and line.</summary>
public class ReadingSheets
{
    private static Refusal Refused(string old, string young)
    {
        var yaml = Acme.Yaml();
        Assert.Contains(old, yaml, StringComparison.Ordinal);
        return Assert.Throws<RefusedException>(() => SheetReader.Read(
            yaml.Replace(old, young, StringComparison.Ordinal), "acme.yaml")).Refusal;
    }

    [Theory]
    [InlineData("\"1\"", "1", "prices/unquoted-decimal", "acme.yaml:7")]
    [InlineData("rate: \"1\"", "rate: 1.5", "prices/unquoted-decimal", "acme.yaml:7")]
    [InlineData("\"1\"", "\"1e3\"", "yaml/bad-value", "acme.yaml:7")]
    [InlineData("\"1\"", "\"-1\"", "prices/negative", "acme.yaml:7")]
    [InlineData("rate:", "price:", "yaml/missing-key", "acme.yaml:7")]
    [InlineData("unit: vm-hour,", "unit: vm-hour, colour: red,", "yaml/unknown-key", "acme.yaml:7")]
    [InlineData("service: compute", "service: compute\ntax: no", "yaml/unknown-key", "acme.yaml:3")]
    [InlineData("service: compute", "service: compute\nservice: again", "yaml/unreadable", "acme.yaml:3")]
    [InlineData("landlord: acme\n", "", "yaml/missing-key", "acme.yaml")]
    [InlineData("from: 2026-01", "from: January", "yaml/bad-value", "acme.yaml:4")]
    [InlineData("from: 2026-01", "from: 2026-01\nuntil: 2025-12", "prices/empty-period", "acme.yaml:5")]
    [InlineData("counts: resource", "counts: bundle", "yaml/bad-value", "acme.yaml:7")]
    [InlineData("per: hour", "per: fortnight", "yaml/bad-value", "acme.yaml:7")]
    [InlineData("{kind: vm}", "{}", "yaml/missing-key", "acme.yaml:7")]
    [InlineData("total: \"1.00\"", "total: \"1.005\"", "yaml/bad-value", "acme.yaml:9")]
    [InlineData("hours: \"1\"", "hours: 1", "prices/unquoted-decimal", "acme.yaml:9")]
    [InlineData("{name: VM", "{name: VM, model: magic", "yaml/bad-value", "acme.yaml:7")]
    public void A_fault_is_named_with_its_place(string old, string young, string code, string where)
    {
        var refusal = Refused(old, young);
        Assert.Equal(code, refusal.Code);
        Assert.StartsWith(where, refusal.Where, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_no_YAML_is_refused() => Assert.Equal("yaml/unreadable", Assert.Throws<RefusedException>(
        () => SheetReader.Read("landlord: [acme", "acme.yaml")).Refusal.Code);

    [Fact]
    public void A_sheet_says_from_when_in_months_days_or_instants()
    {
        Assert.Equal("2026-01-01", PriceSheet.DateOf(Acme.Sheet().From));
        Assert.Equal("2026-10-15", PriceSheet.DateOf(Acme.Sheet(from: "2026-10-15").From));
        Assert.Equal("2026-10-15T08:00:00Z", PriceSheet.DateOf(Acme.Sheet(from: "2026-10-15T08:00:00Z").From));
    }
}
