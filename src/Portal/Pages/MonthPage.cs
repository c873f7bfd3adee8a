using Exchange.Facts;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Profiles;
using Exchange.Invoicing.Reading;
using Exchange.Portal.Mail;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using ClosedMonths = Exchange.Invoicing.Kept.Months;

namespace Exchange.Portal.Pages;

/// <summary>GET /finance/month — a closed month: its invoices, and what each landlord gets.</summary>
public sealed partial class MonthPage
{
    /// <summary>A closed month: how it was closed, what was issued, and who gets what of it.</summary>
    public sealed record Closed(MonthEvent.Closed Close, bool IsForGood, IListing Invoices, IListing Settlements)
    {
        /// <summary>Against the month before; null where that is not closed.</summary>
        public Delta? Delta { get; init; }

        public required MailOfMonth Mail { get; init; }

        /// <summary>Whether the reader may send what waits.</summary>
        public required bool MaySend { get; init; }

        /// <summary>Why nothing is sent here at all; null where mail is.</summary>
        public string? NoMail { get; init; }
    }

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/finance/month", Get)
        .RequireAuthorization(Permissions.SeeFinance).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, ServerOptions options, BillingMonth month,
        CancellationToken ct)
    {
        var months = await exchange.Kept.State(ClosedMonths.Fold, ClosedMonths.Id, ct);
        if (months.Closed.GetValueOrDefault(month) is not { } closed)
        {
            return Results.Redirect($"/finance/close?month={month}");
        }

        var connection = await view.Connection(ct);
        var invoices = InvoiceRows.List(
            await InvoiceList.Run(connection, new(month, Limit: 20_000), ct), isOwn: false,
            exchange.Clock.GetCurrentInstant().InUtc().Date);
        var settlements = Settlements(await SettlementList.Run(connection, new(month), ct));
        var job = JobsPage.Of(http, options).FirstOrDefault(job => job.Name == "mail");
        var isForGood = await IsForGood(exchange, months, month, ct);
        return invoices.Answer(http) ?? settlements.Answer(http) ?? Page.Of<MonthPage, Closed>(
            http, $"Closed month {Show.Of(month)}", new(closed, isForGood, invoices, settlements)
            {
                Delta = Delta.Of(
                    closed.Total, months.Closed.GetValueOrDefault(month.Previous)?.Total, Show.Of(month.Previous)),
                Mail = await MailOfMonth.Read(connection, month, ct),
                MaySend = job is { NotHere: null } && JobsPage.MayRun(http, job),
                NoMail = job?.NotHere?.Message,
            });
    }

    private static async Task<bool> IsForGood(
        Composition exchange, ClosedMonths months, BillingMonth month, CancellationToken ct) =>
        month < Horizon.First(
            months, BillingProfiles.Of(await exchange.Kept.State(DatedFacts.Fold, DatedFacts.Id, ct)),
            exchange.Clock.GetCurrentInstant());

    internal static Listing<SettlementRow> Settlements(IReadOnlyList<SettlementRow> settlements) =>
        new("settlements", "Settlements", settlements,
        [
            Column<SettlementRow>.Words("Landlord", s => s.Landlord.Value),
            Column<SettlementRow>.Month("Month", s => s.Month),
            Column<SettlementRow>.Number("Line items", s => (decimal)s.Lines),
            Column<SettlementRow>.Amount("Gross", s => s.Gross),
            Column<SettlementRow>.Amount("Exchange's share", s => s.Share),
            Column<SettlementRow>.Amount("Hardware", s => s.Hardware),
            Column<SettlementRow>.Amount("Transfers", s => s.Transfers),
            Column<SettlementRow>.Amount("Payable", s => s.Payable),
        ],
        "Nothing was sold in this month.")
        {
            Foot = Table.Foot("Total", 3, [.. ((Func<SettlementRow, Money>[])
                [s => s.Gross, s => s.Share, s => s.Hardware, s => s.Transfers, s => s.Payable])
                .Select(of => Money.Sum(settlements.Select(of)))]),
        };
}
