using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Offers;
using Exchange.Rating;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using NodaTime;
using Xunit;

namespace Exchange.Market.Tests;

/// <summary>
/// Each SKU is an offer by default; its landlord says to whom, how much and whether at all, and nobody else sees for whom.
/// </summary>
public class OffersAreTheirLandlords
{
    private const string Sheet = """
        landlord: acme
        service: compute
        clusters: [a1]
        from: 2026-01
        skus:
          - {name: VM, unit: vm-hour, rate: "1", counts: resource, per: hour, match: {kind: vm}}
          - {name: Pod, unit: pod-hour, rate: "2", counts: resource, per: hour, model: reservation, match: {kind: pod},
             reservations: [{project: p-secret, count: "3", rate: "0.07", from: 2026-10-01, until: 2026-12-01}]}
        examples:
          - {name: an hour, usage: [{kind: vm, hours: "1"}], total: "1.00"}
          - {name: a pod, usage: [{kind: pod, hours: "1"}], total: "2.00"}
        """;

    private static readonly LandlordId Acme = new("acme");
    private static readonly OfferName Vm = new("compute", new("VM"));
    private static readonly Instant Now = Instant.FromUtc(2026, 10, 10, 12, 0);

    private static readonly PriceBooks Books = PriceBooks.Of(
        [new(SheetReader.Read(Sheet, "acme.yaml"), 1, "", "", "", Instant.FromUtc(2026, 1, 1, 0, 0))]);

    private static readonly IReadOnlySet<OfferName> Known = Catalog.Sold(Books, Acme, Now);

    private static readonly OfferTerms ForBu = OfferTerms.Standard with
    {
        Audience = new(["Boston University"], [new("p-mit")]),
        Capacity = 10,
        NeedsApproval = true,
    };

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static Task<Offered> Do(
        IJournal journal, OfferName offer, Func<LandlordOffers, (string, Instant), Decision<OfferEvent>> rule) =>
        journal.Execute(new ChangeOffer(Acme, offer, "test", (offers, at) => rule(offers, ("acme", at))), Now, Ct);

    private static async Task<string> Seen(IJournal journal, CatalogViewer viewer)
    {
        var offers = await journal.State(LandlordOffers.Fold, Acme, Ct);
        return string.Join("; ", Catalog.Of(Books, _ => offers, viewer, Now).Select(
            item => $"{item.Sku} {item.Rate.Amount} {item.State} {item.Terms.Audience}{(item.IsLimited ? " limited" : "")}"));
    }

    [Fact]
    public async Task A_draft_is_seen_by_nobody_and_a_published_audience_by_its_members_only()
    {
        var journal = new MemoryJournal(new StoppedClock());
        var nobody = new CatalogViewer(null, false, [], null);
        const string All = "Pod 2 published all; VM 1 published all";
        Assert.Equal(All, await Seen(journal, nobody));
        await Do(journal, Vm, (offers, who) => LandlordOffers.Draft(offers, Vm, ForBu, Known, who));
        Assert.Equal(All, await Seen(journal, nobody));

        await Do(journal, Vm, (offers, who) => LandlordOffers.Publish(offers, Vm, Known, who));
        Assert.Equal("Pod 2 published all", await Seen(journal, nobody));
        Assert.Equal("Pod 2 published all", await Seen(journal, new(new("other"), false, [], null)));
        const string Limited = "Pod 2 published all; VM 1 published all limited";
        Assert.Equal(Limited, await Seen(journal, new(null, false, [], "Boston University")));
        Assert.Equal(Limited, await Seen(journal, new(null, false, [new("p-mit")], null)));
        const string Whole = "Pod 2 published all; VM 1 published Boston University, project p-mit limited";
        Assert.Equal(Whole, await Seen(journal, new(Acme, false, [], null)));
        Assert.Equal(Whole, await Seen(journal, new(null, true, [], null)));
    }

