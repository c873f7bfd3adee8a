using Exchange.Invoicing.Accounts;
using Exchange.Invoicing.Reading;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Pages;

/// <summary>GET /finance/customers — the accounts of all who are billed: balance, unapplied cash, past due.</summary>
public sealed partial class CustomersPage
{
    public const string Path = "/finance/customers";

    /// <summary>The accounts of all who are billed, as of a day.</summary>
    public sealed record Accounts(LocalDate Today, int Count, Money Balance, Money PastDue, Money Unapplied)
    {
        public required IListing Rows { get; init; }
    }

    private sealed record CustomerRow(AccountRow Account, Money PastDue);

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet(Path, Get).RequireAuthorization(Permissions.SeeFinance).ExcludeFromDescription();
        CustomerPage.Map(app);
        PaymentsPage.Map(app);
    }

    public static string Href(AccountName account) => $"{Path}/{Uri.EscapeDataString(account.ToString())}";

    private static async Task<IResult> Get(
        HttpContext http, View view, IClock clock, CancellationToken ct)
    {
        var today = clock.GetCurrentInstant().InUtc().Date;
        var rows = await Rows(await view.Connection(ct), today, ct);
        var listing = List(rows);
        return listing.Answer(http) ?? Page.Of<CustomersPage, Accounts>(http, "Customer accounts", new(
            today, rows.Count, Money.Sum(rows.Select(r => r.Account.Balance)), Money.Sum(rows.Select(r => r.PastDue)),
            Money.Sum(rows.Select(r => r.Account.Unapplied)))
        {
            Rows = listing,
        });
    }

    private static async Task<IReadOnlyList<CustomerRow>> Rows(
        NpgsqlConnection connection, LocalDate today, CancellationToken ct)
    {
        var late = (await Receivables.Run(connection, ct)).Where(one => one.DaysPastDue(today) > 0)
            .ToLookup(one => $"{one.Kind}:{one.Account}", one => one.BalanceDue);
        return
        [
            .. (await AccountList.Run(connection, ct)).Select(
                account => new CustomerRow(account, Money.Sum(late[account.Account.ToString()]))),
        ];
    }

    private static Listing<CustomerRow> List(IReadOnlyList<CustomerRow> rows) => new(
        "customers", "Customer accounts", rows,
        [
            Column<CustomerRow>.Link("Account", r => r.Account.Account.Name, r => Href(r.Account.Account)),
            Column<CustomerRow>.Words("Kind", r => r.Account.Account.Kind == "pi" ? "PI" : r.Account.Account.Kind),
            Column<CustomerRow>.Amount("Invoices", r => r.Account.Owed),
            Column<CustomerRow>.Amount("Unapplied cash", r => r.Account.Unapplied),
            Column<CustomerRow>.Amount("Balance", r => r.Account.Balance),
            Column<CustomerRow>.Amount("Past due", r => r.PastDue),
        ], "Nobody was billed yet. Closing a month issues invoices, and each bill-to has an account here.")
    {
        Foot = Table.Foot("Total", 2,
            Money.Sum(rows.Select(r => r.Account.Owed)), Money.Sum(rows.Select(r => r.Account.Unapplied)),
            Money.Sum(rows.Select(r => r.Account.Balance)), Money.Sum(rows.Select(r => r.PastDue))),
    };
}
