using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Quotes;
using Exchange.Metering;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Market.Tests;

/// <summary>A quote is saved with its prices, lapses or is accepted, and then is what exactly that usage is billed.</summary>
public class QuotesThatHold
{
    private const string Sheet = """
        landlord: acme
        service: compute
        clusters: [a1]
        from: 2026-01
        skus:
          - {name: VM, unit: vm-hour, rate: "1", counts: resource, per: hour, match: {kind: vm}}
        examples:
          - {name: an hour, usage: [{kind: vm, hours: "1"}], total: "1.00"}
        """;

    private static readonly LandlordId Acme = new("acme");
    private static readonly PiId Ada = new("ada@bu.edu");
    private static readonly Instant Now = Instant.FromUtc(2026, 10, 1, 12, 0);
    private static readonly HashSet<BillingMonth> Open = [];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Code(Action act) => Assert.Throws<RefusedException>(act).Refusal.Code;

    private static async Task<string> Code(Func<Task> act) =>
        (await Assert.ThrowsAsync<RefusedException>(act)).Refusal.Code;

    private static async Task<MemoryJournal> Start()
    {
        var journal = new MemoryJournal(new StoppedClock());
        await Publish(journal, Sheet, Instant.FromUtc(2026, 1, 1, 0, 0));
        return journal;
    }

    private static async Task Publish(IJournal journal, string yaml, Instant at) => Assert.Empty((await PublishPrices.Run(
        journal, [new("acme.yaml", yaml)], PricePublishContext.Nothing, "acme", at, Ct)).Refusals);

    private static async Task<QuoteTerms> Save(
        IJournal journal, int hours = 744, int days = 14, string project = "p1", Instant? at = null, int resources = 1)
    {
        var books = await LoadPriceBooks.Run(journal, Ct);
        var whose = new QuoteFor(new(project), [], []);
        var offers = Quote.Of(
            books, [new("vm", Shape.Empty, Duration.FromHours(hours), resources)], at ?? Now, whose: whose);
        return await journal.Execute(
            new SaveQuote(new(books, whose, Ada, offers, at ?? Now, days), "ada"), Now, Ct);
    }

    private static async Task<string> Bill(IJournal journal, BillingMonth month, Period used, string project = "p1")
    {
        var rater = new Rater(await LoadPriceBooks.Run(journal, Ct), new(month));
        rater.Add(new Segment(
            new(Acme, new("a1"), "vm", "v"), new(project), used, ResourceState.Running, Shape.Empty));
        return string.Join(", ", rater.Finish().Charges.Select(charge => $"{charge.Amount} {charge.Step}".Trim()));
    }

    [Fact]
    public async Task An_accepted_quote_is_the_bill_of_exactly_that_usage_and_a_lapsed_one_is_nothing()
    {
        var journal = await Start();
        var terms = await Save(journal);
        Assert.Matches("^Q-[0-9A-Z]{8}$", terms.Id);
        Assert.Equal("744.00 USD", $"{terms.Total}");
        var raise = Sheet.Replace("2026-01", "2026-10-16", StringComparison.Ordinal)
            .Replace("rate: \"1\"", "rate: \"3\"", StringComparison.Ordinal)
            .Replace("1.00", "3.00", StringComparison.Ordinal);
        await Publish(journal, raise, Now);
        var (october, november) = (new BillingMonth(2026, 10), new BillingMonth(2026, 11));
        Assert.Equal("348.00 USD, 1152.00 USD", await Bill(journal, october, terms.Period));

        await journal.Execute(new AcceptQuote(terms.Id, Ada, "ada", Open), Now, Ct);
        Assert.Equal($"732.00 USD agreed in {terms.Id}", await Bill(journal, october, terms.Period));
        Assert.Equal($"12.00 USD agreed in {terms.Id}", await Bill(journal, november, terms.Period));
        Assert.Equal("348.00 USD, 1152.00 USD", await Bill(journal, october, terms.Period, "p2"));
        // Twice is once.
        await journal.Execute(new AcceptQuote(terms.Id, Ada, "ada", Open), Now, Ct);
        Assert.Single((await LoadPriceBooks.Run(journal, Ct)).Agreements.Locks);

        var late = await Save(journal, project: "p2", days: 2);
        Assert.Equal("1536.00 USD", $"{late.Total}");
        Assert.Equal("quote/lapsed", await Code(() => journal.Execute(
            new AcceptQuote(late.Id, Ada, "ada", Open), Now + Duration.FromDays(2), Ct)));
        Assert.Equal("open lapsed", $"{(await journal.State(SavedQuote.Fold, late.Id, Ct)).StateAt(Now)} " +
            (await journal.State(SavedQuote.Fold, late.Id, Ct)).StateAt(late.ValidUntil));
    }

