using Exchange.Invoicing.Reading;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>GET /finance/accounts — the trial balance as of the end of any day.</summary>
internal static class AccountsPage
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/finance/accounts", Get)
        .RequireAuthorization(Permissions.SeeFinance).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, IClock clock, DateOnly? asOf, CancellationToken ct)
    {
        var day = AsOf.Day(asOf, clock.GetCurrentInstant());
        var connection = await view.Connection(ct);
        var accounts = await TrialBalance.Run(connection, AsOf.End(day), ct);
        var listing = List(accounts);
        if (listing.IsAskedFor(http))
        {
            return listing.Csv(http);
        }

        var sum = Money.Sum(accounts.Select(a => a.Balance));
        return Layout.Page(http, "Accounts", Html.Of($"""
            {AsOf.Form(day)}
            {(sum.IsZero
                ? Html.Of($"""<p class="note-box good">Debits and credits come to the same.</p>""")
                : Html.Of($"""<p class="note-box bad">Out of balance by {Show.Of(sum)}. Run 'exchange verify'.</p>"""))}
            <h2>Trial balance</h2>
            {listing.Of(http)}
            <p><a class="button" href="/finance/ageing?asOf={AsOf.Text(day)}">Aging report</a></p>
            """));
    }

    private static Listing<AccountBalance> List(IReadOnlyList<AccountBalance> accounts) => new(
        "accounts", "Accounts of the ledger", accounts,
        [
            Column<AccountBalance>.Words("Account", a => a.Account),
            Column<AccountBalance>.Amount("Debit", a => a.Debit),
            Column<AccountBalance>.Amount("Credit", a => a.Credit),
            Column<AccountBalance>.Amount("Balance", a => a.Balance),
        ], "Nothing was posted yet.")
    {
        Foot = Table.Foot("Total", 1, Html.Of($"{Show.Of(Money.Sum(accounts.Select(a => a.Debit)))}"),
            Html.Of($"{Show.Of(Money.Sum(accounts.Select(a => a.Credit)))}"),
            Html.Of($"{Show.Of(Money.Sum(accounts.Select(a => a.Balance)))}")),
    };
}
