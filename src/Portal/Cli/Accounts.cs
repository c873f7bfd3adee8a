using System.CommandLine;
using Exchange.Invoicing;
using Exchange.Invoicing.Accounts;
using Exchange.Metering.Csv;
using Exchange.Portal.Commands;
using Exchange.Portal.Names;

namespace Exchange.Portal.Cli;

/// <summary>exchange accounts list | show | apply | refund | keep-credit — what is owed, and credit.</summary>
internal static class Accounts
{
    public static Command Command() =>
        new("accounts", "Shows what PIs, institutions and payers owe, and uses or refunds their credit.")
        {
            List(), ShowOne(), Apply(), Refund(), KeepCredit(),
        };

    private static Command List() => new Command("list", "Lists accounts with what they owe.").Does(async (verb, ct) =>
    {
        await using var exchange = await verb.Open(ct);
        await exchange.Projections.CatchUp(ct);
        var rows = await AccountList.Run(exchange.Database, ct);
        return new(rows, terminal => terminal.Table(
            ["account", "invoices", "unapplied", "balance"],
            rows.Select(r => (IReadOnlyList<string>)[
                r.Account.ToString(), r.Owed.ToString(), r.Unapplied.ToString(), r.Balance.ToString()])));
    });

    private static Command ShowOne()
    {
        var account = Account();
        var from = Settings.Day("--from", "The first day; the beginning otherwise.");
        var until = Settings.Day("--until", "The first day that is left out; tomorrow otherwise.");
        var csv = new Option<string?>("--csv") { Description = "Also writes it to this file.", HelpName = "FILE" };
        return new Command("show", "Shows the statement of an account.") { account, from, until, csv }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await Open(verb, verb.Get(account), ct);
                var tomorrow = verb.Clock.GetCurrentInstant().InUtc().Date.PlusDays(1);
                var statement = await AccountStatement.Read(
                    exchange.Database, verb.Get(account), verb.Get(from) ?? new(2000, 1, 1),
                    verb.Get(until) ?? tomorrow, ct);
                var open = await OpenInvoices.Run(exchange.Database, verb.Get(account), ct);
                if (verb.Get(csv) is { } file)
                {
                    await Write(statement, file);
                }

                return new(
                    new { statement, closing = statement.Closing, open },
                    terminal => Tell(terminal, statement, open));
            });
    }

    private static void Tell(Terminal terminal, AccountStatement statement, IReadOnlyList<OpenInvoice> open)
    {
        terminal.Table(
            ["day", "document", "what", "amount", "balance"],
            statement.Lines.Select(l => (IReadOnlyList<string>)[
                $"{l.Day:uuuu-MM-dd}", l.Document, l.What, l.Amount.ToString(), l.Balance.ToString()]));
        terminal.Say($"{statement.Account}: {statement.Opening} before {statement.From:uuuu-MM-dd}, " +
            $"{statement.Closing} before {statement.Until:uuuu-MM-dd}.");
        terminal.Table(
            ["open", "month", "due", "amount"],
            open.Select(one => (IReadOnlyList<string>)[
                one.Number, one.Month.ToString(), $"{one.Due:uuuu-MM-dd}", one.Open.ToString()]));
    }

    private static async Task Write(AccountStatement statement, string file)
    {
        await using var text = new StreamWriter(file);
        await using var rows = new CsvWriter(text, exact: false);
        await rows.Add(["day", "document", "what", "amount", "balance"]);
        foreach (var line in statement.Lines)
        {
            await rows.Add([
                $"{line.Day:uuuu-MM-dd}", line.Document, line.What, Text.Of(line.Amount.Amount),
                Text.Of(line.Balance.Amount)]);
        }
    }

    private static Command Apply()
    {
        var account = Account();
        var invoices = new Option<string[]>("--invoice")
        {
            Description = "An invoice that it is to pay; all that are open otherwise, the oldest first.",
            HelpName = "NUMBER",
        };
        return new Command("apply", "Uses credit and unapplied cash for what is open.") { account, invoices }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await Open(verb, verb.Get(account), ct);
                var used = await exchange.Commands.Execute(
                    new ApplyCredit(exchange.Database, verb.Get(account), [.. verb.Get(invoices)]),
                    Actors.Local(Verb.By), ct);
                return new(used, terminal => Tell(terminal, used, "Nothing to apply."));
            });
    }

    private static Command Refund()
    {
        var account = Account();
        var reference = InvoiceActs.Reference();
        var amount = Settings.NeededAmount("What went back, as \"12.34 USD\".");
        var date = Settings.Day("--date", "The day on which the bank counted it; today otherwise.");
        return new Command("refund", "Notes credit that was paid out.") { account, reference, amount, date }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await Open(verb, verb.Get(account), ct);
                var used = await exchange.Commands.Execute(
                    new RefundCredit(
                        exchange.Database, verb.Get(account), verb.Get(reference), verb.Get(amount), verb.Get(date)),
                    Actors.Local(Verb.By), ct);
                return new(used, terminal => Tell(terminal, used, ""));
            });
    }

    private static Command KeepCredit()
    {
        var account = Account();
        var off = new Option<bool>("--off") { Description = "Use it for the next invoice again." };
        return new Command("keep-credit", "Keeps credit instead of using it for the next invoice.") { account, off }
            .Does(async (verb, ct) =>
            {
                await using var exchange = await Open(verb, verb.Get(account), ct);
                var keep = !verb.Get(off);
                await exchange.Commands.Execute(
                    new KeepCredit(exchange.Database, verb.Get(account), keep, Verb.By), Actors.Local(Verb.By), ct);
                return new(new { account = verb.Get(account), keep }, terminal => terminal.Say(keep
                    ? $"Credit of {verb.Get(account)} is kept until it is applied or refunded."
                    : $"Credit of {verb.Get(account)} is used for its next invoice."));
            });
    }

    private static void Tell(Terminal terminal, IReadOnlyList<CreditUsed> used, string none)
    {
        if (used.Count == 0)
        {
            terminal.Say(none);
            return;
        }

        terminal.Table(["from", "to", "amount"], used.Select(u => (IReadOnlyList<string>)[
            u.From, u.To, u.Amount.ToString()]));
    }

    /// <summary>Opens the exchange; the account must be of somebody who is known.</summary>
    private static async Task<Composition> Open(Verb verb, AccountName account, CancellationToken ct)
    {
        var exchange = await verb.Open(ct);
        await exchange.Projections.CatchUp(ct);
        var kind = account.Kind switch
        {
            "pi" => NameKind.Pi,
            "institution" => NameKind.Institution,
            _ => NameKind.Payer,
        };
        await using var connection = await exchange.Database.OpenConnectionAsync(ct);
        var (person, _) = await OneAccount.Of(connection, account, ct);
        if (!(await AccountList.Run(connection, ct)).Any(row => row.Account == person) &&
            await Verb.Unknown(exchange, kind, account.Name, "account", ct) is { } unknown)
        {
            await exchange.DisposeAsync();
            throw new RefusedException(unknown);
        }

        return exchange;
    }

    public static Argument<AccountName> Account() => new("account")
    {
        Description = "Whose: a PI's address, 'institution:NAME' or 'payer:NAME'.",
        CustomParser = argument => Settings.Parsed<AccountName>(argument),
    };
}
