using Exchange.Invoicing.Reading;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Api;

/// <summary>GET /v1/settlements — what the exchange owes a landlord for each month, and for what.</summary>
internal static class GetSettlements
{
    /// <summary>A settlement with what was sold of each SKU, corrections too, and what of it goes to others.</summary>
    internal sealed record WholeSettlement(
        SettlementRow Settlement, IReadOnlyList<SettlementLine> Lines, IReadOnlyList<HardwareDue> Hardware,
        IReadOnlyList<Transfer> Transfers);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/v1/settlements", List).Reads<PageOf<SettlementRow>>(
            "GetSettlements", "Settlements of the caller's landlord, or of all.");
        app.MapGet("/v1/settlements/{month}/{landlord}", One).Reads<WholeSettlement>(
            "GetSettlement", "One settlement with its lines.");
    }

    private static async Task<IResult> List(
        HttpContext http, View view, BillingMonth? month, LandlordId? landlord, string? cursor, int? limit,
        CancellationToken ct)
    {
        if (LandlordScope.Of(http, landlord) is not { } reach)
        {
            return new LandlordScope.Refused();
        }

        var most = Cursor.Limit(limit);
        var rows = await SettlementList.Run(
            await view.Connection(ct), new(month, reach.Landlord, Cursor.Key(cursor), most), ct);
        return new Tagged(PageOf<SettlementRow>.Of(rows, most, SettlementList.KeyOf));
    }

    private static async Task<IResult> One(
        HttpContext http, View view, IJournal journal, BillingMonth month, LandlordId landlord, CancellationToken ct)
    {
        if (LandlordScope.Of(http, landlord) is null)
        {
            return new LandlordScope.Refused();
        }

        if (await SettlementList.Run(await view.Connection(ct), new(month, landlord), ct) is not [var row])
        {
            return new NotThere();
        }

        var settlement = (await SettledIn.Read(journal, landlord, ct)).In(month) ?? throw new InvalidOperationException(
            $"The list has a settlement of {landlord} of {month}, and the journal has none.");
        return new Tagged(new WholeSettlement(row, settlement.Lines, settlement.Hardware, settlement.Transfers));
    }
}
