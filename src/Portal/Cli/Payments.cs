using System.CommandLine;
using Exchange.Invoicing;
using Exchange.Invoicing.Accounts;
using Exchange.Portal.Commands;

namespace Exchange.Portal.Cli;

/// <summary>exchange payments record | import — money that came, one by one or as the bank lists it.</summary>
internal static class Payments
{
    public static Command Command() => new("payments", "Records and imports payments, and applies them to invoices.")
    {
        Record(), Import(),
    };

    private static Command Record()
    {
        var account = Accounts.Account();
        var reference = InvoiceActs.Reference();
        var amount = Settings.NeededAmount("What came, as \"12.34 USD\".");
        var date = Settings.Day("--date", "The day on which the bank counted it; today otherwise.");
        var invoices = new Option<string[]>("--invoice")
        {
            Description = "An invoice that it pays, as NUMBER or NUMBER=AMOUNT, in this order; the oldest otherwise.",
            HelpName = "NUMBER",
        };
        return new Command("record", "Records a payment.") { account, reference, amount, date, invoices }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                var done = await exchange.Commands.Execute(
                    new RecordPayment(exchange.Database, new(
                        verb.Get(account), verb.Get(reference), verb.Get(amount), verb.Get(date),
                        [.. verb.Get(invoices).Select(ToPay)])),
                    Actors.Local(Verb.By), ct);
                return new(done, terminal => Tell(terminal, verb.Get(reference), done));
            });
    }

    private static Command Import()
    {
        var file = new Argument<string>("file") { Description = "The bank's list: CSV, or camt.053 (XML)." };
        var commit = new Option<bool>("--commit") { Description = "Records what was matched; shows it otherwise." };
        return new Command("import", "Matches a bank's list of payments with invoices.") { file, commit }.Does(
            async (verb, ct) =>
            {
                var movements = BankFile.Read(verb.Get(file));
                await using var exchange = await verb.Open(ct);
                await exchange.Projections.CatchUp(ct);
                var matched = await MatchPayments.Run(exchange.Database, movements, ct);
                if (verb.Get(commit))
                {
                    foreach (var match in matched.Where(one => one.Payment is not null))
                    {
                        await exchange.Commands.Execute(
                            new RecordPayment(exchange.Database, match.Payment!), Actors.Local(Verb.By), ct);
                    }
                }

                return new(matched, terminal =>
                {
                    terminal.Table(
                        ["line", "day", "amount", "reference", "account", "pays", "why"],
                        matched.Select(m => (IReadOnlyList<string>)[
                            $"{m.Movement.Line}", $"{m.Movement.Day:uuuu-MM-dd}", m.Movement.Amount.ToString(),
                            m.Movement.Reference, m.Payment?.Account.ToString() ?? "",
                            string.Join(' ', m.Payment?.Invoices.Select(i => i.Number) ?? []), m.Why]));
                    terminal.Say($"{matched.Count(m => m.Payment is not null)} of {matched.Count} matched" +
                        (verb.Get(commit) ? " and recorded." : ". '--commit' records them."));
                });
            });
    }

    /// <exception cref="RefusedException">What stands after '=' is no amount.</exception>
    private static InvoiceToPay ToPay(string typed) => typed.Split('=', 2) is [var number, var amount]
        ? new(number, Money.TryParse(amount, null, out var money) ? money : throw new RefusedException(new(
            "usage/invoice", $"'{amount}' is no amount. Write '--invoice \"{number}=12.34 USD\"'.", "--invoice")))
        : new(typed, null);

    private static void Tell(Terminal terminal, string reference, PaymentRecorded done)
    {
        if (!done.IsNew)
        {
            terminal.Say($"Payment {reference} was recorded before.");
            return;
        }

        terminal.Table(["invoice", "paid"], done.Paid.Select(p => (IReadOnlyList<string>)[p.Number, $"{p.Amount}"]));
        if (!done.Unapplied.IsZero)
        {
            terminal.Say($"{done.Unapplied} pays no invoice and is kept on the account.");
        }
    }
}
