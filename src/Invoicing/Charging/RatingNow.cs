using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Invoicing.Charging;

/// <summary>Rates months by the prices and owners that are known now.</summary>
public sealed class RatingNow
{
    private readonly Sources _sources;

    private RatingNow(
        Sources sources, PriceBooks books, ProjectDirectory directory, IReadOnlyList<DirectoryEvent> facts)
    {
        _sources = sources;
        Version = $"{books.Version}/{facts.Count}/{sources.Facts?.Facts.Count ?? 0}";
        DirectoryEvents = facts;
        Books = books;
        Directory = directory;
        Attribution = new(directory, sources.Institutions, sources.Billability);
    }

    /// <summary>The same usage rated by the same version comes to the same.</summary>
    public string Version { get; }

    /// <summary>All that was ever told of projects, in order.</summary>
    public IReadOnlyList<DirectoryEvent> DirectoryEvents { get; }

    public PriceBooks Books { get; }
    public ProjectDirectory Directory { get; }
    public Attribution Attribution { get; }

    private MonthSums Sums => new(_sources.Meter, _sources.Database);

    public static async Task<RatingNow> Read(Sources sources, CancellationToken ct)
    {
        sources = await sources.Now(ct);
        var books = await LoadPriceBooks.Run(sources.Journal, ct);
        var facts = await sources.Journal.Read<DirectoryEvent>(
            ProjectDirectory.Fold.StreamOf(ProjectDirectory.Id), ct);
        return new(sources, books, ProjectDirectory.Fold.Of(facts), facts);
    }

    /// <summary>When usage begins and ends; null while there is none.</summary>
    public Task<Metering.UsageExtent?> Extent(CancellationToken ct) => Sums.Extent(ct);

    /// <summary>What a month comes to until now, from the sums of its pages: the one way to an open month.</summary>
    public Task<SummedMonth> Sum(BillingMonth month, string policies, Instant now, CancellationToken ct) => Sums.Of(
        Books, Attribution, month, policies, now, _sources.Facts is null ? "" : Version, ct);

    /// <summary>The same with who answers for each charge.</summary>
    public async Task<MonthSoFar> SoFar(BillingMonth month, string policies, Instant now, CancellationToken ct)
    {
        var sum = await Sum(month, policies, now, ct);
        return new(RateOwned.Of(sum.Rated, Attribution, month), sum.AsOf, sum.Pages);
    }

    /// <summary>The same, and what each charge rests on.</summary>
    public async Task<(MonthCharges Charges, PartsOfMonth Parts)> RateWithParts(
        BillingMonth month, string policies, CancellationToken ct)
    {
        var parts = new PartsOfMonth();
        var charges = await RateOwned.Run(
            _sources.Meter, Books, Attribution, new(month, policies), ct, parts.Add, byName: false);
        return (charges, parts);
    }

    /// <param name="explain">Told each part of each charge, when given.</param>
    /// <param name="byName">Whether parts are told in the order of resources, which holds all usage at once.</param>
    public Task<MonthCharges> Rate(
        RateRequest request, Action<Contribution>? explain, CancellationToken ct, bool byName = true) =>
        RateOwned.Run(_sources.Meter, Books, Attribution, request, ct, explain, byName);
}
