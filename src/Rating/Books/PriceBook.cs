using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.Json.Serialization;
using NodaTime;

namespace Exchange.Rating;

/// <summary>Everything that can happen to a price book. The quoted names are stored for ever.</summary>
[JsonDerivedType(typeof(Published), "price-sheet-published/1")]
[JsonDerivedType(typeof(Withdrawn), "price-sheet-withdrawn/1")]
[JsonDerivedType(typeof(CorrectionProposed), "price-correction-proposed/1")]
[JsonDerivedType(typeof(CorrectionAccepted), "price-correction-accepted/1")]
[JsonDerivedType(typeof(CorrectionDeclined), "price-correction-declined/1")]
public abstract record PriceBookEvent
{
    private PriceBookEvent() { }

    /// <summary>A sheet was published, whole, as the text that was reviewed.</summary>
    public sealed record Published(
        LandlordId Landlord, string Service, Instant From, int Version, string File, string Yaml, string Sha256,
            string By,
        Instant At) : PriceBookEvent;

    /// <summary>A version of a sheet was taken back before it began.</summary>
    public sealed record Withdrawn(Instant From, int Version, string By, Instant At) : PriceBookEvent;

    /// <summary>The landlord says that a sheet of closed months was wrong, and what is right.</summary>
    public sealed record CorrectionProposed(
        LandlordId Landlord, string Service, Instant From, int Number, string File, string Yaml, string Sha256,
        string Reason, string By, Instant At) : PriceBookEvent;

    /// <summary>Finance took a correction; with it the sheet was published.</summary>
    public sealed record CorrectionAccepted(int Number, string By, Instant At) : PriceBookEvent;

    /// <summary>Finance did not take a correction.</summary>
    public sealed record CorrectionDeclined(int Number, string Reason, string By, Instant At) : PriceBookEvent;
}

/// <summary>
/// The sheets of one landlord's service over time. A correction is a new version; what has begun is never taken
/// away.
/// </summary>
public sealed record PriceBook(ImmutableArray<PublishedSheet> All)
{
    public static readonly Fold<PriceBook, PriceBookEvent> Fold = new("prices", new([]), Evolve);

    /// <summary>Corrections of closed months, by number from 1.</summary>
    public ImmutableArray<PriceCorrection> Corrections { get; init; } = [];

    private static readonly ConditionalWeakTable<PriceBook, StrongBox<ImmutableArray<SheetInForce>>> Holding = [];

    /// <summary>
    /// The newest version of each sheet and the time in which it holds, in the order of time; worked out once.
    /// </summary>
    public ImmutableArray<SheetInForce> InForce() => Holding.GetValue(this, book => new(book.WorkOutInForce())).Value;

    private ImmutableArray<SheetInForce> WorkOutInForce()
    {
        var newest = All.Where(sheet => sheet.WithdrawnAt is null).GroupBy(sheet => sheet.Sheet.From)
            .Select(versions => versions.MaxBy(v => v.Version)!)
            .OrderBy(sheet => sheet.Sheet.From).ToArray();
        return [.. newest.Select((sheet, i) => new SheetInForce(sheet, new(
            sheet.Sheet.From, Instant.Min(
                sheet.Sheet.Until ?? SheetDates.Never,
                i + 1 < newest.Length ? newest[i + 1].Sheet.From : SheetDates.Never))))];
    }

    /// <summary>How much text a landlord published here, in force or not.</summary>
    public long CharactersOf(LandlordId landlord) =>
        All.Where(one => one.Sheet.Landlord == landlord).Sum(one => (long)one.Yaml.Length);

    /// <summary>Only what had been published by then.</summary>
    public PriceBook KnownAt(Instant instant) => new([.. All.Where(sheet => sheet.At <= instant)
        .Select(sheet => sheet.WithdrawnAt > instant ? sheet with { WithdrawnAt = null } : sheet)]);

    public static Decision<PriceBookEvent> Publish(
        PriceBook book, PriceSheet sheet, PricingText text, string by, Instant now, PricePublishContext standing)
    {
        var versions = book.All.Where(old => old.Sheet.From == sheet.From).ToList();
        if (versions.MaxBy(old => old.Version) is { WithdrawnAt: null } newest &&
            newest.Sha256 == text.Sha256)
        {
            return [];
        }

        var published = new PublishedSheet(sheet, versions.Count + 1, text.Yaml, text.Sha256, by, now);
        var after = new PriceBook(book.All.Add(published));
        if ((Overlap(after, sheet) ?? (standing.IsAccepted ? null : Closed(book, after, sheet, standing))
            ?? Gap(book, after, sheet, standing) ?? PriceRaise.Refused(book, after, sheet, standing)) is { } refusal)
        {
            return refusal;
        }

        return
        [
            new PriceBookEvent.Published(
                sheet.Landlord, sheet.Service, sheet.From, published.Version, sheet.File, text.Yaml, text.Sha256, by,
                now),
        ];
    }

