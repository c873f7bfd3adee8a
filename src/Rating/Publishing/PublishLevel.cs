using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// What may be said of service levels: each holds from a month on, for one service of the landlord whose it is. Months
/// that are closed stay; customers are told of a weaker promise as long before as of a raise.
/// </summary>
public static class PublishLevel
{
    /// <param name="isCorrection">Whether finance takes it that closed months come to less, or more, by it.</param>
    public static Decision<ExchangeListEvent> Run(
        ExchangeLists lists, ServiceLevel level, string by, Instant now, IReadOnlySet<BillingMonth> closed,
        bool isCorrection = false)
    {
        if (level.Wrong() is { } wrong)
        {
            return wrong;
        }

        if (lists.Levels.Contains(level))
        {
            return [];
        }

        var happened = new ExchangeListEvent.ServiceLevelPublished(level, by, now);
        var after = ExchangeLists.Fold.Evolve(lists, happened);
        if (!isCorrection && closed.Order().FirstOrDefault(month =>
            In(lists, level, month) != In(after, level, month)) is var changed && changed != default)
        {
            return new Refusal(
                "levels/closed-month",
                $"The level of {level.Landlord}/{level.Service} would change {changed}, which is closed. Let it hold " +
                $"from an open month; for the rest ask finance, who adds it as a correction.", level.Service);
        }

        var notice = lists.RaisesFrom(now);
        return In(lists, level, level.From) is { } before && level.From.Start < notice && !level.IsAtLeast(before)
            ? new Refusal(
                "levels/no-notice",
                $"From {level.From} {level.Landlord}/{level.Service} would promise less than now. Customers are told " +
                $"before: let it hold from a month that begins at {Text.Of(notice)} or later.", level.Service)
            : [happened];
    }

    private static ServiceLevel? In(ExchangeLists lists, ServiceLevel like, BillingMonth month) =>
        ServiceLevels.In(lists.Levels, like.Landlord, like.Service, month);
}
