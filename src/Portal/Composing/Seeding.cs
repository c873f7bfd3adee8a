using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Exchange.Facts;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Published;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>What is done once: a new embedded database gets the product's price sheets, each its facts.</summary>
internal abstract record Seeding
{
    private const int OneAtATime = 0x464F554E; // 'FOUN': two commands may find the same new database.
    private const string Stream = "exchange-founding";
    private const string By = "founding";

    /// <summary>What decided money as files before there were versions.</summary>
    private static readonly ImmutableArray<string> FilesOnly =
        [Institution.Facts.Name, Landlord.Facts.Name, Programme.Facts.Name];

    private Seeding() { }

    /// <summary>Everything that can happen at the founding of an exchange.</summary>
    [JsonDerivedType(typeof(Founded), "exchange-founded/1")]
    [JsonDerivedType(typeof(FactsTaken), "exchange-facts-taken/1")]
    public abstract record Happened;

    /// <summary>The database was given the product's price sheets, or was to stay bare.</summary>
    public sealed record Founded(bool Bare, Instant At) : Happened;

    /// <summary>
    /// Programs, institutions and landlords were published as the files said them, holding from the beginning: once,
    /// when the database was made, or first opened after they had only been files.
    /// </summary>
    /// <param name="Facts">How many facts these were.</param>
    public sealed record FactsTaken(int Facts, Instant At) : Happened
    {
        /// <summary>Of which kinds they were; null for programs, institutions and landlords.</summary>
        public ImmutableArray<string>? Kinds { get; init; }
    }

    public static async Task Run(Composition exchange, CancellationToken ct)
    {
        if (!(await Steps(exchange, ct)).IsDue)
        {
            return;
        }

        await using var alone = await exchange.Locks.Hold(OneAtATime, [Stream], ct);
        if (await Steps(exchange, ct) is { IsDue: true } steps)
        {
            await Take(exchange, steps, ct);
        }
    }

    /// <summary>
    /// Publishes the product's price sheets and facts where they are not: in another database than the embedded one,
    /// and in one that was founded bare.
    /// </summary>
    public static async Task Give(Composition exchange, CancellationToken ct)
    {
        await using var alone = await exchange.Locks.Hold(OneAtATime, [Stream], ct);
        await Publish(exchange, ct);
        if ((await PublishFacts.Read(exchange.Journal, ct)).Count == 0)
        {
            await TakeFacts(exchange, [.. FactFiles.Kinds], exchange.Clock.GetCurrentInstant(), ct);
        }
    }

    /// <summary>What others published than the founding: a price sheet, or a fact; null where nobody did.</summary>
    public static async Task<string?> PublishedBySomebody(Composition exchange, CancellationToken ct)
    {
        var books = await LoadPriceBooks.Run(exchange.Journal, ct);
        if (books.Books.Values.SelectMany(book => book.All).FirstOrDefault(one => one.By != By) is { } sheet)
        {
            return sheet.Id;
        }

        var taken = (await exchange.Journal.Read<Happened>(Stream, ct)).OfType<FactsTaken>().Sum(one => one.Facts);
        return (await PublishFacts.Read(exchange.Journal, ct)).Count > taken ? "facts-exchange" : null;
    }

    private static async Task Take(Composition exchange, Due due, CancellationToken ct)
    {
        var now = exchange.Clock.GetCurrentInstant();
        var bare = exchange.Place.Bare && due.IsNew;
        List<Happened> happened = [];
        if (due.Sheets)
        {
            await (exchange.Place.Bare ? Task.CompletedTask : Publish(exchange, ct));
            happened.Add(new Founded(exchange.Place.Bare, now));
        }

        if (due.Kinds.Length > 0)
        {
            happened.Add(new FactsTaken(bare ? 0 : await TakeFacts(exchange, due.Kinds, now, ct), now)
            {
                Kinds = due.Kinds,
            });
        }

        await exchange.Journal.Append([StreamAppend.Of(Stream, due.Version, happened)], ct);
    }

    /// <summary>
    /// What was in effect as files holds from the beginning. What is new to the exchange, as which usage is not billed,
    /// holds from the first month that is not closed: closed months were billed without it.
    /// </summary>
    private static readonly bool[] OldThenNew = [true, false];

    private static async Task<int> TakeFacts(
        Composition exchange, ImmutableArray<string> kinds, Instant now, CancellationToken ct)
    {
        var context = await PublishedFacts.Context(exchange.Journal, By, now, false, ct);
        var files = FactFiles.ReadAll(DataLocation.Pricing!);
        var taken = 0;
        foreach (var (isOld, same) in OldThenNew.Select(old => (old, files.Where(file =>
            file.Names.All(name => kinds.Contains(name.Kind) && FilesOnly.Contains(name.Kind) == old)).ToList())))
        {
            var open = isOld ? null : context.FirstOpen;
            var outcome = await PublishFacts.Run(
                exchange.Journal, same, open is { } month ? new LocalDate(month.Year, month.Month, 1) : null,
                isOld ? context with { Closed = [] } : context, PublishedFacts.Check, ct);
            taken += outcome.Published.Count;
        }

        return taken;
    }

    private static async Task Publish(Composition exchange, CancellationToken ct)
    {
        if (DataLocation.Pricing is not { } pricing)
        {
            return;
        }

        var texts = await PricingFiles.Read([pricing], ct);
        var outcome = await PublishPrices.Run(
            exchange.Journal, texts, PricePublishContext.Nothing, By, exchange.Clock.GetCurrentInstant(), ct);
        if (outcome.Refusals is [var refusal, ..])
        {
            throw new RefusedException(refusal);
        }
    }

    /// <summary>What is still to be done once: sheets are only given to an embedded database.</summary>
    private static async Task<Due> Steps(Composition exchange, CancellationToken ct)
    {
        var done = await exchange.Journal.Read<Happened>(Stream, ct);
        var taken = done.OfType<FactsTaken>().SelectMany(one => one.Kinds ?? FilesOnly).ToHashSet();
        return new(
            exchange.Place.Database is null && !done.OfType<Founded>().Any(),
            DataLocation.Pricing is null ? [] : [.. FactFiles.Kinds.Where(kind => !taken.Contains(kind))],
                done.Count == 0,
            done.Count);
    }

    private sealed record Due(bool Sheets, ImmutableArray<string> Kinds, bool IsNew, long Version)
    {
        public bool IsDue => Sheets || Kinds.Length > 0;
    }
}
