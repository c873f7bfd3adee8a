using Exchange.Journal;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Market.Commands;

/// <summary>'exchange levels publish' — what a landlord promises of one of its services, from a month on.</summary>
/// <param name="books">What landlords sell.</param>
/// <param name="closed">The months that are billed.</param>
/// <param name="isCorrection">Whether finance takes it that closed months come to less, or more, by it.</param>
public sealed class PublishServiceLevel(
    ServiceLevel level, PriceBooks books, string by, IReadOnlySet<BillingMonth> closed, bool isCorrection)
    : ICommand<ServiceLevel>
{
    public string Act => "publish service level";
    public string Target => $"{level.Landlord}/{level.Service} from {level.From}";
    public string Permission => MarketPermissions.KeepLevels;

    public async Task<ServiceLevel> Decide(UnitOfWork work, Instant now, CancellationToken ct)
    {
        if (!books.Books.Values.Any(book => book.All.Any(one =>
            one.Sheet.Landlord == level.Landlord && one.Sheet.Service == level.Service)))
        {
            throw new RefusedException(Publication.UnknownService(level));
        }

        var lists = await work.State(ExchangeLists.Fold, ExchangeLists.Id, ct);
        var said = PublishLevel.Run(lists, level, by, now, closed, isCorrection).OrThrow();
        if (said.Count > 0)
        {
            work.Append(ExchangeLists.Fold.StreamOf(ExchangeLists.Id), said);
        }

        return level;
    }
}
