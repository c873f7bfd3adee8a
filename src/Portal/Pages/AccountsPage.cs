using Exchange.Invoicing.Reading;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// GET /finance/accounts — the trial balance as of the end of any day, and how old open invoices are.
/// </summary>
internal static class AccountsPage
{
    private static readonly (string Name, int From, int To)[] Ages =
        [("not due yet", int.MinValue, 0), ("1 to 30 days", 1, 30), ("31 to 60 days", 31, 60),
            ("61 to 90 days", 61, 90), ("more than 90 days", 91, int.MaxValue)];

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/finance/accounts", Get)
        .RequireAuthorization(Acts.SeeFinance).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, IClock clock, DateOnly? asOf, CancellationToken ct)
    {
        var today = clock.GetCurrentInstant().InUtc().Date;
        var day = asOf is { } asked ? LocalDate.FromDateOnly(asked) : today;
        var connection = await view.Connection(ct);
        var accounts = await TrialBalance.Run(connection, day.PlusDays(1).AtMidnight().InUtc().ToInstant(), ct);
        var listing = List(accounts);
        if (listing.IsAskedFor(http))
        {
            return listing.Csv(http);
        }

        var open = (await InvoiceList.Run(connection, new(Limit: 20_000), ct)).Where(r => r.Status == "issued")
            .ToList();
        var sum = Money.Sum(accounts.Select(a => a.Balance));
        return Layout.Page(http, "Accounts", Html.Of($"""
            <form class="find" method="get"><label for="asOf">As of the end of (UTC)</label>
            <input id="asOf" name="asOf" type="date" value="{day.ToString("uuuu-MM-dd", null)}">
            <button>Show</button></form>
            {(sum.IsZero
                ? Html.Of($"""<p class="note-box good">Debits and credits come to the same.</p>""")
                : Html.Of($"""<p class="note-box bad">Out of balance by {Show.Of(sum)}. Run 'exchange verify'.</p>"""))}
            <h2>Trial balance</h2>
            {listing.Of(http)}
            <h2>Open invoices by age, today</h2>
            {Table.Of("By days after the due date", Ages, [
                Column<(string Name, int From, int To)>.Words("Overdue", a => a.Name),
                Column<(string Name, int From, int To)>.Number("Invoices",
                    a => Show.Of(Of(open, a, today).LongCount())),
                Column<(string Name, int From, int To)>.Amount("Open", a =>
                    Money.Sum(Of(open, a, today).Select(r => r.Owed - r.Paid))),
            ], "")}
            """));
    }

    private static IEnumerable<InvoiceRow> Of(
        IEnumerable<InvoiceRow> open, (string Name, int From, int To) age, LocalDate today) => open.Where(row =>
            NodaTime.Period.DaysBetween(row.Due ?? today, today) is var late && late >= age.From && late <= age.To);

    private static Listing<AccountBalance> List(IReadOnlyList<AccountBalance> accounts) => new(
        "accounts", "Accounts of the ledger", accounts,
        [
            Column<AccountBalance>.Words("Account", a => a.Account),
            Column<AccountBalance>.Amount("Debit", a => a.Debit),
            Column<AccountBalance>.Amount("Credit", a => a.Credit),
            Column<AccountBalance>.Amount("Balance", a => a.Balance),
        ], "Nothing was posted yet.")
    {
        Foot = Table.Foot("Together", 1, Html.Of($"{Show.Of(Money.Sum(accounts.Select(a => a.Debit)))}"),
            Html.Of($"{Show.Of(Money.Sum(accounts.Select(a => a.Credit)))}"),
            Html.Of($"{Show.Of(Money.Sum(accounts.Select(a => a.Balance)))}")),
    };
}
