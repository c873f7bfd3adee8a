using Exchange.Journal;
using NodaTime;

namespace Exchange.Rating;

/// <summary>'exchange prices notice' — how long before a raise customers are told.</summary>
/// <param name="days">So many days; until the end of the month, when null.</param>
public sealed class SetNotice(int? days, string by) : ICommand<bool>
{
    public string Act => "prices notice";
    public string Target => days is { } n ? $"{n} days" : "next month";
    public string Permission => Actor.HasTheMachine;

    /// <returns>False when it was so already.</returns>
    public async Task<bool> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        var lists = await work.State(ExchangeLists.Fold, ExchangeLists.Id, ct);
        if (lists.NoticeDays == days)
        {
            return false;
        }

        work.Append<ExchangeListEvent>(
            ExchangeLists.Fold.StreamOf(ExchangeLists.Id), [new ExchangeListEvent.NoticeSet(days, by, now)]);
        return true;
    }
}
