using Exchange.Invoicing;
using Exchange.Invoicing.Accounts;
using Exchange.Invoicing.Payouts;
using Exchange.Portal.Commands;
using NodaTime;

namespace Exchange.Portal.Demo;

/// <summary>
/// What was paid in the demonstration: most pay in time, some a part, some late, some not at all; landlords get what
/// was closed before. No invoice comes to anything else by it.
/// </summary>
internal sealed class DemoPayments(Composition exchange, DemoClock clock)
{
    /// <summary>Of ten accounts, which one never paid so far, which pays by halves, and which pays too much.</summary>
    private const int Silent = 2, Halves = 1, Early = 5;

    private static readonly AccountName ResearchIt = new("payer", "bu-research-it");

    /// <summary>How people pay in three weeks after a month was billed.</summary>
    public async Task After(BillingMonth month, CancellationToken ct)
    {
        clock.LeapTo(month.End + Duration.FromDays(23));
        foreach (var account in await Billed(month, ct))
        {
            await Pay(account, month, Habit(account), ct);
        }

        await PayOut(month, ct);
    }

    /// <summary>What came of the last month by now: some are early, and one sent more than was asked for.</summary>
    public async Task Lately(BillingMonth month, Instant now, CancellationToken ct)
    {
        clock.LeapTo(now);
        var early = (await Billed(month, ct)).Where(account => Habit(account) >= Early).ToList();
        foreach (var account in early)
        {
            await Pay(account, month, Habit(account), ct);
        }

        await Record(early[0], $"wire-{month}-twice", Money.Parse("250.00 USD", null), ct);
    }

    private async Task Pay(AccountName account, BillingMonth month, int habit, CancellationToken ct)
    {
        var open = (await OpenInvoices.Run(exchange.Database, account, ct)).Where(one => one.Open > Money.Zero)
            .ToList();
        var due = open.Find(one => one.Month == month);
        if (due is null || habit == Silent)
        {
            return;
        }

        // Half of this one, and what was left of those before.
        var before = Money.Sum(open.Where(one => one.Month < month).Select(one => one.Open));
        var paid = habit == Halves || account == ResearchIt
            ? before + new Money(due.Open.Cents / 2)
            : before + due.Open;
        if (paid > Money.Zero)
        {
            await Record(account, $"wire-{due.Number}", paid, ct);
        }
    }

    private async Task Record(AccountName account, string reference, Money amount, CancellationToken ct) =>
        await exchange.Commands.Execute(
            new RecordPayment(exchange.Database, new(account, reference, amount, null, [])), Actors.Local("demo"), ct);

    private async Task PayOut(BillingMonth month, CancellationToken ct)
    {
        foreach (var payee in (await PayeeList.Run(exchange.Database, ct)).Where(one => one.Open > Money.Zero))
        {
            await exchange.Commands.Execute(
                new RecordPayout(
                    exchange.Database, exchange.Journal, payee.Payee, $"transfer-{month}-{payee.Payee}", payee.Open,
                    null, null),
                Actors.Local("demo"), ct);
        }
    }

    /// <summary>Who was billed for a month and owes something of it.</summary>
    private async Task<IReadOnlyList<AccountName>> Billed(BillingMonth month, CancellationToken ct)
    {
        const string Sql = """
            select 'pi:' || account from invoicing.invoice
            where month = $1 and number is not null and status = 'issued'
            union
            select kind || ':' || party from invoicing.party_invoice
            where month = $1 and kind in ('institution', 'payer') and status <> 'void'
            order by 1
            """;

        await exchange.Projections.CatchUp(ct);
        await using var command = exchange.Database.CreateCommand(Sql);
        command.Parameters.Add(new() { Value = month.ToString() });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<AccountName>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(AccountName.Parse(rows.GetString(0), null));
        }

        return found;
    }

    /// <summary>The same for the same account in every month, as people are.</summary>
    private static int Habit(AccountName account) => account.Name.Sum(letter => letter) % 10;
}
