using Exchange.Invoicing;
using Exchange.Invoicing.Closing;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;

namespace Exchange.Portal.Pages;

/// <summary>
/// /finance/adjustments — what came to months that no close bills by itself, by account, and finance's decision of
/// each: the next close bills it, or it is left.
/// </summary>
public sealed partial class AdjustmentsPage
{
    public const string Path = "/finance/adjustments";

    /// <summary>What came late, by account, of which months finance is asked, and which it looks at, too.</summary>
    public sealed record Waiting(IReadOnlyList<LateMonth> Months, BillingMonth? Also, IListing Accounts);

    /// <summary>One account of a month that waits.</summary>
    private sealed record LateLine(LateMonth Late, LateMonth.OfAccount Of);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.SeeFinance).ExcludeFromDescription();
        // What was looked at is in the form: of anything else nothing is decided.
        app.MapPost(Path, Decide).RequireAuthorization(Permissions.CloseMonths).ChecksForm().Makes()
            .ExcludeFromDescription();
    }

    private static Task<IResult> Get(HttpContext http, Composition exchange, CancellationToken ct) =>
        Draw(http, exchange, Form.Empty, ct);

    private static async Task<IResult> Decide(HttpContext http, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var month = form.Value<BillingMonth>("month", "The month");
        var isBilled = form.Typed("do") == "accept";
        var reason = form.Typed("because").Trim();
        if (!isBilled && form.Typed("do") != "decline")
        {
            form.Wrong("month", "Choose whether the next close bills it.");
        }

        if (!isBilled && reason.Length is 0 or > 500)
        {
            form.Wrong("because", "Say in up to 500 characters why it is left.");
        }

        if (form.IsRight && await exchange.Commands.Try(
            new DecideLate(
                exchange.Sources, month!.Value, isBilled, reason.Length == 0 ? null : reason, Actors.Of(http).Name,
                form.Typed("seen")), http, ct) is { } refusal)
        {
            form.Wrong("month", refusal.Message);
        }

        return form.IsRight ? Results.Redirect(Path) : await Draw(http, exchange, form, ct);
    }

    private static async Task<IResult> Draw(
        HttpContext http, Composition exchange, Form form, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        var also = QueryValue.Month(http, "month") ??
            (BillingMonth.TryParse(form.Typed("month"), null, out var sent) ? sent : null);
        var late = await DecideLate.List(exchange.Sources, exchange.Clock.GetCurrentInstant(), ct, also);
        var listing = new Listing<LateLine>(
            "adjustments", "Late adjustments",
            [.. late.SelectMany(one => one.Accounts.Select(of => new LateLine(one, of)))],
            [
                new("Month", r => Cell.Words(Show.Of(r.Late.Month)), Plain: r => r.Late.Month.ToString(),
                    Key: r => r.Late.Month.ToString()),
                Column<LateLine>.Words("Account", r => r.Of.Account.Name),
                Column<LateLine>.Number("Line items", r => (decimal)r.Of.Lines),
                Column<LateLine>.Amount("Amount", r => r.Of.Amount),
                Column<LateLine>.Amount("Paid by funds", r => r.Of.Funds),
                Column<LateLine>.Words("Decision", r => r.Late.State),
            ], "Nothing waits of a month that is closed for good, or was never closed.");
        return listing.Answer(http) ??
            Page.Of<AdjustmentsPage, Waiting>(http, "Late adjustments", new(late, also, listing), form);
    }
}
