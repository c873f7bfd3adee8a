using System.Collections.Immutable;
using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// What publishing some files would do: the events for each book and for the exchange's lists, or everything that is
/// wrong with them. All files are published, or none.
/// </summary>
public sealed record Publication(
    ImmutableSortedDictionary<string, ImmutableList<PriceBookEvent>> Books, ImmutableList<ExchangeListEvent> Lists,
    ImmutableArray<Refusal> Refusals, int Read, int Ignored)
{
    public int New => Books.Values.Sum(events => events.Count) +
        Lists.Count(e => e is not ExchangeListEvent.BookOpened);

    /// <summary>Checks files against each other alone, as if nothing had been published yet.</summary>
    public static Publication Check(IReadOnlyList<PricingText> texts) => Of(
        ImmutableSortedDictionary.Create<string, PriceBook>(StringComparer.Ordinal), ExchangeLists.Fold.Initial, texts,
        Standing.Nothing, "", NodaConstants.UnixEpoch);

    public static Publication Of(
        ImmutableSortedDictionary<string, PriceBook> books, ExchangeLists lists, IReadOnlyList<PricingText> texts,
        Standing standing, string by, Instant now)
    {
        var refusals = new List<Refusal>();
        var listEvents = ImmutableList.CreateBuilder<ExchangeListEvent>();
        var sheets = new List<(PriceSheet Sheet, PricingText Text)>();
        var ignored = 0;
        foreach (var text in texts)
        {
            try
            {
                switch (text.Kind())
                {
                    case PricingKind.Sheet:
                        sheets.Add((SheetReader.Read(text.Yaml, text.File), text));
                        break;
                    case PricingKind.Outages:
                        AddOutages(lists, text, by, now, listEvents);
                        break;
                    case PricingKind.PublicPrices:
                        AddPublicPrices(lists, text, by, now, listEvents);
                        break;
                    case PricingKind.Other:
                        ignored++;
                        break;
                }
            }
            catch (RefusedException e)
            {
                refusals.Add(e.Refusal);
            }
        }

        var (bookEvents, after) = Sheets(books, sheets, standing, by, now, refusals);
        refusals.AddRange(sheets.SelectMany(s => SheetChecks.Alone(s.Sheet)));
        refusals.AddRange(BesideOthers(after, [.. sheets.Select(s => s.Sheet)]));
        listEvents.AddRange(bookEvents.Keys.Where(name => !lists.Books.Contains(name))
            .Select(name => new ExchangeListEvent.BookOpened(name, now)));
        return new(bookEvents, listEvents.ToImmutable(), [.. refusals.Distinct()], texts.Count - ignored, ignored);
    }

    private static void AddOutages(
        ExchangeLists lists, PricingText text, string by, Instant now,
        ImmutableList<ExchangeListEvent>.Builder events)
    {
        Outage.Read(text.Yaml, text.File);
        if (lists.OutagesSha256 != text.Sha256)
        {
            events.Add(new ExchangeListEvent.OutagesPublished(text.Name, text.Yaml, text.Sha256, by, now));
        }
    }

    private static void AddPublicPrices(
        ExchangeLists lists, PricingText text, string by, Instant now,
        ImmutableList<ExchangeListEvent>.Builder events)
    {
        PublicPrices.Read(text.Yaml, text.File);
        if (!lists.Public.TryGetValue(text.Name, out var known) || known.Sha256 != text.Sha256)
        {
            events.Add(new ExchangeListEvent.PublicPricesPublished(text.Name, text.Yaml, text.Sha256, by, now));
        }
    }

    /// <summary>Later sheets first: an end that the next sheet of the same call meets is no gap.</summary>
    private static (ImmutableSortedDictionary<string, ImmutableList<PriceBookEvent>>, List<PriceBook>) Sheets(
        ImmutableSortedDictionary<string, PriceBook> books, List<(PriceSheet Sheet, PricingText Text)> sheets,
        Standing standing, string by, Instant now, List<Refusal> refusals)
    {
        var events = ImmutableSortedDictionary.CreateBuilder<string, ImmutableList<PriceBookEvent>>(
            StringComparer.Ordinal);
        foreach (var (sheet, text) in sheets.OrderByDescending(s => s.Sheet.From))
        {
            var book = books.GetValueOrDefault(sheet.BookName) ?? PriceBook.Fold.Initial;
            var decision = PriceBook.Publish(
                book, sheet with { File = text.Name }, text.Yaml, text.Sha256, by, now, standing);
            if (decision.Refusal is { } refusal)
            {
                refusals.Add(refusal with { Where = text.File });
            }

            if (decision.Events.Count > 0)
            {
                books = books.SetItem(sheet.BookName, decision.Events.Aggregate(book, PriceBook.Fold.Evolve));
                events[sheet.BookName] = (events.GetValueOrDefault(sheet.BookName) ?? []).AddRange(decision.Events);
            }
        }

        return (events.ToImmutable(), [.. books.Values]);
    }

    /// <summary>SKUs of a new sheet and of another service's that match the same usage at the same time.</summary>
    private static IEnumerable<Refusal> BesideOthers(List<PriceBook> books, List<PriceSheet> sheets)
    {
        var inForce = books.SelectMany(book => book.InForce()).ToList();
        var places = sheets.ToLookup(s => (s.BookName, s.From));
        return from some in inForce
               from written in places[(some.Sheet.BookName, some.Sheet.From)]
               from other in inForce
               where other.Sheet.Landlord == some.Sheet.Landlord && other.Sheet.Service != some.Sheet.Service &&
                   other.Period.Overlaps(some.Period)
               from refusal in SheetChecks.Beside(written, other.Sheet)
               select refusal;
    }
}
