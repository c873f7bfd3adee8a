using Exchange.Facts;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Invoicing;

/// <summary>A profile that a command reads, changes and publishes from a day on.</summary>
internal static class ProfileToChange
{
    /// <param name="change">From what holds on that day, null for nothing, to what is to hold.</param>
    /// <returns>What holds from that day on.</returns>
    public static async Task<T> Publish<T>(
        UnitOfWork work, FactKind<T> kind, (string Name, LocalDate? From, string By, Instant Now) asked,
        Func<T?, T> change, CancellationToken ct) where T : class
    {
        var (name, from, by, now) = asked;
        var facts = await work.State(DatedFacts.Fold, DatedFacts.Id, ct);
        var day = from ?? now.InUtc().Date;
        var profile = change(facts.On(kind, name, day));
        var isFirst = !facts.Versions.ContainsKey(new(kind.Name, name));
        work.Append(
            DatedFacts.Fold.StreamOf(DatedFacts.Id),
            Facts.Publish.Versions(
                facts, kind, [profile], isFirst ? from : day, new PublishContext([], by, now)).OrThrow());
        return profile;
    }
}
