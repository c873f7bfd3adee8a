using Exchange.Invoicing.Accounts;
using Exchange.Invoicing.Reading;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using Microsoft.AspNetCore.Components;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>GET /finance/ageing — who owes how much since when, as of the end of any day.</summary>
public sealed partial class AgeingPage
{
    /// <summary>Who owes how much at the end of a day, and how old it is.</summary>
    public sealed record Report(LocalDate Day, IReadOnlyList<Age> Ages, IListing Accounts);

    /// <summary>What is open that was billed so long ago.</summary>
    public sealed record Age(string Label, Money Amount);

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/finance/ageing", Get)
        .RequireAuthorization(Permissions.SeeFinance).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, View view, IClock clock, DateOnly? asOf, CancellationToken ct)
    {
        var day = AsOf.Day(asOf, clock.GetCurrentInstant());
        var accounts = await Ageing.Run(await view.Connection(ct), day, ct);
        var listing = List(accounts);
        return listing.Answer(http) ?? Page.Of<AgeingPage, Report>(http, "Aging report", new(
            day,
            [
                new("Up to 30 days", Sum(accounts, a => a.UpTo30)), new("31 to 60 days", Sum(accounts, a => a.UpTo60)),
                new("61 to 90 days", Sum(accounts, a => a.UpTo90)), new("Over 90 days", Sum(accounts, a => a.Older)),
            ], listing));
    }

    private static Money Sum(IReadOnlyList<AgedAccount> accounts, Func<AgedAccount, Money> part) =>
        Money.Sum(accounts.Select(part));

    /// <summary>Who owes, in words, with the way to their statement; files keep the ledger's name of the account.
    /// </summary>
    private static RenderFragment Owes(string account) =>
        AccountName.TryParse(account[(account.IndexOf(':', StringComparison.Ordinal) + 1)..], null, out var name)
            ? Cell.Link(CustomersPage.Href(name), name.Name, after: name.Kind == "pi" ? "" : $" ({name.Kind})")
            : Cell.Words("Not attributed to a PI yet");

    private static Listing<AgedAccount> List(IReadOnlyList<AgedAccount> accounts) => new(
        "ageing", "Open receivables by age", accounts,
        [
            new("Account", a => Owes(a.Account), Plain: a => a.Account, Key: a => a.Account),
            Column<AgedAccount>.Amount("0–30 days", a => a.UpTo30),
            Column<AgedAccount>.Amount("31–60", a => a.UpTo60),
            Column<AgedAccount>.Amount("61–90", a => a.UpTo90),
            Column<AgedAccount>.Amount("Over 90", a => a.Older),
            Column<AgedAccount>.Amount("Paid beyond", a => a.Credit),
            Column<AgedAccount>.Amount("Open", a => a.Open),
        ], "Nobody owed anything at the end of that day.")
    {
        Foot = Table.Foot("Total", 1, [.. ((Func<AgedAccount, Money>[])
            [a => a.UpTo30, a => a.UpTo60, a => a.UpTo90, a => a.Older, a => a.Credit, a => a.Open])
            .Select(part => Sum(accounts, part))]),
    };
}