    [Fact]
    public async Task Who_gives_an_agreement_up_pays_list_prices_from_then_on()
    {
        var journal = await Start();
        var terms = await Save(journal, hours: 240);
        await journal.Execute(new AcceptQuote(terms.Id, null, "finance", Open), Now, Ct);
        var raise = Sheet.Replace("2026-01", "2026-10-02", StringComparison.Ordinal)
            .Replace("rate: \"1\"", "rate: \"2\"", StringComparison.Ordinal)
            .Replace("1.00", "2.00", StringComparison.Ordinal);
        await Publish(journal, raise, Now);
        var at = Now + Duration.FromDays(5);
        await journal.Execute(new EndAgreement(terms.Id, Ada, at, "ada"), Now, Ct);
        Assert.Equal(
            $"120.00 USD agreed in {terms.Id}, 240.00 USD", await Bill(journal, new(2026, 10), terms.Period));
        Assert.Equal("agreement/past", await Code(() => journal.Execute(
            new EndAgreement(terms.Id, Ada, Now, "ada"), at, Ct)));
    }

    [Fact]
    public async Task What_is_refused_says_why_and_changes_nothing()
    {
        var journal = await Start();
        var terms = await Save(journal);
        var again = await Save(journal, hours: 10);
        Assert.Equal("quote/unknown", await Code(() => journal.Execute(
            new AcceptQuote(terms.Id, new("eve@bu.edu"), "eve", Open), Now, Ct)));
        Assert.Equal("quote/unknown", await Code(() => journal.Execute(
            new AcceptQuote("Q-NONE", null, "finance", Open), Now, Ct)));
        Assert.Equal("agreement/unknown", await Code(() => journal.Execute(
            new EndAgreement(terms.Id, Ada, null, "ada"), Now, Ct)));
        Assert.Equal("agreement/closed-month", await Code(() => journal.Execute(
            new AcceptQuote(terms.Id, Ada, "ada", new HashSet<BillingMonth> { new(2026, 10) }), Now, Ct)));
        await journal.Execute(new AcceptQuote(terms.Id, Ada, "ada", Open), Now, Ct);
        Assert.Equal("agreement/overlaps", await Code(() => journal.Execute(
            new AcceptQuote(again.Id, Ada, "ada", Open), Now, Ct)));

        // Seen before: 0.00, as the first agreement prices all of it.
        Assert.Equal("quote/agreed", await Code(() => Save(journal, hours: 10)));
        Assert.Equal("quote/agreed", await Code(() => Save(journal, at: Now + Duration.FromHours(743))));
        Assert.Equal("744.00 USD", $"{(await Save(journal, at: Now + Duration.FromHours(744))).Total}");
        Assert.Equal("quote/past", await Code(() => Save(journal, at: Now - Duration.FromDays(1), project: "p2")));
        Assert.Equal("quote/valid", await Code(() => Save(journal, days: 91, project: "p2")));
        var books = await LoadPriceBooks.Run(journal, Ct);
        Assert.Equal("quote/not-sold", Code(() => PriceQuote.Of(
            new(books, QuoteFor.Anybody, null, [], Now, 14), "Q-X", Now)));
        Assert.Single(books.Agreements.Locks);
        Assert.NotEqual("", books.Agreements.Fingerprint);
        Assert.Equal("", Agreements.Nothing.Fingerprint);
    }

    [Fact]
    public async Task What_is_promised_in_a_sheet_is_no_price_of_a_quote()
    {
        var journal = await Start();
        var promised = Sheet.Replace("rate: \"1\"",
            "rate: \"1\", model: reservation, reservations: [{project: p1, count: \"1\", rate: \"0.4\", " +
            "from: 2026-11-05, until: 2026-11-20}]", StringComparison.Ordinal)
            .Replace("2026-01\n", "2026-11\n", StringComparison.Ordinal);
        await Publish(journal, promised, Now);
        Assert.Equal("quote/promised", await Code(() => Save(journal, at: Instant.FromUtc(2026, 11, 1, 0, 0))));
        Assert.Equal("744.00 USD", $"{(await Save(
            journal, at: Instant.FromUtc(2026, 11, 1, 0, 0), project: "p2")).Total}");
    }
}

/// <summary>A clock that stands.</summary>
internal sealed class StoppedClock : IClock
{
    public Instant GetCurrentInstant() => Instant.FromUtc(2026, 10, 1, 12, 0);
}
