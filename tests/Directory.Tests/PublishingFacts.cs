using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Facts.Tests;

/// <summary>Facts are published as versions, each from a month on; closed months keep what they were billed by.</summary>
public class PublishingFacts
{
    private static readonly BillingMonth September = new(2026, 9);
    private static readonly BillingMonth October = new(2026, 10);
    private static readonly Instant Noon = Instant.FromUtc(2026, 11, 3, 12, 0);
    private static readonly LocalDate November = new(2026, 11, 1);

    /// <summary>An amount a month, which the file says from a month of its own on.</summary>
    internal sealed record Grant(string Id, int Amount, BillingMonth Since, string? Note = null)
    {
        public static readonly FactKind<Grant> Facts = new(
            "grant", one => one.Id, (one, month) => one.Since <= month ? [("amount", $"{one.Amount}")] : []);
    }

    private static readonly Grant Hundred = new("bu", 100, new(2020, 1));

    private static PublishContext Told(params BillingMonth[] closed) => new(closed, "test", Noon);

    private static FactEvent.Published Version(Grant grant, LocalDate? from = null) => new(
        Grant.Facts.Fact(grant), from ?? DatedFacts.Beginning, Grant.Facts.Write(grant), "test", Noon);

    [Fact]
    public void The_first_version_holds_from_the_beginning_and_said_again_adds_nothing() =>
        Given.Events(DatedFacts.Fold)
            .When(facts => Publish.Versions(facts, Grant.Facts, [Hundred], null, Told()))
            .Then(Version(Hundred));

    [Fact]
    public void An_edit_that_would_change_a_closed_month_is_refused() =>
        Given.Events(DatedFacts.Fold, Version(Hundred))
            .When(facts => Publish.Versions(
                facts, Grant.Facts, [Hundred with { Amount = 50 }], null, Told(September, October)))
            .ThenRefused("facts/closed-month");

    [Fact]
    public void The_same_edit_from_the_first_open_month_on_is_taken() =>
        Given.Events(DatedFacts.Fold, Version(Hundred))
            .When(facts => Publish.Versions(
                facts, Grant.Facts, [Hundred with { Amount = 50 }], November, Told(September, October)))
            .Then(Version(Hundred with { Amount = 50 }, November));

    [Fact]
    public void What_decides_no_money_may_change_whenever_it_likes() =>
        Given.Events(DatedFacts.Fold, Version(Hundred))
            .When(facts => Publish.Versions(
                facts, Grant.Facts, [Hundred with { Note = "a title" }], null, Told(October)))
            .Then(Version(Hundred with { Note = "a title" }));

    [Fact]
    public void A_correction_is_taken_when_finance_accepts_it_and_says_so() =>
        Given.Events(DatedFacts.Fold, Version(Hundred))
            .When(facts => Publish.Versions(
                facts, Grant.Facts, [Hundred with { Amount = 50 }], null,
                Told(October) with { AcceptsCorrection = true }))
            .Then(Version(Hundred with { Amount = 50 }) with { IsCorrection = true });

    [Fact]
    public void Half_a_month_is_not_published() =>
        Given.Events(DatedFacts.Fold)
            .When(facts => Publish.Versions(facts, Grant.Facts, [Hundred], new(2026, 11, 15), Told()))
            .ThenRefused("facts/not-a-month");

    [Fact]
    public void Withdrawing_from_a_closed_month_is_refused_and_from_an_open_one_is_not()
    {
        Given.Events(DatedFacts.Fold, Version(Hundred))
            .When(facts => Publish.Withdraw(facts, Grant.Facts, "bu", new(2026, 10, 1), Told(October)))
            .ThenRefused("facts/closed-month");
        Given.Events(DatedFacts.Fold, Version(Hundred))
            .When(facts => Publish.Withdraw(facts, Grant.Facts, "bu", November, Told(October)))
            .Then(new FactEvent.Withdrawn(new("grant", "bu"), November, "test", Noon));
        Given.Events(DatedFacts.Fold)
            .When(facts => Publish.Withdraw(facts, Grant.Facts, "nobody", November, Told(October)))
            .ThenRefused("facts/unknown");
    }

    [Fact]
    public void What_a_publication_changes_is_said_once_at_its_first_month()
    {
        var facts = DatedFacts.Fold.Of([Version(Hundred)]);
        var events = Publish.Versions(
            facts, Grant.Facts, [Hundred with { Amount = 50 }], new(2026, 12, 1), Told(October)).OrThrow();

        Assert.Equal(
            ["grant/bu from 2026-12: amount is 50 instead of 100"],
            Publish.Changes(facts, Grant.Facts, events, Told(October)).Select(change => change.ToString()));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6)]
    public void Whatever_is_published_closed_months_keep_what_they_say_and_the_past_is_known_as_it_was(int seed)
    {
        var random = new Random(seed);
        var facts = DatedFacts.Fold.Initial;
        var closed = new List<BillingMonth>();
        var (month, now) = (new BillingMonth(2026, 1), Instant.FromUtc(2026, 1, 1, 0, 0));
        var known = new List<(Instant At, string Says)>();
        for (var step = 0; step < 120; step++)
        {
            now += Duration.FromDays(1);
            if (random.Next(8) == 0)
            {
                closed.Add(month);
                month = month.Next;
            }

            var before = All(facts);
            var start = month.Plus(random.Next(-4, 4));
            var context = new PublishContext(closed, "test", now);
            LocalDate? from = random.Next(3) == 0 ? null : new LocalDate(start.Year, start.Month, 1);
            var grant = new Grant($"g{random.Next(3)}", random.Next(3), new BillingMonth(2026, 1).Plus(random.Next(9)));
            var decision = random.Next(4) == 0 && from is { } day
                ? Publish.Withdraw(facts, Grant.Facts, grant.Id, day, context)
                : Publish.Versions(facts, Grant.Facts, [grant], from, context);
            facts = facts.With(decision.Events);

            var after = All(facts);
            Assert.All(before.Where(of => closed.Contains(of.Key.Month)), of => Assert.Equal(of.Value, after[of.Key]));
            Assert.All(before.Where(of => from is { } first && of.Key.Month < new BillingMonth(first.Year, first.Month)),
                of => Assert.Equal(of.Value, after[of.Key]));
            known.Add((now, string.Join(';', after.Values)));
        }

        Assert.All(known, then => Assert.Equal(then.Says, string.Join(';', All(facts.Known(then.At)).Values)));
    }

    private static SortedDictionary<(string Id, BillingMonth Month), string> All(DatedFacts facts)
    {
        var grants = facts.Of(Grant.Facts);
        return new((
            from id in new[] { "g0", "g1", "g2" }
            from n in Enumerable.Range(0, 36)
            let month = new BillingMonth(2026, 1).Plus(n)
            select KeyValuePair.Create((id, month), grants.GetValueOrDefault(id)?.At(month) is { } grant
                ? string.Join(',', Grant.Facts.Decides(grant, month))
                : "")).ToDictionary());
    }
}
