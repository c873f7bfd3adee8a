using System.CommandLine;
using Exchange.Invoicing;
using Exchange.Invoicing.Ledger;
using Exchange.Invoicing.Reading;
using Exchange.Portal.Commands;

namespace Exchange.Portal.Cli;

/// <summary>exchange ledger balance | entries | accrue — the general ledger, by period or by posting date.</summary>
internal static class LedgerVerbs
{
    public static Command Command() =>
        new("ledger", "Shows the general ledger by period or posting date, and accrues open months.")
        {
            Balance(), Entries(), Accrue(),
        };

    /// <summary>By what the ledger is cut.</summary>
    public static Option<string> By()
    {
        var by = new Option<string>("--by")
        {
            Description = "period, to which entries belong, or posted, the days under which they are posted.",
            HelpName = "VIEW",
            DefaultValueFactory = _ => "period",
        };
        by.AcceptOnlyFromAmong("period", "posted");
        return by;
    }

    public static LedgerView View(string typed) => typed == "posted" ? LedgerView.Posted : LedgerView.Period;

    private static Command Balance()
    {
        var (month, by) = (Settings.Month(), By());
        return new Command("balance", "Shows the trial balance of a month: before, debits, credits, after.")
        {
            month, by,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            await exchange.Projections.CatchUp(ct);
            await using var connection = await exchange.Database.OpenConnectionAsync(ct);
            var accounts = await TrialBalance.Of(connection, View(verb.Get(by)), verb.Get(month), ct);
            return new(accounts, terminal => terminal.Table(
                ["account", "before", "debit", "credit", "balance"],
                accounts.Select(a => (IReadOnlyList<string>)[
                    a.Account, a.Opening.ToString(), a.Debit.ToString(), a.Credit.ToString(), a.Balance.ToString()])
                    .Append(["total", Sum(accounts, a => a.Opening), Sum(accounts, a => a.Debit),
                        Sum(accounts, a => a.Credit), Sum(accounts, a => a.Balance)])));
        });
    }

    private static Command Entries()
    {
        var (month, by) = (Settings.Month(), By());
        return new Command("entries", "Lists the entries of a month, with period and posting date.") { month, by }
            .Does(async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                await exchange.Projections.CatchUp(ct);
                await using var connection = await exchange.Database.OpenConnectionAsync(ct);
                var entries = new List<LedgerEntry>();
                await foreach (var entry in LedgerEntries.Run(
                    connection, View(verb.Get(by)), verb.Get(month), null, ct))
                {
                    entries.Add(entry);
                }

                return new(entries, terminal => terminal.Table(
                    ["period", "posted", "account", "amount", "what"],
                    entries.SelectMany(entry => entry.Postings.Select(posting => (IReadOnlyList<string>)[
                        entry.Period.ToString(), $"{entry.Posted:uuuu-MM-dd}", posting.Account,
                        posting.Amount.ToString(), entry.What]))));
            });
    }

    private static Command Accrue()
    {
        var month = Settings.Month();
        var commit = new Option<bool>("--commit") { Description = "Posts it; says what it comes to otherwise." };
        return new Command("accrue", "Posts what was used in an open month and is not billed; the close reverses it.")
        {
            month, commit,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            await exchange.Projections.CatchUp(ct);
            var done = verb.Get(commit)
                ? await exchange.Commands.Execute(
                    new AccrueMonth(exchange.Sources, verb.Get(month), Rating.Policies.Corrected),
                    Actors.Local(Verb.By), ct)
                : new(verb.Get(month), [.. (await AccrueMonth.Due(
                    exchange.Sources, verb.Get(month), Rating.Policies.Corrected, verb.Clock.GetCurrentInstant(), ct))
                    .Select(of => new Posting(of.Key, of.Value))], IsNew: false);
            return new(done, terminal =>
            {
                terminal.Table(["account", "amount"], done.Postings.Select(posting => (IReadOnlyList<string>)[
                    posting.Account, posting.Amount.ToString()]));
                terminal.Say(!verb.Get(commit) ? "Nothing was posted. '--commit' posts it."
                    : done.IsNew ? $"Posted for {done.Month}. The close of {done.Month} reverses it."
                    : $"Nothing changed since {done.Month} was accrued.");
            });
        });
    }

    private static string Sum(IReadOnlyList<AccountBalance> accounts, Func<AccountBalance, Money> of) =>
        Money.Sum(accounts.Select(of)).ToString();
}
