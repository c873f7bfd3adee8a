using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>An outage, as 'outages list' and GET /v1/outages show it.</summary>
internal sealed record OutageRow(
    LandlordId Landlord, string Name, IReadOnlyList<ClusterId> Clusters, Instant From, Instant? Until,
    IReadOnlyList<string> KnownTo, string Reason, string Kind, Instant? Announced)
{
    /// <exception cref="RefusedException">There is no such kind.</exception>
    public static OutageKind KindOf(string? word) => word is null ? OutageKind.Failure
        : ServiceLevel.KindOf(word) ?? throw new RefusedException(new(
            "outages/wrong",
            $"'{word}' is no kind of outage. Write failure, maintenance, customer or force-majeure.", word));

    public static IReadOnlyList<OutageRow> Of(IEnumerable<Outage> outages, LandlordId? landlord) =>
    [
        .. outages.Where(one => landlord is null || one.Landlord == landlord).OrderByDescending(one => one.From)
            .ThenBy(one => one.Landlord.Value, StringComparer.Ordinal).ThenBy(one => one.Name, StringComparer.Ordinal)
            .Select(one => new OutageRow(
                one.Landlord, one.Name, one.Clusters, one.From, one.Until, one.KnownTo, one.Reason,
                ServiceLevel.Word(one.Kind), one.Announced)),
    ];
}
