using Exchange.Invoicing;
using Exchange.Journal;
using Exchange.Market.Mandates;
using Exchange.Market.Reading;
using Exchange.Portal.Spend;
using Exchange.Portal.Web.Access;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>An intermediary that acts for a customer, as either of them and finance see it.</summary>
/// <param name="Customer">Instead of the PI, for a landlord that may not know its customers.</param>
/// <param name="Until">When it was withdrawn; nothing while it holds.</param>
internal sealed record MandateRow(PiId? Pi, string? Customer, LandlordId Intermediary, Instant From, Instant? Until)
{
    public string Key => $"{Intermediary} {Pi}{Customer} {Exchange.Text.Of(From)}";
}

/// <summary>What an intermediary quoted, or ordered, in a customer's name, as it sees it.</summary>
/// <param name="Order">Nothing while it is quoted and not ordered.</param>
/// <param name="Customer">Instead of the PI, for a landlord that may not know its customers.</param>
/// <param name="Places">Where it is provided: 'nerc, stack'.</param>
/// <param name="State">Of the order, else of the quote.</param>
internal sealed record ActedRow(
    string Quote, string? Order, PiId? Pi, string? Customer, ProjectId Project, IReadOnlyList<string> Places,
    Period Period, Money Total, string State, IReadOnlyList<string> Awaits)
{
    /// <param name="quote">Its places.</param>
    /// <param name="order">Null while it is quoted and not ordered.</param>
    public static ActedRow Of(IReadOnlyList<QuoteRow> quote, OrderRow? order, PiId pi, Confidential? names) => new(
        quote[0].Id, order?.Id, names is null ? pi : null, names?.Customer(new Account(pi)), quote[0].Project,
        order is not null ? [$"{order.Landlord}, {order.Cluster}"]
            : [.. quote.Select(place => $"{place.Landlord}, {place.Cluster}")],
        quote[0].Period, order?.Total ?? Money.Sum(quote.Select(place => place.Total)),
        order?.State ?? quote[0].State, order?.Awaits ?? []);
}

/// <summary>Mandates for whoever asks, and whether an intermediary may act for a project.</summary>
internal static class MandatesFor
{
    public static async Task<IReadOnlyList<MandateRow>> Rows(
        Composition exchange, PiId? pi, LandlordId? landlord, Confidential? names, CancellationToken ct) =>
    [
        .. (await exchange.Kept.State(MandateBook.Fold, MandateBook.Id, ct)).All
            .Where(one => (pi ?? one.Pi) == one.Pi && (landlord ?? one.Intermediary) == one.Intermediary)
            .Select(one => new MandateRow(
                names is null ? one.Pi : null, names?.Customer(new Account(one.Pi)), one.Intermediary, one.From,
                one.Until)),
    ];

    /// <summary>Asked before anything of the project is looked at: what is another's is not there.</summary>
    /// <exception cref="RefusedException">It acts for nobody who answers for the project.</exception>
    public static async Task Check(
        Composition exchange, LandlordId intermediary, ProjectId project, Instant at, CancellationToken ct)
    {
        var directory = await exchange.Kept.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct);
        var book = await exchange.Journal.State(MandateBook.Fold, MandateBook.Id, ct);
        var now = exchange.Clock.GetCurrentInstant();
        var answers = directory.Facts.Keys.Where(of => of.Project == project).Any(of =>
            directory.At(of.Cluster, project, at)?.Pi is { } owner &&
            book.Allows(directory.PiOf(owner), intermediary, now));
        if (!answers)
        {
            throw new RefusedException(None(intermediary, project));
        }
    }

    /// <summary>Whether an intermediary acts for a PI now.</summary>
    public static async Task<bool> Allows(
        Composition exchange, PiId pi, LandlordId intermediary, CancellationToken ct) =>
        (await exchange.Journal.State(MandateBook.Fold, MandateBook.Id, ct)).Allows(
            pi, intermediary, exchange.Clock.GetCurrentInstant());

    /// <summary>In whose names somebody asks for quotes: a PI's own, and an intermediary its customers'.</summary>
    public static async Task<IReadOnlySet<PiId>> Customers(
        Composition exchange, Viewer viewer, CancellationToken ct)
    {
        if (viewer.Pi is { } pi)
        {
            return new HashSet<PiId> { pi };
        }

        var now = exchange.Clock.GetCurrentInstant();
        return viewer.Landlord is not { } landlord ? new HashSet<PiId>()
            : (await exchange.Kept.State(MandateBook.Fold, MandateBook.Id, ct)).All
                .Where(one => one.Intermediary == landlord && one.HoldsAt(now)).Select(one => one.Pi).ToHashSet();
    }

    /// <summary>
    /// What an intermediary quoted and ordered in the names of its customers: a quote that was ordered is its orders.
    /// The intermediary reads of those for whom it acts now; who withdrew that is no customer of it any more.
    /// </summary>
    /// <param name="reader">Whose acts, and who reads them: the intermediary, or whoever reads of all.</param>
    /// <param name="names">Where it may not know them.</param>
    /// <param name="of">Which of all that it did, by when it was done.</param>
    public static async Task<IReadOnlyList<ActedRow>> Acted(
        Composition exchange, (LandlordId Landlord, Viewer Viewer) reader, Confidential? names,
        Func<ActedFor, Range> of, CancellationToken ct)
    {
        var acted = await exchange.Journal.State(ActedFor.Fold, reader.Landlord, ct);
        var (first, count) = of(acted).GetOffsetAndLength(acted.All.Length);
        var ordered = acted.All.Where(one => one.Order is not null).Select(one => one.Quote).ToHashSet();
        var customers = reader.Viewer.Landlord is null ? null : await Customers(exchange, reader.Viewer, ct);
        var shown = acted.All.Skip(first).Take(count).Where(one =>
            (one.Order is not null || !ordered.Contains(one.Quote)) && customers?.Contains(one.Pi) != false).ToList();
        await exchange.Projections.CatchUp(ct);
        await using var connection = await exchange.Database.OpenConnectionAsync(ct);
        var quotes = (await QuoteList.Run(
            connection, new(Limit: int.MaxValue) { Ids = [.. shown.Select(one => one.Quote)] },
            exchange.Clock.GetCurrentInstant(), ct)).ToLookup(row => row.Id, StringComparer.Ordinal);
        var orders = (await OrderList.Run(
            connection, new(Limit: int.MaxValue) { Ids = [.. shown.Select(one => one.Order).OfType<string>()] }, ct))
            .ToDictionary(row => row.Id, StringComparer.Ordinal);
        return
        [
            .. shown.Select(one => ActedRow.Of(
                [.. quotes[one.Quote]], one.Order is { } order ? orders[order] : null, one.Pi, names)),
        ];
    }

    public static Refusal None(LandlordId intermediary, ProjectId project) => new(
        "mandate/none", $"{intermediary} does not act for whoever answers for '{project}'. They say so on the page " +
        "Intermediaries.", "project");
}
