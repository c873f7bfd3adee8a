using Exchange.Invoicing;
using Exchange.Journal;
using Exchange.Market.Mandates;
using Exchange.Portal.Spend;
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

    public static Refusal None(LandlordId intermediary, ProjectId project) => new(
        "mandate/none", $"{intermediary} does not act for whoever answers for '{project}'. They say so on the page " +
        "Intermediaries.", "project");
}
