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
    [InlineData("unit:", "unti:", "yaml/unknown-key", "acme.yaml:7")]
    [InlineData("total: \"1.00\"", "total: \"1.00\", scope: landlord", "yaml/unknown-key", "acme.yaml:9")]
    [InlineData("rate: \"1\"", "rate: \"1\", scope: landlord", "yaml/bad-value", "acme.yaml:7")]
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
    [InlineData("service: compute", "service: compute\npolicies: {corrected: {billable: [\"running,stopped\"]}}", "yaml/bad-value", "acme.yaml:3")]
    [InlineData("service: compute", "service: compute\npolicies: {corrected: {billable: [running, \"4\"]}}", "yaml/bad-value", "acme.yaml:3")]
    [InlineData("service: compute", "service: compute\npolicies: {corrected: {quantities: \"-1\"}}", "yaml/bad-value", "acme.yaml:3")]
    [InlineData("service: compute", "service: compute\npolicies: {corrected: {service_units: \"floor,exact\"}}", "yaml/bad-value", "acme.yaml:3")]
    [InlineData("hours: \"1\"", "hours: \"1\", state: \"0\"", "yaml/bad-value", "acme.yaml:9")]
    public void A_fault_is_named_with_its_place(string old, string young, string code, string where)
    {
        var refusal = Refused(old, young);
        Assert.Equal(code, refusal.Code);
        Assert.StartsWith(where, refusal.Where, StringComparison.Ordinal);
    }

    /// <summary>What somebody writes in their first sheet, and the words that should lead them on.</summary>
    [Theory]
    [InlineData("unit:", "unti:", "'skus[1].unti' is not a key here. Did you mean 'unit'?")]
    [InlineData("landlord:", "landlrod:", "'landlrod' is not a key here. Did you mean 'landlord'?")]
    [InlineData("examples:", "exmaples:", "'exmaples' is not a key here. Did you mean 'examples'?")]
    [InlineData("hours:", "hour:", "'examples[1].usage[1].hour' is not a key here. Did you mean 'hours'?")]
    [InlineData("service: compute", "service: compute\ntax: no", "Take it out; these are known: clusters, currency, examples,")]
    [InlineData("total: \"1.00\"", "total: a dollar", "'examples[1].total' is 'a dollar'. Write a plain decimal in quotes")]
    [InlineData(", total: \"1.00\"", "", "'examples[1].total' is missing. Write an amount in quotes, like \"46.80\".")]
    [InlineData("clusters: [a1]", "clusters: a1", "'clusters' is 'a1'. Write a list of words.")]
    [InlineData("clusters: [a1]\n", "", "'clusters' is missing. Add it.")]
    [InlineData("match: {kind: vm}", "match: vm", "'skus[1].match' is 'vm'. Write a mapping of keys to values.")]
    [InlineData(", match: {kind: vm}", "", "'skus[1].match' is missing. Add it.")]
    [InlineData("counts: resource", "counts: resources", "'skus[1].counts' is 'resources'. Write 'bundle' with 'bundle:'")]
    [InlineData("per: hour, ", "", "'skus[1].per' is missing. Write second, minute, hour or day")]
    [InlineData("from: 2026-01", "from: 01/15/2026", "'from' is '01/15/2026'. Write an instant in UTC, like 2026-10-15T00:00:00Z")]
    [InlineData("rate: \"1\"", "rate: \"$1\"", "'skus[1].rate' is '$1'. Write a plain decimal in quotes")]
    [InlineData("rate: \"1\"", "rate: 0.5", "Write rate: \"0.5\".")]
    [InlineData("unit: vm-hour", "unit: vm hour", "'skus[1].unit' is 'vm hour'. Write a unit without blanks, like SU-hour.")]
    [InlineData("{name: VM", "{name: VM, model: tiers", "'skus[1].model' is 'tiers'. Write flat, graduated, volume")]
    public void A_sentence_says_what_to_do(string old, string young, string sentence) =>
        Assert.Contains(sentence, Refused(old, young).Message, StringComparison.Ordinal);

    [Fact]
    public void A_total_that_differs_is_named_with_its_line()
    {
        var sheet = Acme.Yaml(examples: "{name: an hour,\n    usage: [{kind: vm, hours: \"1\"}],\n    total: \"1.01\"}");
        var refusal = Assert.Single(Publication.Check([new("acme.yaml", sheet)]).Refusals);
        Assert.Equal("acme.yaml:11", refusal.Where);
        Assert.Contains("comes to 1.00 USD, not 1.01 USD (VM: 1 vm-hour at 1", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>A list once took a number or several words in the place of one; such a sheet is still its landlord's.</summary>
    [Fact]
    public void What_was_published_means_what_it_meant()
    {
        var yaml = Acme.Yaml().Replace(
            "service: compute", "service: compute\npolicies: {corrected: {billable: [\"stopped,paused\", \"0\"], quantities: resourcehours}}",
            StringComparison.Ordinal);
        var policies = SheetReader.ReadPublished(yaml, "acme.yaml").Policies[Policies.Corrected];
        Assert.Equal([Metering.ResourceState.Suspended, Metering.ResourceState.Running], policies.Billable);
        Assert.Equal(WholeQuantity.ResourceHours, policies.Quantities);
    }

    [Fact]
    public void What_is_no_YAML_is_refused() => Assert.Equal("yaml/unreadable", Assert.Throws<RefusedException>(
        () => SheetReader.Read("landlord: [acme", "acme.yaml")).Refusal.Code);

    [Fact]
    public void A_sheet_says_from_when_in_months_days_or_instants()
    {
        Assert.Equal("2026-01-01", SheetDates.Format(Acme.Sheet().From));
        Assert.Equal("2026-10-15", SheetDates.Format(Acme.Sheet(from: "2026-10-15").From));
        Assert.Equal("2026-10-15T08:00:00Z", SheetDates.Format(Acme.Sheet(from: "2026-10-15T08:00:00Z").From));
    }
}
