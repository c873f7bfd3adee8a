using Exchange.Invoicing.Accounts;
using Exchange.Portal.Web;
using NodaTime;

namespace Exchange.Portal.Api;

/// <summary>The statement of an account that its viewer may see, for pages and programs alike.</summary>
internal static class ShownAccount
{
    private static readonly LocalDate First = new(2000, 1, 1);

    /// <summary>Whether anybody was billed under this name, or under another address of the same person.</summary>
    public static async Task<bool> IsKnown(View view, AccountName account, CancellationToken ct)
    {
        var connection = await view.Connection(ct);
        var (person, _) = await OneAccount.Of(connection, account, ct);
        return (await AccountList.Run(connection, ct)).Any(row => row.Account == person);
    }

    /// <summary>From one day to another, both in it; of all time where nothing is asked.</summary>
    /// <exception cref="FormatException">It ends before it begins.</exception>
    public static async Task<AccountStatement> Read(
        View view, IClock clock, AccountName account, (DateOnly? From, DateOnly? Until) days, CancellationToken ct)
    {
        var today = clock.GetCurrentInstant();
        var first = days.From is null ? First : AsOf.Day(days.From, today);
        var last = AsOf.Day(days.Until, today);
        if (last < first)
        {
            throw new FormatException(
                $"From {AsOf.Text(first)} until {AsOf.Text(last)} is no day. Let 'until' be 'from' or later.");
        }

        return await AccountStatement.Read(await view.Connection(ct), account, first, last.PlusDays(1), ct);
    }
}
