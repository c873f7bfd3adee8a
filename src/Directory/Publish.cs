using System.Collections.Immutable;
using System.Text.Json;
using NodaTime;

namespace Exchange.Facts;

/// <summary>What the publication of a fact is measured against: which months are closed, who asks, and when.</summary>
/// <param name="Closed">The months whose bills are out.</param>
/// <param name="AcceptsCorrection">Whether finance accepts that closed months change, by adjustments.</param>
public sealed record PublishContext(
    IReadOnlyCollection<BillingMonth> Closed, string By, Instant Now, bool AcceptsCorrection = false)
{
    /// <summary>The first month of which nothing was billed yet; null where no month is closed.</summary>
    public BillingMonth? FirstOpen => Closed.Count == 0 ? null : Closed.Max().Next;

    /// <summary>The first month that takes corrections: those before it are closed for good. Null for all.</summary>
    public BillingMonth? FirstSoft { get; init; }

    /// <summary>Why changes of closed months may not be; null where they may.</summary>
    internal Refusal? Refuse(IReadOnlyList<FactChange> changed) =>
        changed.Count == 0 ? null
        : !AcceptsCorrection ? Publish.Refuse(changed, this)
        : changed[0].From is var month && month < FirstSoft ? new(
            "facts/hard-closed",
            $"{month} is closed for good, and was billed otherwise: {changed[0]}. Say from when it holds: '--from " +
            $"{FirstSoft}', the first month that takes corrections. What was billed wrong before is credited " +
            "('exchange invoices credit'), or the horizon is set further back first ('exchange settings set " +
            "--hard-close-months').")
        : null;
}

/// <summary>The rule by which versions of facts are published and withdrawn.</summary>
public static class Publish
{
    /// <summary>How many months from now on a publication is looked at for what it changes.</summary>
    private const int MonthsAhead = 24;

    /// <summary>A version for each value that says something new; what is already known adds nothing.</summary>
    /// <param name="from">The day from which they hold; null for as far back as they say themselves.</param>
    public static Decision<FactEvent> Versions<T>(
        DatedFacts facts, FactKind<T> kind, IEnumerable<T> written, LocalDate? from, PublishContext context)
        where T : class
    {
        if (kind.DecidesMoney && from is { Day: not 1 } day)
        {
            return new Refusal(
                "facts/not-a-month", $"What is published holds for whole months. Give the first of one instead of " +
                $"{Day(day)}.");
        }

        var events = new List<FactEvent>();
        var timelines = facts.Of(kind);
        foreach (var value in written)
        {
            var (fact, content) = (kind.Fact(value), kind.Write(value));
            if (IsKnown(facts, fact, content, from))
            {
                continue;
            }

            var happened = new FactEvent.Published(
                fact, from ?? First(facts, kind, fact, context), content, context.By, context.Now);
            var before = timelines.GetValueOrDefault(fact.Name);
            var changed = Closed(before, kind, happened.From, fact.Name, value, context);
            if (context.Refuse(changed) is { } refusal)
            {
                return refusal;
            }

            events.Add(happened with { IsCorrection = changed.Count > 0 });
        }

        return new(events);
    }

    /// <summary>A fact holds no longer from a day on.</summary>
    public static Decision<FactEvent> Withdraw<T>(
        DatedFacts facts, FactKind<T> kind, string name, LocalDate from, PublishContext context) where T : class
    {
        if (facts.Of(kind).GetValueOrDefault(name) is not { } timeline)
        {
            return new Refusal("facts/unknown", $"There is no {kind.Name} '{name}'.");
        }

        if (kind.DecidesMoney && from.Day != 1)
        {
            return new Refusal(
                "facts/not-a-month", $"It holds for whole months. Give the first of one instead of {Day(from)}.");
        }

        if (timeline.At(new(from.Year, from.Month)) is null && timeline.Last is null)
        {
            return [];
        }

        var changed = Closed(timeline, kind, from, name, null, context);
        return context.Refuse(changed) is { } refusal
            ? refusal
            : [new FactEvent.Withdrawn(new(kind.Name, name), from, context.By, context.Now)
                { IsCorrection = changed.Count > 0 }];
    }

    /// <summary>What events would change, in closed months and in those to come: each change once, at its first
    /// month.</summary>
    public static IReadOnlyList<FactChange> Changes<T>(
        DatedFacts facts, FactKind<T> kind, IEnumerable<FactEvent> events, PublishContext context) where T : class
    {
        var (before, after) = (facts.Of(kind), facts.With(events).Of(kind));
        var now = BillingMonth.Of(context.Now);
        var first = context.Closed.Append(now).Min();
        var changes = new List<FactChange>();
        foreach (var name in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
        {
            List<FactChange> last = [];
            for (var month = first; month <= now.Plus(MonthsAhead); month = month.Next)
            {
                var here = kind.Differences(
                    name, before.GetValueOrDefault(name)?.At(month), after.GetValueOrDefault(name)?.At(month), month)
                    .ToList();
                changes.AddRange(here.Where(one => !last.Exists(
                    earlier => earlier with { From = month } == one)));
                last = here;
            }
        }

        return changes;
    }

    /// <summary>Whether the last word on a fact, and on the day asked for, is this one.</summary>
    private static bool IsKnown(DatedFacts facts, FactName fact, JsonElement content, LocalDate? from) =>
        facts.Versions.GetValueOrDefault(fact)?[^1] is { Content: { } last } version &&
        JsonElement.DeepEquals(last, content) && (from is null || version.From <= from);

    /// <summary>From when a version holds that says no day.</summary>
    private static LocalDate First<T>(DatedFacts facts, FactKind<T> kind, FactName fact, PublishContext context)
        where T : class => kind.DecidesMoney || !facts.Versions.ContainsKey(fact)
            ? DatedFacts.Beginning
            : context.Now.InUtc().Date;

    private static List<FactChange> Closed<T>(
        Timeline<T>? timeline, FactKind<T> kind, LocalDate from, string name, T? value, PublishContext context)
        where T : class
    {
        if (!kind.DecidesMoney)
        {
            return [];
        }

        BillingMonth first = new(from.Year, from.Month);
        return
        [
            .. context.Closed.Where(month => month >= first).Order()
                .SelectMany(month => kind.Differences(name, timeline?.At(month), value, month)),
        ];
    }

    internal static Refusal Refuse(IReadOnlyList<FactChange> changed, PublishContext context)
    {
        var months = changed.Select(change => change.From).Distinct().Count();
        return new(
            "facts/closed-month",
            $"{changed[0].From} is closed and was billed otherwise: {changed[0]}" +
            $"{(months > 1 ? $" (and so on in {months} closed months)" : "")}. Say from when it holds: '--from " +
            $"{context.FirstOpen}', the first open month; or, as finance, let it become adjustments: " +
            "'--accept-correction'.");
    }

    private static string Day(LocalDate day) => NodaTime.Text.LocalDatePattern.Iso.Format(day);
}
