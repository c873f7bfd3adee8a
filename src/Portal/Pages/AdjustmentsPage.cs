using Exchange.Invoicing;
using Exchange.Invoicing.Closing;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Pages;

/// <summary>
/// /finance/adjustments — what came to months that no close bills by itself, by account, and finance's decision of
/// each: the next close bills it, or it is left.
/// </summary>
internal static class AdjustmentsPage
{
    public const string Path = "/finance/adjustments";

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
        var also = QueryValue.Month(http, "month");
        var late = await DecideLate.List(exchange.Sources, exchange.Clock.GetCurrentInstant(), ct, also);
        var listing = new Listing<LateLine>(
            "adjustments", "Late adjustments",
            [.. late.SelectMany(one => one.Accounts.Select(of => new LateLine(one, of)))],
            [
                new("Month", r => Html.Of($"{Show.Of(r.Late.Month)}"), Plain: r => r.Late.Month.ToString(),
                    Key: r => r.Late.Month.ToString()),
                Column<LateLine>.Words("Account", r => r.Of.Account.Name),
                Column<LateLine>.Number("Line items", r => (decimal)r.Of.Lines),
                Column<LateLine>.Amount("Amount", r => r.Of.Amount),
                Column<LateLine>.Amount("Paid by funds", r => r.Of.Funds),
                Column<LateLine>.Words("Decision", r => r.Late.State),
            ], "Nothing waits of a month that is closed for good, or was never closed.");
        return listing.IsAskedFor(http) ? listing.Csv(http) : Layout.Page(http, "Late adjustments", Html.Of($"""
            <p class="crumbs"><a href="/finance">Billing periods</a></p>
            {form.Summary()}
            <p class="lead">What came to months that are <a href="{SettingsPage.Path}">closed for good</a>, or that were
            never closed. Amounts are gross, before funds, as of now; beside them stands what funds would pay more or
            less of what was billed before. No close bills them until you decide; of what comes after your decision you
            are asked again.</p>
            <form class="find" method="get"><div><label for="month">Look at a month, too, where only what funds would
            pay may have changed</label> <input id="month" name="month" value="{also}" maxlength="7">
            <button>Look</button></div></form>
            {listing.Of(http)}
            {Html.Join(late, one => Of(http, one, form))}
            """), form.Status);
    }

    private static Html Of(HttpContext http, LateMonth late, Form form) => Html.Of($"""
        <h2>{Show.Of(late.Month)}</h2>
        <p>{late.Said}: {Show.Of((long)late.Accounts.Length)} accounts, {late.State}.
        {Html.If(late.Decision is not null && late.IsBilled is null, () => Html.Of($"""
        What was decided on {Show.Of(late.Decision!.At)} was of {Show.Of(late.Decision.Amount)}.
        """))}</p>
        {Form.Post(http, Path, Html.Of($"""
        {Form.Hidden("month", late.Month.ToString())}{Form.Hidden("seen", late.Seen)}
        {form.Input("because", "Reason", "Needed to leave the month as it is; kept for ever.", longest: 500)}
        <p><button class="main" name="do" value="accept">Bill adjustments</button>
        <button name="do" value="decline">Leave month as billed</button></p>
        """))}
        """);
}
