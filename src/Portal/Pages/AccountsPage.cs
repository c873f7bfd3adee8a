using Exchange.Invoicing;
using Exchange.Invoicing.Reading;
using Exchange.Portal.Commands;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;
using ClosedMonths = Exchange.Invoicing.Kept.Months;

namespace Exchange.Portal.Pages;

/// <summary>
/// GET /finance/accounts — the trial balance as of the end of any day, or of a month by period or posting date.
/// </summary>
public sealed partial class AccountsPage
{
    /// <summary>The trial balance of a day or month, and what is chosen to look at another.</summary>
    public sealed record Balances(LocalDate Day, BillingMonth? Month, BillingMonth Offered, LedgerView By)
    {
        /// <summary>What debits and credits differ by: nothing, unless something is wrong.</summary>
        public required Money Difference { get; init; }

        public required IListing Accounts { get; init; }

        /// <summary>The month whose usage may be accrued; null for whoever may not.</summary>
        public BillingMonth? Accruable { get; init; }
    }

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
        if (listing.Answer(http) is { } file)
        {
            return file;
        }

        var mayAccrue = Permissions.Allows(Permissions.PostAccruals, Viewer.Needed(http).Role);
        return Page.Of<AccountsPage, Balances>(
            http, "Accounts", new(day, asked.Month, asked.Month ?? BillingMonth.Of(now).Previous, by)
            {
                Difference = Money.Sum(accounts.Select(a => a.Balance)),
                Accounts = listing,
                Accruable = mayAccrue ? await FirstOpen(exchange, view, ct) ?? BillingMonth.Of(now) : null,
            }, form);
    }

    /// <summary>The month after the last that is closed, or the first that has charges: none is accrued before it.
    /// </summary>
    private static async Task<BillingMonth?> FirstOpen(Composition exchange, View view, CancellationToken ct) =>
        (await exchange.Kept.State(ClosedMonths.Fold, ClosedMonths.Id, ct)).Last?.Next ??
        (await MonthSpend.Months(view, ct)).Where(one => one.Charges > 0).Select(one => (BillingMonth?)one.Month).Min();

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
            .. isMonth ? [Sum(accounts, a => a.Opening)] : Array.Empty<Money>(),
            Sum(accounts, a => a.Debit), Sum(accounts, a => a.Credit), Sum(accounts, a => a.Balance),
        ]),
    };

    private static Money Sum(IReadOnlyList<AccountBalance> accounts, Func<AccountBalance, Money> of) =>
        Money.Sum(accounts.Select(of));
}
