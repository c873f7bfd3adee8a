using Exchange.Metering;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using Microsoft.AspNetCore.Components;

namespace Exchange.Portal.Pages;

/// <summary>GET /charge/readings — what was reported of one resource behind a line, as it came.</summary>
public sealed partial class ReadingsPage
{
    private const int MaxShown = 200;

    /// <summary>What was reported of a resource in a month, behind a charge that it leads back to.</summary>
    public sealed record Reported(string ChargeHref, string Charge, string Kind, BillingMonth Month, IListing Readings)
    {
        public required int Count { get; init; }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/charge/readings", Get)
        .RequireAuthorization(Permissions.SeeCharge).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, BillingMonth month, string id, ResourceId resource,
        CancellationToken ct)
    {
        if (await Charges.Find(view, new(month, Id: id, Limit: 1), ct) is not [var charge] ||
            resource.Landlord != charge.Landlord || resource.Cluster != charge.Cluster)
        {
            return new NotThere();
        }

        // A resource may have belonged to others before: only what this line rests on is shown.
        var usage = await ChargePage.UsageOf(exchange, charge, ct);
        if (!usage.Parts.Any(part => part.Resource == resource))
        {
            return new NotThere();
        }

        if (await Confidential.For(http, exchange, ct) is { } names)
        {
            charge = names.Of(charge);
        }

        var readings = await exchange.Meter.ReadingsBehind(resource, charge.Period, ct, usage.UpTo ?? long.MaxValue);
        var listing = List([.. readings.Take(MaxShown)]);
        return listing.Answer(http) ?? Page.Of<ReadingsPage, Reported>(http, $"Readings of {resource.Subject}", new(
            ChargeTable.Href(charge), $"{charge.Sku} of {charge.ProjectName}", resource.Kind, month, listing)
        {
            Count = readings.Count,
        });
    }

    private static Listing<ReadingBehind> List(IReadOnlyList<ReadingBehind> readings) => new(
        "readings", "As they were reported", readings,
        [
            Column<ReadingBehind>.Words("Reporter", r => r.Source),
            Column<ReadingBehind>.Words("Id", r => r.Id),
            Column<ReadingBehind>.Words("Block", r => BlockNumber.Shown(r.Block)),
            new("Reading", r => Cell.Code(r.Text), Plain: r => r.Text),
            new("Correction", Corrected,
                Plain: r => r.Corrected is { } c ? $"{c.Reason}: {c.Now ?? "retracted"}" : ""),
        ], "No readings: the line was brought in as it is, already rated elsewhere.");

    /// <summary>What holds instead of a reading, and why; the reading itself stays.</summary>
    private static RenderFragment Corrected(ReadingBehind reading) => reading.Corrected is { } correction
        ? Instead(
            $"{(correction.Now is null ? "Retracted" : "Replaced")} by {correction.Id} " +
            $"(block {BlockNumber.Shown(correction.Block)}): {correction.Reason}", correction.Now)
        : Cell.None;
}
