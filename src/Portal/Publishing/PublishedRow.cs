using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal;

/// <summary>A sheet in force, as 'prices list' and GET /v1/prices show it.</summary>
internal sealed record PublishedRow(
    string Sheet, LandlordId Landlord, string Service, IReadOnlyList<ClusterId> Clusters, Instant From,
    Instant? Until, int Skus, Instant PublishedAt, string PublishedBy)
{
    public static PublishedRow Of(SheetInForce sheet) => new(
        sheet.Published.Id, sheet.Sheet.Landlord, sheet.Sheet.Service, sheet.Sheet.Clusters, sheet.Period.Start,
        sheet.Ends ? sheet.Period.End : null, sheet.Sheet.Skus.Length, sheet.Published.At, sheet.Published.By);
}
