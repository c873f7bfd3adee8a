using Exchange.Facts;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>'exchange directory | programs | landlords withdraw' — ends a fact from a day on.</summary>
/// <param name="sources">By which it is known which months are closed.</param>
/// <param name="accepts">Whether finance lets closed months change.</param>
public sealed class WithdrawFact<T>(
    Sources sources, FactKind<T> kind, string name, LocalDate from, bool accepts, string by)
    : ICommand<PublishFacts.FactsPublished> where T : class
{
    public string Act => "facts withdraw";
    public string Target => $"{kind.Name}/{name}";
    public string Permission => Actor.HasTheMachine;

    public async Task<PublishFacts.FactsPublished> Decide(UnitOfWork work, Instant now, CancellationToken ct) =>
        await PublishFacts.Withdraw(
            work, kind, name, from, await PublishedFacts.Context(sources.Journal, by, now, accepts, ct), ct);
}
