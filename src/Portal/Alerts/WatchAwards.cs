using Exchange.Journal;
using Exchange.Portal.Awards;
using Exchange.Portal.Awards.Reports;

namespace Exchange.Portal.Alerts;

/// <summary>A job: notes, once, that an award passed a part of its budget, or is going to at its end.</summary>
internal static class WatchAwards
{
    public static async Task Run(Composition exchange, CancellationToken ct)
    {
        var now = exchange.Clock.GetCurrentInstant();
        var book = await exchange.Journal.State(AwardBook.Fold, AwardBook.Id, ct);
        foreach (var pi in book.Awards.Select(one => one.Terms.Pi).Distinct())
        {
            foreach (var standing in await AwardStanding.Of(exchange, pi, now, ct))
            {
                // What is told is decided by the award as it is then: terms may have changed since it was read.
                await exchange.Journal.Decide<AwardBook, AwardEvent>(AwardBook.Fold, AwardBook.Id, state =>
                    state.Find(pi, standing.Terms.Number) is { } award && award.Terms == standing.Terms
                        ? new Decision<AwardEvent>([.. award.Watch(
                            standing.Burn.Spent, standing.Burn.Forecast?.Expected, now)])
                        : new Decision<AwardEvent>([]), ct);
            }
        }
    }
}
