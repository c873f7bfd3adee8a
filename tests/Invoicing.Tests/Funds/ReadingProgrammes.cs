using Exchange.Invoicing.Funds;
using Exchange.Rating;
using Exchange.Testing;
using Xunit;

namespace Exchange.Invoicing.Tests;

public class ReadingProgrammes
{
    private const string Subsidy = """
        programme: some-subsidy
        kind: subsidy
        payer: someone
        order: 30
        terms:
          - from: 2025-01
            until: 2025-07
            amount: "50.25"
            eligible: [Some University]
          - from: 2025-07
            amount: "60"
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void Terms_hold_from_their_first_month_to_the_month_before_until()
    {
        var programme = ProgrammeFile.Parse(Subsidy, "some.yaml");
        Assert.Null(programme.At(new(2024, 12)));
        Assert.Equal(new Money(5025), programme.At(new(2025, 1))!.Amount);
        Assert.Equal(new Money(5025), programme.At(new(2025, 6))!.Amount);
        Assert.Equal(new Money(6000), programme.At(new(2025, 7))!.Amount);
        Assert.Equal(new Money(6000), programme.At(new(2031, 1))!.Amount);
    }

    [Theory]
    [InlineData("amount: \"60\"", "amount: \"60.005\"", "yaml/bad-value", "some.yaml:11")]
    [InlineData("amount: \"60\"", "amount: 60", "prices/unquoted-decimal", "some.yaml:11")]
    [InlineData("amount: \"60\"", "amuont: \"60\"", "yaml/unknown-key", "some.yaml:11")]
    [InlineData("payer: someone", "payers: someone", "yaml/unknown-key", "some.yaml:3")]
    [InlineData("order: 30", "order: 30\ncolour: red", "yaml/unknown-key", "some.yaml:5")]
    [InlineData("until: 2025-07", "until: 2025-08", "programme/overlap", "some.yaml:1")]
    [InlineData("until: 2025-07", "until: 2025-01", "yaml/bad-value", "some.yaml:7")]
    [InlineData("kind: subsidy", "kind: present", "yaml/bad-value", "some.yaml:2")]
    [InlineData("kind: subsidy", "kind: [", "yaml/unreadable", "some.yaml")]
    public void What_is_wrong_is_refused_with_its_line(string right, string wrong, string code, string where)
    {
        var refused = Assert.Throws<RefusedException>(() =>
            ProgrammeFile.Parse(Subsidy.Replace(right, wrong, StringComparison.Ordinal), "some.yaml"));
        Assert.Equal(code, refused.Refusal.Code);
        Assert.StartsWith(where, refused.Refusal.Where, StringComparison.Ordinal);
    }

    [Fact]
    public void The_programmes_of_the_product_are_those_that_were_published()
    {
        var all = ProgrammeFile.ReadAll(Product.File("pricing/programmes"));
        Assert.Equal(
            ["nerc-free-skus", "nerc-new-pi-credit", "nerc-bu-subsidy", "nerc-lenovo"],
            all.Where(one => one.InForce).Select(one => one.Id));

        var credit = all.Single(one => one.Id == "nerc-new-pi-credit");
        Assert.False(credit.At(new(2024, 8))!.PartnersOnly);
        Assert.True(credit.At(new(2024, 9))!.PartnersOnly);
        Assert.Equal(new Money(100_000), credit.At(new(2025, 10))!.Amount);
        Assert.Equal(2, credit.At(new(2025, 10))!.WindowMonths);

        var lenovo = all.Single(one => one.Id == "nerc-lenovo");
        Assert.Equal([1m, 0m], lenovo.At(new(2025, 5))!.Rates.Select(rate => rate.PerHour));
        Assert.Equal([0.8m, 2.74m], lenovo.At(new(2025, 6))!.Rates.Select(rate => rate.PerHour));
    }

    [Fact]
    public void All_three_published_forms_of_the_credit_exist()
    {
        var all = ProgrammeFile.ReadAll(Product.File("pricing/programmes"));
        var forms = all.Where(one => one.Kind == ProgrammeKind.Promotion).Select(one => one.At(new(2026, 1))!).ToList();
        Assert.Equal([2, 1, 1], forms.Select(terms => terms.WindowMonths));

        // An A100: granted by what is done, not by what is documented, and by what was announced.
        Assert.Equal([false, true, false], forms.Select(terms => terms.Excludes(new("OpenStack GPUA100"))));
        Assert.Equal([true, true, false], forms.Select(terms => terms.Excludes(new("OpenShift GPUH100"))));
    }

    [Fact]
    public void Eligible_are_everyone_or_partners_or_named_institutions()
    {
        var institutions = Institutions.Parse(
            """
            institutions:
              - { name: Some University, domains: [some.edu], partner_since: 2025-03 }
              - { name: Other, domains: [other.org] }
            """, "institutions.yaml");
        var (some, other) = (institutions.Named("Some University"), institutions.Named("Other"));
        var named = ProgrammeFile.Parse(Subsidy, "some.yaml").At(new(2025, 1))!;
        var everyone = ProgrammeFile.Parse(Subsidy, "some.yaml").At(new(2025, 7))!;
        var partners = everyone with { PartnersOnly = true };

        Assert.True(named.IsEligible(some, new(2025, 1)) && !named.IsEligible(other, new(2025, 1)));
        Assert.True(everyone.IsEligible(other, new(2025, 7)) && everyone.IsEligible(null, new(2025, 7)));
        Assert.False(partners.IsEligible(some, new(2025, 2)));
        Assert.True(partners.IsEligible(some, new(2025, 3)));
        Assert.False(partners.IsEligible(other, new(2025, 3)) || partners.IsEligible(null, new(2025, 3)));
    }
}
