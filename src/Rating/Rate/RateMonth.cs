using Exchange.Metering;

namespace Exchange.Rating;

/// <summary>
/// Rates what the meter has of a month, with who answers for projects and for their labeled parts: the one way from
/// usage to charges, whoever asks. Writes nothing.
/// </summary>
public static class RateMonth
{
    /// <param name="explain">Told of each contribution to a charge.</param>
    /// <param name="byName">Whether it is told in the order of resources, which holds all usage at once.</param>
    public static async Task<Rated> Run(
        Meter meter, PriceBooks books, Attribution owners, RateRequest request, CancellationToken ct,
        Action<Contribution>? explain = null, bool byName = true) =>
        (await Run(
            meter, owners, request, [asked => new(books, asked, explain)], byName && explain is not null, ct))[0];

    /// <summary>The same usage under several books or policies, read once.</summary>
    /// <param name="raters">Each makes a rater of the request that it is given.</param>
    /// <param name="byName">Whether resources come in the order of their names.</param>
    internal static async Task<IReadOnlyList<Rated>> Run(
        Meter meter, Attribution owners, RateRequest request, IReadOnlyList<Func<RateRequest, Rater>> raters,
        bool byName, CancellationToken ct)
    {
        var asked = (request with { Project = IsWhole(request.Project) ? request.Project : null }).OwnedBy(owners);
        Rater[] all = [.. raters.Select(make => make(asked))];
        if (!request.Period.IsEmpty)
        {
            await meter.Read(
                all.Select(rater => rater.Needs).Aggregate(Both), byName,
                used => Add(all, used with { Project = owners.UserOf(used) }),
                total => Array.ForEach(all, rater => rater.Add(total)), ct);
            await foreach (var row in meter.Bills.Focus(request.Month.Period, request.Landlord, ct))
            {
                Array.ForEach(all, rater => rater.Add(row));
            }
        }

        return [.. all.Select(rater => rater.Finish().Of(null, null, request.Project))];

        bool IsWhole(ProjectId? project) => project is not { } id ||
            (!id.Value.Contains(':', StringComparison.Ordinal) && !owners.IsSplit(id));
    }

    /// <summary>The charges of two requests for the same usage, before and after a change of the books.</summary>
    public static async Task<(Rated Before, Rated After)> Compare(
        Meter meter, PriceBooks before, PriceBooks after, Attribution owners, RateRequest request,
        CancellationToken ct) =>
        await Run(meter, owners, request, [asked => new(before, asked), asked => new(after, asked)], false, ct)
            is [var old, var young]
            ? (old, young)
            : throw new InvalidOperationException("Two were asked for.");

    private static void Add(Rater[] all, in Segment segment)
    {
        foreach (var rater in all)
        {
            rater.Add(segment);
        }
    }

    private static UsageQuery Both(UsageQuery one, UsageQuery other) => new(
        one.Period, one.Landlord == other.Landlord ? one.Landlord : null,
        one.Cluster == other.Cluster ? one.Cluster : null, one.Project == other.Project ? one.Project : null);
}
