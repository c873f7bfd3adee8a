using System.Collections.Immutable;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Rating;

/// <summary>'exchange prices publish FILE…' — publishes sheets, outages and public lists, all or none.</summary>
public static class PublishPrices
{
    /// <param name="Published">How many files said something new.</param>
    /// <param name="Known">How many had been published before, word for word.</param>
    /// <param name="Refusals">Everything that is wrong; then nothing was published.</param>
    public sealed record PricesPublished(int Published, int Known, ImmutableArray<Refusal> Refusals);

    /// <summary>For the exchange itself, which is founded with its prices; people run a command.</summary>
    public static async Task<PricesPublished> Run(
        IJournal journal, IReadOnlyList<PricingText> texts, PricePublishContext standing, string by, Instant now,
        CancellationToken ct)
    {
        var work = new UnitOfWork(journal);
        var published = await Decide(work, texts, standing, by, now, ct);
        if (work.Appends is { Count: > 0 } appends)
        {
            await journal.Append(appends, ct);
        }

        return published;
    }

    /// <summary>Says what is to be appended; nothing, where something is wrong.</summary>
    public static async Task<PricesPublished> Decide(
        UnitOfWork work, IReadOnlyList<PricingText> texts, PricePublishContext standing, string by, Instant now,
        CancellationToken ct)
    {
        var stored = await StoredPrices.Read(work, ct);
        var publication = Publication.Of(
            stored.Books, stored.Lists, texts, standing.WithNotice(stored.Lists, now), by, now);
        if (!publication.Refusals.IsEmpty)
        {
            return new(0, 0, publication.Refusals);
        }

        if (await Broken(work, stored, publication, ct) is { IsEmpty: false } broken)
        {
            return new(0, 0, broken);
        }

        foreach (var (book, events) in publication.Books)
        {
            _ = await work.Read<PriceBookEvent>(PriceBook.Fold.StreamOf(book), ct);
            work.Append<PriceBookEvent>(PriceBook.Fold.StreamOf(book), events);
        }

        work.Append<ExchangeListEvent>(ExchangeLists.Fold.StreamOf(ExchangeLists.Id), publication.Lists);
        return new(publication.New, publication.Read - publication.New, []);
    }

    /// <summary>Reservations and commitments whose SKU would no longer be sold as it was agreed on.</summary>
    private static async Task<ImmutableArray<Refusal>> Broken(
        UnitOfWork work, StoredPrices stored, Publication publication, CancellationToken ct)
    {
        var agreed = Agreements.Fold.Of(
            await work.Read<AgreementEvent>(Agreements.Fold.StreamOf(Agreements.Id), ct));
        if (agreed.Standing.IsEmpty)
        {
            return [];
        }

        var before = PriceBooks.Empty with { Books = stored.Books };
        var after = before with
        {
            Books = publication.Books.Aggregate(stored.Books, (books, of) => books.SetItem(of.Key, of.Value.Aggregate(
                books.GetValueOrDefault(of.Key) ?? PriceBook.Fold.Initial, PriceBook.Fold.Evolve))),
        };
        return [.. Reserving.Broken(agreed, before, after)];
    }
}

/// <summary>Everything that prices depend on, as the journal has it.</summary>
public static class LoadPriceBooks
{
    /// <param name="knownAt">Only what had been published by then; null for everything.</param>
    public static async Task<PriceBooks> Run(IJournal journal, CancellationToken ct, Instant? knownAt = null)
    {
        var stored = await StoredPrices.Read(new UnitOfWork(journal), ct, knownAt);
        var agreed = await journal.Read<AgreementEvent>(Agreements.Fold.StreamOf(Agreements.Id), ct);
        return new(stored.Books, stored.Lists.Outages, [.. stored.Lists.Public.Values.Select(list => list.Prices)])
        {
            Version = stored.ListsVersion + stored.Versions.Values.Sum() + agreed.Count,
            Levels = stored.Lists.Levels,
            Agreements = Agreements.Fold.Of(agreed.Where(e => knownAt is null || At(e) <= knownAt)),
        };
    }

    private static Instant At(AgreementEvent happened) => happened switch
    {
        AgreementEvent.PricesLocked e => e.At,
        AgreementEvent.LockEnded e => e.At,
        AgreementEvent.LeaseAgreed e => e.At,
        AgreementEvent.LeaseExtended e => e.At,
        AgreementEvent.LeaseTransferred e => e.At,
        AgreementEvent.LeaseRepriced e => e.At,
        AgreementEvent.LeaseEnded e => e.At,
        AgreementEvent.LockExtended e => e.At,
        AgreementEvent.LockRepriced e => e.At,
        AgreementEvent.StandingAgreed e => e.At,
        AgreementEvent.StandingExtended e => e.At,
        AgreementEvent.StandingTransferred e => e.At,
        AgreementEvent.StandingRepriced e => e.At,
        AgreementEvent.StandingEnded e => e.At,
        _ => throw new CorruptStreamException(Agreements.Nothing, happened),
    };
}

/// <summary>The books and lists of the journal, with how many events each stream has.</summary>
internal sealed record StoredPrices(
    ImmutableSortedDictionary<string, PriceBook> Books, Dictionary<string, long> Versions, ExchangeLists Lists,
    long ListsVersion)
{
    /// <summary>A correction by its id; null where there is none.</summary>
    public PriceCorrection? Correction(string id) =>
        Books.Values.SelectMany(book => book.Corrections).FirstOrDefault(one => one.Id == id);

    /// <param name="knownAt">Only what had been published by then; null for everything.</param>
    public static async Task<StoredPrices> Read(UnitOfWork work, CancellationToken ct, Instant? knownAt = null)
    {
        var listEvents = await work.Read<ExchangeListEvent>(ExchangeLists.Fold.StreamOf(ExchangeLists.Id), ct);
        var lists = ExchangeLists.Fold.Of(listEvents.Where(e => knownAt is null || At(e) <= knownAt));
        var books = ImmutableSortedDictionary.CreateBuilder<string, PriceBook>(StringComparer.Ordinal);
        var versions = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var name in lists.Books)
        {
            var events = await work.Read<PriceBookEvent>(PriceBook.Fold.StreamOf(name), ct);
            var book = PriceBook.Fold.Of(events);
            books[name] = knownAt is { } instant ? book.KnownAt(instant) : book;
            versions[name] = events.Count;
        }

        return new(books.ToImmutable(), versions, lists, listEvents.Count);
    }

    private static Instant At(ExchangeListEvent happened) => happened switch
    {
        ExchangeListEvent.BookOpened e => e.At,
        ExchangeListEvent.OutagesPublished e => e.At,
        ExchangeListEvent.OutageDeclared e => e.At,
        ExchangeListEvent.OutageWithdrawn e => e.At,
        ExchangeListEvent.ServiceLevelPublished e => e.At,
        ExchangeListEvent.NoticeSet e => e.At,
        ExchangeListEvent.PublicPricesPublished e => e.At,
        _ => throw new CorruptStreamException(ExchangeLists.Fold.Initial, happened),
    };
}
