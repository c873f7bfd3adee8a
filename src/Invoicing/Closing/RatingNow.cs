using Exchange.Journal;
using Exchange.Rating;

namespace Exchange.Invoicing.Closing;

/// <summary>Rates months by the prices and owners that are known now.</summary>
public sealed class RatingNow
{
    private readonly Sources _sources;

    private RatingNow(Sources sources, PriceBooks books, ProjectDirectory directory)
    {
        _sources = sources;
        Books = books;
        Directory = directory;
        Attribution = new(directory, sources.Institutions);
    }

    public PriceBooks Books { get; }
    public ProjectDirectory Directory { get; }
    public Attribution Attribution { get; }

    public static async Task<RatingNow> Read(Sources sources, CancellationToken ct) => new(
        sources, await LoadPriceBooks.Run(sources.Journal, ct),
        await sources.Journal.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct));

    public Task<MonthCharges> Rate(BillingMonth month, string policies, CancellationToken ct) =>
        Rate(new RateRequest(month, policies), null, ct);

    /// <param name="explain">Told each part of each charge, when given.</param>
    public Task<MonthCharges> Rate(RateRequest request, Action<Contribution>? explain, CancellationToken ct) =>
        RateOwned.Run(_sources.Meter, Books, Attribution, Directory, request, ct, explain);
}
