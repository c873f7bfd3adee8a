using Exchange.Facts;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Settlements;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// What the exchange keeps of a landlord's sales is decided by the terms of the month of the usage. On 417f1c4 the
/// figures were 25.44 and 66.34: the terms of today, and those of the month that was billed, counted.
/// </summary>
public class TermsOfTheirMonth
{
    private static readonly BillingMonth October = new(2026, 10);
    private static readonly BillingMonth November = new(2026, 11);
    private static readonly LandlordId Nerc = new("nerc");
    private static readonly Instant Noon = Instant.FromUtc(2026, 12, 1, 12, 0);

    private static Landlord Terms(params (BillingMonth From, decimal Share)[] terms) =>
        new(Nerc, "NERC", false, [.. terms.Select(one => new LandlordTerms(one.From, one.Share))]);

    [Fact]
    public void A_void_after_terms_were_published_takes_back_by_the_terms_of_its_own_month()
    {
        var before = new DatedFacts().With(Publish.Versions(
            new(), Landlord.Facts, [Terms((new(2020, 1), 0.02m))], null, new([], "test", Noon)).Events);
        var edited = Terms((new(2020, 1), 0.10m));
        var closed = new PublishContext([October], "test", Noon);
        Assert.Equal("facts/closed-month", Publish.Versions(before, Landlord.Facts, [edited], null, closed).Refusal?.Code);
        var after = before.With(Publish.Versions(before, Landlord.Facts, [edited], new(2026, 11, 1), closed).Events);

        var drawn = Settle.Run(October, [Line(65_400), Line(25_441)], Landlords.Of(before), Noon).Single();
        Assert.Equal(new Money(1_817), drawn.Share); // 908.41 × 2 %
        var settlement = Settlement.Fold.Of([drawn]);
        var corrected = Settle.Correct(
            settlement, October, "PI-2026-0001", [CorrectSettlements.Opposite(Line(65_400))], Landlords.Of(after), Noon);

        Assert.Equal(new Money(509), drawn.Share + corrected.Share); // 254.41 × 2 %
    }

    [Fact]
    public void Lines_of_several_months_are_shared_by_the_terms_of_each()
    {
        var landlords = new Landlords([Terms((new(2026, 1), 0.02m), (November, 0.10m))]);

        var november = Settle.Run(
            November, [Line(936), Line(65_400) with { Adjusts = October }], landlords, Noon).Single();

        Assert.Equal(new Money(66_336), november.Gross);
        Assert.Equal(new Money(1_402), november.Share); // 654.00 × 2 % + 9.36 × 10 %
    }

    [Fact]
    public void Hardware_of_a_corrected_month_is_paid_by_the_terms_of_that_month()
    {
        Landlord With(string perHour) => Terms((new(2020, 1), 0m)) with
        {
            Hardware = [new("lenovo", "OpenStack CPU", Text.Number(perHour), new(2020, 1))],
        };
        var facts = new DatedFacts().With(Publish.Versions(
            new(), Landlord.Facts, [With("0.5")], null, new([], "test", Noon)).Events);
        facts = facts.With(Publish.Versions(
            facts, Landlord.Facts, [With("2")], new(2026, 11, 1), new([October], "test", Noon)).Events);

        var drawn = Settle.Run(
            November, [Line(100), Line(100) with { Adjusts = October }], Landlords.Of(facts), Noon).Single();

        Assert.Equal(
            [(null, 20_000L), (October, 5_000L)],
            drawn.Hardware.OrderBy(due => due.Adjusts).Select(due => (due.Adjusts, due.Amount.Cents)));
    }

    [Fact]
    public void A_landlord_who_left_keeps_the_terms_of_its_months_and_its_title()
    {
        var facts = new DatedFacts().With(Publish.Versions(
            new(), Landlord.Facts, [Terms((new(2020, 1), 0.02m)) with { Pseudonyms = true }], null,
            new([], "test", Noon)).Events);
        facts = facts.With(Publish.Withdraw(
            facts, Landlord.Facts, "nerc", new(2026, 11, 1), new([October], "test", Noon)).Events);
        var landlords = Landlords.Of(facts);

        Assert.Equal(new Money(2), landlords.ShareOf(Nerc, October, new(100)));
        Assert.Equal(Money.Zero, landlords.ShareOf(Nerc, November, new(100)));
        Assert.Equal("NERC", landlords.TitleOf(Nerc));
        Assert.True(landlords.HidesCustomers(Nerc));
        Assert.Empty(landlords.All);
    }

    private static InvoiceLine Line(long cents) => new()
    {
        ChargeId = "c",
        ServicePeriod = October.Period,
        Landlord = Nerc,
        Service = "openstack",
        Cluster = new("stack"),
        Project = new("p"),
        ProjectName = "p",
        Sku = new("OpenStack CPU"),
        Quantity = new(100m, new("SU-hour")),
        Rate = new(cents / 10_000m, new("SU-hour")),
        Amount = new(cents),
        Sheet = "nerc/openstack/2026-01-01#1",
    };
}