    /// <summary>Takes back a version that has not begun; what holds instead must price all that there is.</summary>
    /// <param name="id">As charges name it.</param>
    public static Decision<PriceBookEvent> Withdraw(
        PriceBook book, string id, string by, Instant now, PricePublishContext standing)
    {
        if (book.All.FirstOrDefault(old => old.Id == id) is not { } sheet)
        {
            return Unknown(id);
        }

        if (sheet.WithdrawnAt is not null)
        {
            return [];
        }

        if (sheet.Sheet.From <= now)
        {
            return new Refusal(
                "prices/has-begun",
                $"{id} has held since {Text.Of(sheet.Sheet.From)}, so it stays. Publish a sheet that begins later, " +
                "or a correction of this one.", id);
        }

        var happened = new PriceBookEvent.Withdrawn(sheet.Sheet.From, sheet.Version, by, now);
        var after = Evolve(book, happened);
        return (after.InForce().Select(left => Overlap(after, left.Sheet)).FirstOrDefault(found => found is not null)
            ?? Closed(book, after, sheet.Sheet, standing) ?? Gap(book, after, sheet.Sheet, standing)) is { } refusal
            ? refusal
            : [happened];
    }

    /// <summary>That no sheet has this id.</summary>
    public static Refusal Unknown(string id) =>
        new("prices/unknown", $"There is no sheet '{id}'. 'exchange prices list' shows them.", id);

    /// <summary>An end that is written down must not lie inside the time of the next sheet.</summary>
    private static Refusal? Overlap(PriceBook after, PriceSheet sheet) => (
        from earlier in after.InForce()
        from later in after.InForce()
        where earlier.Sheet.From < later.Sheet.From && earlier.Sheet.Until > later.Sheet.From
        where earlier.Sheet == sheet || later.Sheet == sheet
        select new Refusal(
            "prices/overlap",
            $"{earlier.Published.Id} holds until {Text.Of(earlier.Sheet.Until!.Value)}, but {later.Published.Id} " +
            "begins at " +
            $"{Text.Of(later.Sheet.From)}. Move one of the two.", sheet.File)).FirstOrDefault();

    private static Refusal? Closed(PriceBook before, PriceBook after, PriceSheet sheet, PricePublishContext standing)
    {
        foreach (var month in standing.Closed.OrderBy(month => month))
        {
            if (!PricesOf(before, month).SequenceEqual(PricesOf(after, month)))
            {
                return new(
                    "prices/closed-month",
                    $"The sheet would change prices in {month}, which is closed. Let it begin at the first open " +
                    "month or later.",
                    sheet.File);
            }
        }

        return null;
    }

    private static IEnumerable<(string, Period)> PricesOf(PriceBook book, BillingMonth month) =>
        from sheet in book.InForce()
        let part = sheet.Period.Clip(month.Period)
        where part is not null
        select (sheet.Published.Id, part.Value);

    private static Refusal? Gap(PriceBook before, PriceBook after, PriceSheet sheet, PricePublishContext standing)
    {
        foreach (var used in standing.Usage.Where(used => used.Landlord == sheet.Landlord))
        {
            var old = Holes(before, used).ToHashSet();
            if (Holes(after, used).Where(hole => !old.Contains(hole)).Select(hole => (Period?)hole)
                .FirstOrDefault() is { } gap)
            {
                return new(
                    "prices/gap",
                    $"Between {Text.Of(gap.Start)} and {Text.Of(gap.End)} no sheet would price '{used.Kind}' in " +
                    $"{used.Cluster}, " +
                    "of which there is usage. Let the sheets meet, or cover the cluster.", sheet.File);
            }
        }

        return null;
    }

    /// <summary>The parts of the usage after the book's first price for it that no sheet prices.</summary>
    private static IEnumerable<Period> Holes(PriceBook book, UsedSpan used)
    {
        var covering = book.InForce().Where(sheet => Prices(sheet.Sheet, used)).Select(sheet => sheet.Period).ToList();
        if (covering.Count == 0)
        {
            yield break;
        }

        var covered = covering[0].Start;
        foreach (var period in covering.Append(new(SheetDates.Never, SheetDates.Never)))
        {
            if (covered < period.Start && new Period(covered, period.Start).Clip(used.Period) is { } hole)
            {
                yield return hole;
            }

            covered = Instant.Max(covered, period.End);
        }
    }

    private static bool Prices(PriceSheet sheet, UsedSpan used) => sheet.Clusters.Contains(used.Cluster) &&
        sheet.Skus.SelectMany(sku => sku.Match).Concat(sheet.Unbilled.SelectMany(unbilled => unbilled.Match))
            .Any(match =>
            (match.Clusters.IsEmpty || match.Clusters.Contains(used.Cluster)) &&
            (match.Kinds.IsEmpty || match.Kinds.Contains(used.Kind, StringComparer.OrdinalIgnoreCase)));

    private static PriceBook Evolve(PriceBook book, PriceBookEvent happened) => happened switch
    {
        PriceBookEvent.Published e => book with
        {
            All = book.All.Add(new(ParsedSheets.Of(e.Yaml, e.File), e.Version, e.Yaml, e.Sha256, e.By, e.At)),
        },
        PriceBookEvent.Withdrawn e => book with
        {
            All = [.. book.All.Select(sheet =>
                sheet.Sheet.From == e.From && sheet.Version == e.Version ? sheet with { WithdrawnAt = e.At } : sheet)],
        },
        PriceBookEvent.CorrectionProposed e => book with { Corrections = book.Corrections.Add(PriceCorrection.Of(e)) },
        PriceBookEvent.CorrectionAccepted e => book.Decided(e.Number, CorrectionState.Accepted, e.By),
        PriceBookEvent.CorrectionDeclined e => book.Decided(e.Number, CorrectionState.Declined, e.By),
        _ => throw new CorruptStreamException(book, happened),
    };

    private PriceBook Decided(int number, CorrectionState state, string by) => this with
    {
        Corrections = [.. Corrections.Select(one => one.Number == number
            ? one with { State = state, DecidedBy = by }
            : one)],
    };
}
