using System.Collections.Immutable;
using Exchange.Invoicing.Published;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Exchange.Rating;
using Exchange.Testing;
using NodaTime;

namespace Exchange.Fuzz.Tests;

/// <summary>
/// A file of pricing/ through all that publishing checks, beside the sheets that the product ships with. What is
/// published is appended, can be read again, holds in some time, and is known when it comes again.
/// </summary>
internal static class PublishedTargets
{
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 1, 0, 0);

    private static readonly PricePublishContext Standing = PricePublishContext.Nothing with
    {
        Closed = ((BillingMonth[])[new(2026, 9)]).ToHashSet(),
        RaisesFrom = Instant.FromUtc(2026, 12, 1, 0, 0),
        Known = PriceStanding.Payees(Landlords.Parse(
            File.ReadAllText(Product.File("pricing/landlords.yaml")), "landlords.yaml")).ToHashSet(),
    };

    private static readonly Lazy<Published> Shipped = new(() => Files().Aggregate(
        new Published(ImmutableSortedDictionary.Create<string, PriceBook>(StringComparer.Ordinal), ExchangeLists.Fold.Initial),
        (stand, file) => After(stand, Publication.Of(
            stand.Books, stand.Lists, [file], PricePublishContext.Nothing with { Known = Standing.Known }, "f", Now - Duration.FromDays(90)))));

    /// <summary>What is published.</summary>
    private sealed record Published(ImmutableSortedDictionary<string, PriceBook> Books, ExchangeLists Lists);

    public static void Price(string yaml)
    {
        var text = new PricingText("pricing/x.yaml", yaml);
        Try(new(ImmutableSortedDictionary.Create<string, PriceBook>(StringComparer.Ordinal), ExchangeLists.Fold.Initial), text);
        Try(Shipped.Value, text);
    }

    private static void Try(Published stand, PricingText text)
    {
        var publication = Publication.Of(stand.Books, stand.Lists, [text], Standing, "f", Now);
        if (publication.Refusals is [var refusal, ..])
        {
            throw new RefusedException(refusal);
        }

        var after = After(stand, publication);
        if (Publication.Of(after.Books, after.Lists, [text], Standing, "f", Now) is not { Refusals.IsEmpty: true, New: 0 })
        {
            throw new InvalidOperationException("What was published comes again as something new, or is refused.");
        }
    }

    private static Published After(Published stand, Publication publication) => new(
        publication.Books.Aggregate(stand.Books, (books, of) => books.SetItem(of.Key, of.Value.Aggregate(
            books.GetValueOrDefault(of.Key) ?? PriceBook.Fold.Initial,
            (book, happened) => PriceBook.Fold.Evolve(book, ReadBack.Of<PriceBookEvent>(happened))))),
        publication.Lists.Aggregate(stand.Lists, (lists, happened) =>
            ExchangeLists.Fold.Evolve(lists, ReadBack.Of<ExchangeListEvent>(happened))));

    private static IEnumerable<PricingText> Files() => Directory
        .GetFiles(Product.File("pricing"), "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        .Select(path => new PricingText(path, File.ReadAllText(path)));
}

/// <summary>An event as the journal gives it back: through the text that it is stored as.</summary>
internal static class ReadBack
{
    public static TEvent Of<TEvent>(TEvent happened)
    {
        var text = EventText.Of(happened);
        var again = text.As<TEvent>(Upcasts.None);
        return EventText.Of(again) == text ? again
            : throw new InvalidOperationException($"An event came back as {EventText.Of(again).Json} and was {text.Json}.");
    }
}
