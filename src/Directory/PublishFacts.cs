using System.Collections.Immutable;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Facts;

/// <summary>Publishes facts that files say: all of them in one append, or none.</summary>
public static class PublishFacts
{
    /// <param name="Published">What was, or would be, appended.</param>
    /// <param name="Changes">What that changes, in closed months and in those to come.</param>
    /// <param name="Facts">The facts as they are after it.</param>
    public sealed record FactsPublished(
        IReadOnlyList<FactEvent> Published, IReadOnlyList<FactChange> Changes, DatedFacts Facts);

    /// <summary>What publishing would do. Writes nothing.</summary>
    /// <param name="check">Says what is wrong with the facts as they would be; null when nothing is.</param>
    /// <exception cref="RefusedException">A version would change a closed month, or the facts do not agree.</exception>
    public static async Task<FactsPublished> Plan(
        IJournal journal, IReadOnlyList<WrittenFacts> written, LocalDate? from, PublishContext context,
        Func<DatedFacts, Refusal?> check, CancellationToken ct) =>
        Work(await Read(journal, ct), written, from, context, check);

    /// <summary>For the exchange itself, which is founded with its facts; people run a command.</summary>
    /// <param name="check">Says what is wrong with the facts as they would be; null when nothing is.</param>
    /// <exception cref="RefusedException">A version would change a closed month, or the facts do not agree.</exception>
    /// <exception cref="ConflictException">Someone else published meanwhile; ask again.</exception>
    public static async Task<FactsPublished> Run(
        IJournal journal, IReadOnlyList<WrittenFacts> written, LocalDate? from, PublishContext context,
        Func<DatedFacts, Refusal?> check, CancellationToken ct)
    {
        var work = new UnitOfWork(journal);
        var outcome = await Decide(work, written, from, context, check, ct);
        if (work.Appends is { Count: > 0 } appends)
        {
            await journal.Append(appends, ct);
        }

        return outcome;
    }

    /// <summary>Says what is to be appended.</summary>
    /// <param name="check">Says what is wrong with the facts as they would be; null when nothing is.</param>
    /// <exception cref="RefusedException">A version would change a closed month, or the facts do not agree.</exception>
    public static async Task<FactsPublished> Decide(
        UnitOfWork work, IReadOnlyList<WrittenFacts> written, LocalDate? from, PublishContext context,
        Func<DatedFacts, Refusal?> check, CancellationToken ct)
    {
        var outcome = Work(await work.State(DatedFacts.Fold, DatedFacts.Id, ct), written, from, context, check);
        work.Append(DatedFacts.Fold.StreamOf(DatedFacts.Id), outcome.Published);
        return outcome;
    }

    /// <summary>Says what is to be appended to end a fact from a day on.</summary>
    /// <exception cref="RefusedException">There is no such fact, or a closed month would change.</exception>
    public static async Task<FactsPublished> Withdraw<T>(
        UnitOfWork work, FactKind<T> kind, string name, LocalDate from, PublishContext context, CancellationToken ct)
        where T : class
    {
        var facts = await work.State(DatedFacts.Fold, DatedFacts.Id, ct);
        var events = Publish.Withdraw(facts, kind, name, from, context).OrThrow();
        work.Append(DatedFacts.Fold.StreamOf(DatedFacts.Id), events);
        return new(events, Publish.Changes(facts, kind, events, context), facts.With(events));
    }

    /// <summary>All facts of the journal.</summary>
    /// <param name="asOf">Only what was known then; null for everything.</param>
    public static async Task<DatedFacts> Read(IJournal journal, CancellationToken ct, Instant? asOf = null)
    {
        var facts = await journal.State(DatedFacts.Fold, DatedFacts.Id, ct);
        return asOf is { } known ? facts.Known(known) : facts;
    }

    private static FactsPublished Work(
        DatedFacts facts, IReadOnlyList<WrittenFacts> written, LocalDate? from, PublishContext context,
        Func<DatedFacts, Refusal?> check)
    {
        var (after, events, changes) = (facts, ImmutableList.CreateBuilder<FactEvent>(), new List<FactChange>());
        var seen = new Dictionary<FactName, string>();
        foreach (var one in written)
        {
            foreach (var name in one.Names)
            {
                if (!seen.TryAdd(name, one.File))
                {
                    throw new RefusedException(new(
                        "facts/twice", $"'{name}' is said twice (in {seen[name]} too). Keep one of them.", one.File));
                }
            }

            var decision = one.Publish(after, from, context);
            if (decision.Refusal is { } refusal)
            {
                throw new RefusedException(refusal with { Where = one.File });
            }

            changes.AddRange(one.Changes(after, decision.Events, context));
            events.AddRange(decision.Events);
            after = after.With(decision.Events);
        }

        return check(after) is { } wrong
            ? throw new RefusedException(wrong)
            : new(events.ToImmutable(), changes, after);
    }
}
