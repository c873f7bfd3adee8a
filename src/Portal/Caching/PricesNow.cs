using Exchange.Journal;
using Exchange.Rating;

namespace Exchange.Portal;

/// <summary>
/// The price books of now, kept between requests: to read a hundred books and what they say costs seconds where there
/// are thousands of SKUs. Each time the journal is asked whether anything was added to any of them, so they are as new
/// as it is.
/// </summary>
internal sealed class PricesNow(PostgresJournal journal)
{
    private Read? _kept;

    /// <param name="Streams">All that the books are made of, and how many events of each.</param>
    private sealed record Read(IReadOnlyList<string> Streams, IReadOnlyList<long> Versions, PriceBooks Books);

    public async Task<PriceBooks> Get(CancellationToken ct)
    {
        if (_kept is { } kept && (await journal.Versions(kept.Streams, ct)).SequenceEqual(kept.Versions))
        {
            return kept.Books;
        }

        while (true)
        {
            // A book that is opened is an event of the lists. What is added while it is read is noticed the next time.
            var lists = await journal.State(ExchangeLists.Fold, ExchangeLists.Id, ct);
            List<string> streams =
            [
                ExchangeLists.Fold.StreamOf(ExchangeLists.Id), Agreements.Fold.StreamOf(Agreements.Id),
                ErasureEvent.Stream, .. lists.Books.Select(book => PriceBook.Fold.StreamOf(book)),
            ];
            var versions = await journal.Versions(streams, ct);
            var books = await LoadPriceBooks.Run(journal, ct);
            if (books.Books.Count == lists.Books.Count)
            {
                _kept = new(streams, versions, books);
                return books;
            }
        }
    }
}
