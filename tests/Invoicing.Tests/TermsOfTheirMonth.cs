using Exchange.Facts;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Published;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
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

    /// <summary>
    /// 130.00 of September at 10 % for the exchange and 0.002 an hour for the hardware: 13.00 and 20.00. The terms
    /// should have been 5 % and 0.003: the next close says 6.50 less, 10.00 more and 3.50 less for the landlord, once;
    /// a void invoice takes all of it back. Before, nothing was said of September, and the void left 6.50 and took
    /// 10.00 too much.
    /// </summary>
    [Theory, InlineData(false), InlineData(true)]
    public async Task Corrected_terms_of_a_closed_month_are_settled_by_the_next_close(bool isLateToo)
    {
        await using var world = await World.Start();
        (world.Publishes, world.Now) = (true, Instant.FromUtc(2026, 10, 3, 9, 0));
        await world.Publish(Written("0.10", "0.002"));
        await world.Ran("p-bob", World.September, 1, 500, vcpu: 20);
        await world.Close(World.September);
        Assert.Equal((9_700, 2_000), await Earned(world));

        world.Now += Duration.FromDays(30);
        await PublishFacts.Run(
            world.Journal, [FactFiles.Read(Written("0.05", "0.003"), "file.yaml")!], null,
            await PublishedFacts.Context(world.Journal, "test", world.Now, true, World.Ct), PublishedFacts.Check,
            World.Ct);
        if (isLateToo)
        {
            await world.Ran("p-bob", World.September, 1, 100, vcpu: 10); // 13.00, of which 0.65 and 3.00
        }

        var told = isLateToo ? (10_285, 3_300) : (9_350, 3_000);
        var planned = await CloseMonth.Plan(world.Sources, October, "corrected", world.Now, World.Ct);
        Assert.Single(planned.Plan!.Terms);
        await world.Close(October);
        Assert.Equal(told, await Earned(world));
        Assert.Empty((await CloseMonth.Plan(world.Sources, November, "corrected", world.Now, World.Ct)).Plan!.Terms);
        await CorrectingInvoices.KeepsWhatIsOwed(world);

        await world.Journal.Execute(new VoidInvoice(world.Sources, "PI-2026-0001", "wrong"), world.Now, World.Ct);
        await world.CatchUp();
        Assert.Equal(isLateToo ? (935, 300) : (0, 0), await Earned(world));
        await world.VerifyWhatIsKept();
    }

    /// <summary>
    /// Something is written on September's settlement between a close's look at it and its append: the close begins
    /// again. Were the settlement read once more for the append, the share would be corrected twice: 0.00 for 6.50.
    /// </summary>
    [Fact]
    public async Task What_is_corrected_while_a_close_is_planned_is_not_corrected_twice()
    {
        await using var world = await World.Start();
        (world.Publishes, world.Now) = (true, Instant.FromUtc(2026, 10, 3, 9, 0));
        await world.Publish(Written("0.10", "0.002"));
        await world.Ran("p-bob", World.September, 1, 500, vcpu: 20);
        await world.Close(World.September);
        world.Now += Duration.FromDays(30);
        await PublishFacts.Run(
            world.Journal, [FactFiles.Read(Written("0.05", "0.003"), "file.yaml")!], null,
            await PublishedFacts.Context(world.Journal, "test", world.Now, true, World.Ct), PublishedFacts.Check,
            World.Ct);
        var terms = Assert.Single((await CloseMonth.Plan(
            world.Sources, October, "corrected", world.Now, World.Ct)).Plan!.Terms);
        var (stream, journal) = (Settle.StreamOf(Nerc, World.September), world.Journal);
        world.Journal = new OvertakenJournal(journal, stream, () => journal.Append(
            [StreamAppend.Of<SettlementEvent>(stream, terms.Version, [terms.Of])], World.Ct));

        await Assert.ThrowsAsync<ConflictException>(() => world.Close(October));

        world.Journal = journal;
        Assert.Empty((await world.Close(October)).Plan!.Terms);
        var settled = await journal.Read<SettlementEvent>(stream, World.Ct);
        Assert.Equal(650, settled.Sum(one => one switch
        {
            SettlementEvent.Drawn drawn => drawn.Share.Cents,
            SettlementEvent.Corrected corrected => corrected.Share.Cents,
            _ => 0,
        }));
    }

    /// <summary>A journal in which somebody else writes as soon as one stream was read.</summary>
    private sealed class OvertakenJournal(IJournal journal, string stream, Func<Task> other) : IJournal
    {
        private bool _isOver;

        public async Task<IReadOnlyList<TEvent>> Read<TEvent>(string name, CancellationToken ct)
        {
            var events = await journal.Read<TEvent>(name, ct);
            if (name == stream && !_isOver)
            {
                _isOver = true;
                await other();
            }

            return events;
        }

        public Task<IReadOnlyList<Recorded>> ReadAll(long after, int limit, CancellationToken ct) =>
            journal.ReadAll(after, limit, ct);

        public Task Append(IReadOnlyList<StreamAppend> appends, CancellationToken ct) => journal.Append(appends, ct);
    }

    private static string Written(string share, string perHour) => $$"""
        landlords:
          - name: nerc
            title: NERC
            terms: [{from: 2026-01, platform_share: "{{share}}"}]
            hardware: [{owner: iron, sku: "OpenStack CPU", from: 2026-01, per_hour: "{{perHour}}"}]
        """;

    /// <summary>What the landlord and the owner of its hardware are owed, as the ledger has it, in cents.</summary>
    private static async Task<(long Landlord, long Hardware)> Earned(World world)
    {
        var balances = await CorrectingInvoices.Balances(world);
        long Of(string account) => -balances.Where(of => of.Account == account).Sum(of => of.Balance.Cents);
        return (Of("payable:landlord:nerc"), Of("payable:hardware:iron"));
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
