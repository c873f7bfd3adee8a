using System.Collections.Immutable;
using System.Globalization;
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
        Lists.Count(e => e is ExchangeListEvent.PublicPricesPublished) +
        (Lists.Exists(e => e is ExchangeListEvent.OutageDeclared) ? 1 : 0) +
        (Lists.Exists(e => e is ExchangeListEvent.ServiceLevelPublished) ? 1 : 0);

    /// <summary>Checks files against each other alone, as if nothing had been published yet.</summary>
    /// <param name="known">Who may be paid by them, besides landlords whose sheets are among them.</param>
    public static Publication Check(IReadOnlyList<PricingText> texts, IEnumerable<LandlordId>? known = null) => Of(
        ImmutableSortedDictionary.Create<string, PriceBook>(StringComparer.Ordinal), ExchangeLists.Fold.Initial, texts,
        PricePublishContext.Nothing with { Known = (known ?? []).ToHashSet() }, "", NodaConstants.UnixEpoch);

    public static Publication Of(
        ImmutableSortedDictionary<string, PriceBook> books, ExchangeLists lists, IReadOnlyList<PricingText> texts,
        PricePublishContext standing, string by, Instant now)
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
                        AddOutages(lists, text, standing, by, now, listEvents);
                        break;
                    case PricingKind.Levels:
                        AddLevels(lists, text, standing, by, now, listEvents);
                        break;
                    case PricingKind.PublicPrices:
                        AddPublicPrices(lists, text, by, now, listEvents);
                        break;
                    default: ignored++; break;
                }
            }
            catch (RefusedException e)
            {
                refusals.Add(e.Refusal);
            }
        }

        var (bookEvents, after) = Sheets(books, sheets, standing, by, now, refusals);
        refusals.AddRange(sheets.SelectMany(s => SheetChecks.Alone(s.Sheet)));
        refusals.AddRange(BesideOthers(after, [.. sheets.Select(s => s.Sheet)]).Concat(Promises(after, listEvents)));
        refusals.AddRange(Payees(after, [.. sheets.Select(s => s.Sheet)], standing)
            .Concat(TooMuch(after, sheets.Where(s => bookEvents.ContainsKey(s.Sheet.BookName)), standing)));
        listEvents.AddRange(bookEvents.Keys.Where(name => !lists.Books.Contains(name))
            .Select(name => new ExchangeListEvent.BookOpened(name, now)));
        return new(bookEvents, listEvents.ToImmutable(), [.. refusals.Distinct()], texts.Count - ignored, ignored);
    }

    /// <summary>What a file says of outages is added to what is known; what it does not name stays.</summary>
    private static void AddOutages(
        ExchangeLists lists, PricingText text, PricePublishContext standing, string by, Instant now,
        ImmutableList<ExchangeListEvent>.Builder events)
    {
        foreach (var outage in Outage.Read(text.Yaml, text.File))
        {
            foreach (var declared in DeclareOutage.Declare(
                lists, outage, by, now, standing.Closed, standing.IsAccepted).OrThrow())
            {
                events.Add(declared);
                lists = ExchangeLists.Fold.Evolve(lists, declared);
            }
        }
    }

    /// <summary>What a file says of service levels is added to what is known.</summary>
    private static void AddLevels(
        ExchangeLists lists, PricingText text, PricePublishContext standing, string by, Instant now,
        ImmutableList<ExchangeListEvent>.Builder events)
    {
        foreach (var level in ServiceLevel.Read(text.Yaml, text.File))
        {
            foreach (var published in PublishLevel.Run(
                lists, level, by, now, standing.Closed, standing.IsAccepted).OrThrow())
            {
                events.Add(published);
                lists = ExchangeLists.Fold.Evolve(lists, published);
            }
        }
    }

    /// <summary>A promise is of a service that its landlord sells.</summary>
    private static IEnumerable<Refusal> Promises(List<PriceBook> books, IEnumerable<ExchangeListEvent> events) =>
        from level in events.OfType<ExchangeListEvent.ServiceLevelPublished>().Select(happened => happened.Level)
        where !books.Exists(book => book.All.Any(
            one => one.Sheet.Landlord == level.Landlord && one.Sheet.Service == level.Service))
        select UnknownService(level);

    public static Refusal UnknownService(ServiceLevel level) => new(
        "levels/unknown-service",
        $"{level.Landlord} has no price sheet of a service '{level.Service}'. Name one that it sells.", level.Service);

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
        PricePublishContext standing, string by, Instant now, List<Refusal> refusals)
    {
        var events = ImmutableSortedDictionary.CreateBuilder<string, ImmutableList<PriceBookEvent>>(
            StringComparer.Ordinal);
        foreach (var (sheet, text) in sheets.OrderByDescending(s => s.Sheet.From))
        {
            var book = books.GetValueOrDefault(sheet.BookName) ?? PriceBook.Fold.Initial;
            var decision = PriceBook.Publish(book, sheet with { File = text.Name }, text, by, now, standing);
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

    /// <summary>What is published stays, and whoever asks for prices reads it: of one landlord only so much.</summary>
    private static IEnumerable<Refusal> TooMuch(
        List<PriceBook> books, IEnumerable<(PriceSheet Sheet, PricingText Text)> added, PricePublishContext standing) =>
        from of in added.GroupBy(one => one.Sheet.Landlord)
        let all = books.Sum(book => book.CharactersOf(of.Key))
        where all > standing.MaxOfLandlord
        select new Refusal("prices/too-much", string.Create(
            CultureInfo.InvariantCulture,
            $"All that {of.Key} ever published would have {all:#,0} characters, and more than " +
            $"{standing.MaxOfLandlord:#,0} are published by the exchange's operator alone. Send them the sheet, or a " +
            $"shorter one."),
            of.First().Text.File);

    /// <summary>Whoever a sheet pays must be somebody here: a landlord with a sheet, or one with terms.</summary>
    private static IEnumerable<Refusal> Payees(List<PriceBook> books, List<PriceSheet> sheets,
        PricePublishContext standing)
    {
        var known = books.SelectMany(book => book.All).Select(one => one.Sheet.Landlord)
            .Concat(sheets.Select(sheet => sheet.Landlord)).Concat(standing.Known).ToHashSet();
        return
            from sheet in sheets
            from sku in sheet.Skus
            where sku.Wholesale is not null
            from payee in sku.Wholesale!.Behind.Select(one => one.Landlord)
                .Concat(sku.Wholesale.Payee.Length > 0 ? [new LandlordId(sku.Wholesale.Payee)] : [])
            where !known.Contains(payee) || payee == sheet.Landlord
            select payee == sheet.Landlord
                ? new Refusal(
                    "prices/pays-itself", $"SKU '{sku.Id}' pays '{payee}', whose sheet this is. Name who is behind it.",
                    sku.Where)
                : new Refusal(
                    "prices/unknown-payee",
                    $"SKU '{sku.Id}' pays '{payee}', whom the exchange does not know. Name a landlord that has a " +
                    "price sheet or terms here, or have it admitted first.", sku.Where);
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