    [Fact]
    public async Task Who_may_have_it_is_said_with_the_reason()
    {
        var journal = new MemoryJournal(new StoppedClock());
        await Do(journal, Vm, (offers, who) => LandlordOffers.Draft(offers, Vm, ForBu, Known, who));
        var offered = await Do(journal, Vm, (offers, who) => LandlordOffers.Publish(offers, Vm, Known, who));
        string May(Offered one, string project, string? institution, decimal quantity = 0) =>
            Catalog.MayHave(one, Vm.Sku, new(project), institution, quantity) is var may && may.IsAllowed
                ? $"yes{(may.NeedsApproval ? ", approval" : "")}" : may.Code;
        Assert.Equal("yes, approval", May(offered, "p-1", "Boston University"));
        Assert.Equal("yes, approval", May(offered, "p-mit", null, 10));
        Assert.Equal("offer/not-for-you", May(offered, "p-1", "MIT"));
        Assert.Equal("offer/capacity", May(offered, "p-mit", null, 11));
        Assert.True(Catalog.MayHave(offered, Vm.Sku, new("p-mit"), null, 3, held: 7).IsAllowed);
        Assert.Equal("offer/capacity", Catalog.MayHave(offered, Vm.Sku, new("p-mit"), null, 3, held: 8).Code);
        Assert.True(Catalog.MayHave(offered, Vm.Sku, new("p-mit"), null, 0, held: 10).IsAllowed);
        Assert.Equal("yes", May(Offered.Standard, "anybody", null, 1_000_000));

        offered = await Do(journal, Vm, (offers, who) => LandlordOffers.Pause(offers, Vm, "full until May", Known, who));
        Assert.Equal("offer/paused", May(offered, "p-mit", null));
        offered = await Do(journal, Vm, (offers, who) => LandlordOffers.Publish(offers, Vm, Known, who));
        Assert.Equal("yes, approval", May(offered, "p-mit", null));
        offered = await Do(journal, Vm, (offers, who) => LandlordOffers.Retire(offers, Vm, "old", Known, who));
        Assert.Equal("offer/retired", May(offered, "p-mit", null));
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused()
    {
        var journal = new MemoryJournal(new StoppedClock());
        async Task<string> Code(Func<LandlordOffers, (string, Instant), Decision<OfferEvent>> rule) =>
            (await Assert.ThrowsAsync<RefusedException>(() => Do(journal, Vm, rule))).Refusal.Code;
        var none = new OfferName("compute", new("none"));
        Assert.Equal("offer/unknown", await Code((o, who) => LandlordOffers.Publish(o, none, Known, who)));
        Assert.Equal("offer/no-reason", await Code((o, who) => LandlordOffers.Pause(o, Vm, " ", Known, who)));
        Assert.Equal("offer/wrong", await Code((o, who) => LandlordOffers.Draft(
            o, Vm, ForBu with { Capacity = 0 }, Known, who)));
        Assert.Equal("offer/wrong", await Code((o, who) => LandlordOffers.Draft(
            o, Vm, ForBu with { NoticeDays = 367 }, Known, who)));
        await Do(journal, Vm, (o, who) => LandlordOffers.Retire(o, Vm, "old", Known, who));
        Assert.Equal("offer/retired", await Code((o, who) => LandlordOffers.Publish(o, Vm, Known, who)));
    }

    /// <summary>Whoever is in no audience sees nothing of it, and may have nothing of it; whoever is may have it.</summary>
    [Fact]
    public void Seeing_and_having_are_the_same_for_whoever_asks() => Prop.ForAll(Arb.From(
        from institutions in Gen.SubListOf<string>("BU", "MIT", "Harvard")
        from projects in Gen.SubListOf<string>("p1", "p2", "p3")
        from institution in Gen.Elements("BU", "MIT", "Harvard", "Elsewhere")
        from project in Gen.Elements("p1", "p2", "p3", "p4")
        select (institutions, projects, institution, project)), drawn =>
        {
            var audience = new Audience([.. drawn.institutions], [.. drawn.projects.Select(one => new ProjectId(one))]);
            var offered = Offered.Standard with { Terms = OfferTerms.Standard with { Audience = audience } };
            var sees = new CatalogViewer(null, false, [new(drawn.project)], drawn.institution).Sees(Acme, offered.Terms);
            var may = Catalog.MayHave(offered, Vm.Sku, new(drawn.project), drawn.institution).IsAllowed;
            Assert.Equal(sees, may);
            Assert.True(new CatalogViewer(Acme, false, [], null).Sees(Acme, offered.Terms));
            Assert.Equal(
                drawn.institutions.Count == 0 && drawn.projects.Count == 0,
                new CatalogViewer(new("other"), false, [], null).Sees(Acme, offered.Terms));
            Assert.Equal(
                (drawn.institutions.Count == 0 && drawn.projects.Count == 0) ||
                    drawn.institutions.Contains(drawn.institution) || drawn.projects.Contains(drawn.project), may);
        }).Check(Draws.Properties());
}
