using Exchange.Invoicing;
using Exchange.Invoicing.Reading;
using Exchange.Portal.Commands;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using ClosedMonths = Exchange.Invoicing.Kept.Months;

namespace Exchange.Portal.Pages;

/// <summary>
/// GET /finance/accounts — the trial balance as of the end of any day, or of a month by period or posting date.
/// </summary>
internal static class AccountsPage
{
    private const string Path = "/finance/accounts";

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.SeeFinance).ExcludeFromDescription();
        app.MapPost($"{Path}/accrue", Accrue).RequireAuthorization(Permissions.PostAccruals).ChecksForm().Makes()
            .ExcludeFromDescription();
    }

    private static async Task<IResult> Get(
        HttpContext http, View view, Composition exchange, DateOnly? asOf, BillingMonth? month, string? by,
        CancellationToken ct) => await Draw(http, view, exchange, (asOf, month, by), Form.Empty, ct);

    /// <summary>Posts what was used in an open month and is not billed yet.</summary>
    private static async Task<IResult> Accrue(
        HttpContext http, View view, Composition exchange, CancellationToken ct)
    {
        var form = await Form.Read(http, ct);
        var month = form.Value<BillingMonth>("month", "The month");
        if (form.IsRight && await exchange.Commands.Try(
            new AccrueMonth(exchange.Sources, month!.Value, Rating.Policies.Corrected), http, ct) is { } refusal)
        {
            form.Wrong("month", refusal.Message);
        }

        return form.IsRight
            ? Results.Redirect($"{Path}?month={month}&by=period")
            : await Draw(http, view, exchange, (null, month, null), form, ct);
    }

    private static async Task<IResult> Draw(
        HttpContext http, View view, Composition exchange, (DateOnly? AsOf, BillingMonth? Month, string? By) asked,
        Form form, CancellationToken ct)
    {
        var now = exchange.Clock.GetCurrentInstant();
        var day = AsOf.Day(asked.AsOf, now);
        var connection = await view.Connection(ct);
        var by = asked.By == "posted" ? LedgerView.Posted : LedgerView.Period;
        var accounts = asked.Month is { } month
            ? await TrialBalance.Of(connection, by, month, ct)
            : await TrialBalance.Run(connection, AsOf.End(day), ct);
        var listing = List(accounts, asked.Month is not null);
        if (listing.IsAskedFor(http))
        {
            return listing.Csv(http);
        }

        var sum = Money.Sum(accounts.Select(a => a.Balance));
        var months = await exchange.Kept.State(ClosedMonths.Fold, ClosedMonths.Id, ct);
        return Layout.Page(http, "Accounts", Html.Of($"""
            {form.Summary()}
            {AsOf.Form(day)}
            {ByMonth(form, asked.Month ?? BillingMonth.Of(now).Previous, by)}
            {(sum.IsZero
                ? Html.Of($"""<p class="note-box good">Debits and credits come to the same.</p>""")
                : Html.Of($"""<p class="note-box bad">Out of balance by {Show.Of(sum)}. Run 'exchange verify'.</p>"""))}
            <h2>Trial balance{Heading(asked.Month, by)}</h2>
            {listing.Of(http)}
            <p><a class="button" href="/finance/ageing?asOf={AsOf.Text(day)}">Aging report</a></p>
            {Html.If(Permissions.Allows(Permissions.PostAccruals, Viewer.Needed(http).Role), () =>
                AccrualBox(http, months.Last?.Next ?? BillingMonth.Of(now)))}
            """), form.Status);
    }

    private static Html Heading(BillingMonth? month, LedgerView by) => month is null ? Html.None
        : by == LedgerView.Period ? Html.Of($" of period {Show.Of(month.Value)}")
        : Html.Of($" of what was posted in {Show.Of(month.Value)}");

    private static Html ByMonth(Form form, BillingMonth month, LedgerView by) => Html.Of($"""
        <form class="find" method="get"><div><label for="of">Month</label>
        <input id="of" name="month" type="month" value="{month}"></div>
        {form.Choice("by", "By", [("period", "Period"), ("posted", "Posting date")],
            by == LedgerView.Posted ? "posted" : "period")}<button>Show month</button></form>
        """);

    private static Html AccrualBox(HttpContext http, BillingMonth open) => Html.Of($"""
        <h2>Accrue an open month</h2>
        <p class="lead">Posts what was used and is not billed yet; the close of the month reverses it.</p>
        {Form.Post(http, $"{Path}/accrue", Html.Of($"""
        {Form.Hidden("month", open.ToString())}
        <p><button>Post accrual of {Show.Of(open)}</button></p>
        """))}
        """);

    private static Listing<AccountBalance> List(IReadOnlyList<AccountBalance> accounts, bool isMonth) => new(
        "accounts", "Accounts of the ledger", accounts,
        [
            Column<AccountBalance>.Words("Account", a => a.Account),
            .. isMonth ? [Column<AccountBalance>.Amount("Opening balance", a => a.Opening)]
                : Array.Empty<Column<AccountBalance>>(),
            Column<AccountBalance>.Amount("Debit", a => a.Debit),
            Column<AccountBalance>.Amount("Credit", a => a.Credit),
            Column<AccountBalance>.Amount("Balance", a => a.Balance),
        ], "Nothing was posted yet.")
    {
        Foot = Table.Foot("Total", 1,
        [
            .. isMonth ? [Sum(accounts, a => a.Opening)] : Array.Empty<Html>(),
            Sum(accounts, a => a.Debit), Sum(accounts, a => a.Credit), Sum(accounts, a => a.Balance),
        ]),
    };

    private static Html Sum(IReadOnlyList<AccountBalance> accounts, Func<AccountBalance, Money> of) =>
        Html.Of($"{Show.Of(Money.Sum(accounts.Select(of)))}");
}
