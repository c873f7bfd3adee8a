using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>A sheet as everybody sees it holds no agreement with a single customer or supplier.</summary>
public class WhatAllMaySee
{
    private static PublishedSheet Published(string yaml) =>
        new(SheetReader.Read(yaml, "acme.yaml"), 1, yaml, "", "", Acme.At(1));

    [Theory]
    [InlineData("""model: commitment, commitments: [{project: p-secret, quantity: "100", rate: "0.123"}]""")]
    [InlineData("""model: reservation, reservations: [{project: p-secret, count: "3", rate: "0.123", from: 2026-10}]""")]
    [InlineData("""wholesale: {payee: p-secret, rate: "0.123"}""")]
    [InlineData("""wholesale: {rate: "0.123", behind: [{landlord: p-secret, meter: object_gib}]}""")]
    [InlineData("""model: commitment, "commitments": [{project: p-secret, quantity: "100", rate: "0.123"}]""")]
    [InlineData("""model: reservation, 'reservations': [{project: p-secret, count: "3", rate: "0.123", from: 2026-10}]""")]
    [InlineData("""!!str wholesale: {payee: p-secret, rate: "0.123"}""")]
    public void Agreements_and_examples_of_them_are_left_out(string agreed)
    {
        var yaml = Acme.Yaml(
            Acme.Vm.Replace("per: hour", $"per: hour, {agreed}", StringComparison.Ordinal),
            Acme.OneHour + "\n" + """{name: the secret, usage: [{kind: vm, project: p-secret, hours: "1"}], total: "0.123"}"""
                .Replace("0.123\"}", "0.12\"}", StringComparison.Ordinal));
        var shared = SharedSheet.Of(Published(yaml), _ => true);
        Assert.DoesNotContain("secret", shared, StringComparison.Ordinal);
        Assert.DoesNotContain("0.12", shared, StringComparison.Ordinal);
        Assert.Contains("vm-hour", shared, StringComparison.Ordinal);
    }

    /// <summary>A price for some is theirs: not in the sheet as others see it, nor in what an example comes to.</summary>
    [Fact]
    public void What_is_offered_to_others_is_left_out()
    {
        var yaml = Acme.Yaml(
            Acme.Vm + "\n" + Acme.Vm.Replace("name: VM", "\"name\": Secret", StringComparison.Ordinal)
                .Replace("rate: \"1\"", "rate: \"0.123\"", StringComparison.Ordinal)
                .Replace("kind: vm", "kind: node", StringComparison.Ordinal),
            Acme.OneHour + "\n" + """{name: ten, usage: [{kind: node, hours: "10"}], total: "1.23"}""");
        var shared = SharedSheet.Of(Published(yaml), sku => sku.Value == "VM");
        Assert.All((string[])["Secret", "0.123", "1.23"], word =>
            Assert.DoesNotContain(word, shared, StringComparison.Ordinal));
        Assert.Contains("VM", shared, StringComparison.Ordinal);
    }

    [Fact]
    public void A_sheet_without_agreements_is_shown_word_for_word() =>
        Assert.Equal(Acme.Yaml(), SharedSheet.Of(Published(Acme.Yaml()), _ => true));
}
