using Exchange.Metering;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>GET /charge/readings — what was reported of one resource behind a line, as it came.</summary>
internal static class ReadingsPage
{
    private const int Shown = 200;

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
        return Layout.Page(http, $"Readings of {resource.Subject}", Html.Of($"""
            <p class="crumbs"><a href="{ChargeTable.Href(charge)}">{charge.Sku} of {charge.ProjectName}</a></p>
            <p class="lead">{Show.Of((long)readings.Count)} readings speak of this {resource.Kind} in
            {Show.Of(month)}. Each counted once, however often it was sent.</p>
            {new Listing<ReadingBehind>("readings", "As they were reported", readings.Take(Shown).ToList(), [
                Column<ReadingBehind>.Words("Reporter", r => r.Source),
                Column<ReadingBehind>.Words("Id", r => r.Id),
                Column<ReadingBehind>.Words("Block", r => BlockNumber.Shown(r.Block)),
                new("Reading", r => Html.Of($"<code>{r.Text}</code>"), Plain: r => r.Text),
                new("Correction", Corrected,
                    Plain: r => r.Corrected is { } c ? $"{c.Reason}: {c.Now ?? "retracted"}" : ""),
            ], "No readings: the line was brought in as it is, already rated elsewhere.").Of(http)}
            """));
    }

    /// <summary>What holds instead of a reading, and why; the reading itself stays.</summary>
    private static Html Corrected(ReadingBehind reading) => reading.Corrected switch
    {
        null => Html.Of($""),
        { Now: { } now } correction =>
            Html.Of($"""
                Replaced by {correction.Id} (block {BlockNumber.Shown(correction.Block)}): {correction.Reason}
                <br><code>{now}</code>
                """),
        var correction => Html.Of(
            $"Retracted by {correction.Id} (block {BlockNumber.Shown(correction.Block)}): {correction.Reason}"),
    };
}
