using Exchange.Facts;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>
/// 'exchange directory | programs | landlords publish' — publishes facts that files say: all that is new, or nothing.
/// </summary>
/// <param name="sources">By which it is known which months are closed.</param>
/// <param name="from">The first day on which it holds; as far back as each file says, when null.</param>
/// <param name="accepts">Whether finance lets closed months change.</param>
public sealed class PublishFactFiles(
    Sources sources, IReadOnlyList<WrittenFacts> written, LocalDate? from, bool accepts, string by)
    : ICommand<PublishFacts.FactsPublished>
{
    public string Act => "facts publish";

    /// <summary>What was published; every fact of the files while that is not known.</summary>
    public string Target { get; private set; } = string.Join(' ', written.SelectMany(one => one.Names));

    public string Permission => Actor.HasTheMachine;

    public async Task<PublishFacts.FactsPublished> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var context = await PublishedFacts.Context(sources.Journal, by, now, accepts, ct);
        var done = await PublishFacts.Decide(work, written, from, context, PublishedFacts.Check, ct);
        Target = string.Join(' ', done.Published.Select(e => e.Fact));
        return done;
    }
}
