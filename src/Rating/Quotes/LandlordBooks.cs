using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Exchange.Rating;

/// <summary>
/// The books by landlord: what decides on the usage of one. The sheets of others do not, unless it is behind a service
/// of theirs; to read through fifty landlords for each of fifty would cost their square.
/// </summary>
internal sealed class LandlordBooks
{
    private static readonly ConditionalWeakTable<PriceBooks, LandlordBooks> Known = [];

    private readonly ConcurrentDictionary<LandlordId, PriceBooks> _own = new();
    private readonly PriceBooks _all;
    private readonly ILookup<LandlordId, KeyValuePair<string, PriceBook>> _books;
    private readonly ILookup<LandlordId, LandlordId> _fronts;

    /// <summary>Those of books are the same as long as the books are.</summary>
    public static LandlordBooks Of(PriceBooks all) => Known.GetValue(all, one => new(one));

    private LandlordBooks(PriceBooks all)
    {
        _all = all;
        _books = all.Books.Where(book => !book.Value.All.IsEmpty).ToLookup(book => book.Value.All[0].Sheet.Landlord);
        _fronts = (
            from book in all.Books.Values
            from sheet in book.All
            from sku in sheet.Sheet.Skus
            from behind in sku.Wholesale?.Behind ?? []
            select (behind.Landlord, Front: sheet.Sheet.Landlord))
            .Distinct().ToLookup(of => of.Landlord, of => of.Front);
    }

    /// <summary>With what was agreed about it; outages and levels are looked up by landlord anyway.</summary>
    public PriceBooks Of(LandlordId landlord) => _own.GetOrAdd(landlord, Own);

    private PriceBooks Own(LandlordId landlord)
    {
        HashSet<LandlordId> kept = [landlord, .. _fronts[landlord]];
        return _all with
        {
            Books = kept.SelectMany(one => _books[one]).ToImmutableSortedDictionary(StringComparer.Ordinal),
            Agreements = _all.Agreements with
            {
                Locks = [.. _all.Agreements.Locks.Where(one => kept.Contains(one.Landlord))],
                Standing = [.. _all.Agreements.Standing.Where(one => kept.Contains(one.Landlord))],
            },
        };
    }
}
