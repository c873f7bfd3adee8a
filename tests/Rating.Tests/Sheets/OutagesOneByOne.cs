using System.Collections.Immutable;
using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>
/// Outages are declared and withdrawn one by one. Seen to fail when a list with one landlord's outage took the place of
/// everybody's, which changed a closed month.
/// </summary>
public class OutagesOneByOne
{
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 5, 0, 0);
    private static readonly ImmutableHashSet<BillingMonth> None = [];
    private static readonly ImmutableHashSet<BillingMonth> October = [Acme.October];

    private static Outage Outage(string name, int from, int until, string landlord = "acme") => new(
        name, new(landlord), [Acme.Cluster], Acme.At(from), Acme.At(until), [Policies.Corrected])
    {
        Reason = "power",
    };

    private static ExchangeListEvent.OutageDeclared Declared(Outage o) =>
        new(o.Name, o.Landlord, o.Clusters, o.From, o.Until, o.KnownTo, o.Reason, "acme", Now);

    [Fact]
    public void An_outage_is_declared_once_and_told_otherwise_under_its_name()
    {
        Given.Events(ExchangeLists.Fold).When(lists => DeclareOutage.Declare(lists, Outage("o", 3, 4), "acme", Now, None))
            .Then(Declared(Outage("o", 3, 4)));
        Given.Events(ExchangeLists.Fold, Declared(Outage("o", 3, 4)))
            .When(lists => DeclareOutage.Declare(lists, Outage("o", 3, 5), "acme", Now, None))
            .Then(Declared(Outage("o", 3, 5)));
    }

    [Fact]
    public void Nobody_withdraws_what_another_landlord_declared() => Given
        .Events(ExchangeLists.Fold, Declared(Outage("o", 3, 4)))
        .When(lists => DeclareOutage.Withdraw(lists, new(new("other"), "o", "none", "other", Now), None))
        .ThenRefused("outages/unknown");

    [Fact]
    public void A_closed_month_keeps_its_outages_unless_finance_corrects_it()
    {
        Given.Events(ExchangeLists.Fold).When(lists => DeclareOutage.Declare(lists, Outage("o", 3, 4), "acme", Now, October))
            .ThenRefused("outages/closed-month");
        Given.Events(ExchangeLists.Fold, Declared(Outage("o", 3, 4)))
            .When(lists => DeclareOutage.Withdraw(lists, new(Acme.Landlord, "o", "none", "acme", Now), October))
            .ThenRefused("outages/closed-month");
        Given.Events(ExchangeLists.Fold, Declared(Outage("o", 30, 33)))
            .When(lists => DeclareOutage.Declare(lists, Outage("o", 30, 34), "acme", Now, October))
            .Then(Declared(Outage("o", 30, 34)));
        Given.Events(ExchangeLists.Fold)
            .When(lists => DeclareOutage.Declare(lists, Outage("o", 3, 4), "finance", Now, October, isCorrection: true))
            .Then(Declared(Outage("o", 3, 4)) with { By = "finance" });
    }

    [Fact]
    public async Task A_list_that_names_one_outage_leaves_all_others()
    {
        var (journal, ct) = (new MemoryJournal(new StoppedClock(Now)), TestContext.Current.CancellationToken);
        Task<PublishPrices.PricesPublished> Publish(string outages, PricePublishContext? standing = null) => PublishPrices.Run(
            journal, [new("pricing/outages.yaml", outages)], standing ?? PricePublishContext.Nothing, "finance", Now, ct);
        const string One = "outages:\n  - {name: one, landlord: acme, clusters: [a1], from: 2026-10-03, until: 2026-10-04, source: s}\n";
        const string Two = "outages:\n  - {name: two, landlord: other, clusters: [o1], from: 2026-11-03, until: 2026-11-04, source: s}\n";
        Assert.Equal(1, (await Publish(One)).Published);
        Assert.Equal(1, (await Publish(Two, new(October, []))).Published);
        Assert.Equal(["one", "two"], (await LoadPriceBooks.Run(journal, ct)).Outages.Select(outage => outage.Name));
        Assert.Equal((0, 1), ((await Publish(One, new(October, []))).Published, (await Publish(Two)).Known));
        Assert.Equal("outages/closed-month", Assert.Single((await Publish(
            One.Replace("2026-10-04", "2026-10-05", StringComparison.Ordinal), new(October, []))).Refusals).Code);
    }

    [Fact]
    public void A_list_of_an_earlier_version_still_means_what_it_meant() => Assert.Equal(["two"], ExchangeLists.Fold.Of(
    [
        Declared(Outage("one", 3, 4)),
        new ExchangeListEvent.OutagesPublished(
            "pricing/outages.yaml", "outages:\n  - {name: two, landlord: other, clusters: [o1], from: 2026-10-03, source: s}\n",
            "sha", "finance", Now),
    ]).Outages.Select(outage => outage.Name));
}
