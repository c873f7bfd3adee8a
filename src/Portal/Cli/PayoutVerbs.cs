using System.CommandLine;
using Exchange.Invoicing.Payouts;
using Exchange.Portal.Commands;
using NodaTime;

namespace Exchange.Portal.Cli;

/// <summary>exchange payouts list | statement | accept | dispute | resolve | record — paying landlords.</summary>
internal static class PayoutVerbs
{
    public static Command Command() =>
        new("payouts", "Shows what landlords and owners of hardware earned, and records what they were paid.")
        {
            List(), Statement(),
            Answer("accept", "Accepts a statement.", isLine: false, (payee, at) => Payee.Accept(
                payee, at.Month, at.By, at.Now)),
            Answer("dispute", "Says that a statement, or a line of it, is wrong.", isLine: true, (payee, at) =>
                Payee.Dispute(payee, at.Month, at.Line, at.Because, at.By, at.Now)),
            Answer("resolve", "Says what came of a dispute.", isLine: true, (payee, at) =>
                Payee.Resolve(payee, at.Month, at.Line, at.Because, at.By, at.Now)),
            Record(),
        };

    private sealed record Answered(BillingMonth Month, int Line, string Because, string By, Instant Now);

    private static Command List() => new Command("list", "Lists payees and what is open.").Does(async (verb, ct) =>
    {
        await using var exchange = await verb.Open(ct);
        await exchange.Projections.CatchUp(ct);
        var rows = await PayeeList.Run(exchange.Database, ct);
        return new(rows, terminal => terminal.Table(
            ["payee", "earned", "paid out", "open"],
            rows.Select(r => (IReadOnlyList<string>)[
                r.Payee.ToString(), r.Earned.ToString(), r.PaidOut.ToString(), r.Open.ToString()])));
    });

    private static Command Statement()
    {
        var (payee, month) = (Of(), Settings.Month());
        return new Command("statement", "Shows a payee's statement of a month, line by line.") { payee, month }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                await exchange.Projections.CatchUp(ct);
                var statement = await PayeeStatement.Read(
                    exchange.Journal, exchange.Database, verb.Get(payee), verb.Get(month), ct);
                return new(statement, terminal =>
                {
                    terminal.Table(
                        ["line", "what", "month", "quantity", "amount"],
                        statement.Lines.Select(l => (IReadOnlyList<string>)[
                            $"{l.Number}", l.What, l.Month.ToString(), l.Quantity?.ToString() ?? "",
                            l.Amount.ToString()]));
                    terminal.Say($"{statement.Payee}, {statement.Month}: {statement.Total}, {statement.State}.");
                });
            });
    }

    private static Command Answer(
        string name, string what, bool isLine, Func<Payee, Answered, Decision<PayeeEvent>> rule)
    {
        var (payee, month) = (Of(), Settings.Month());
        var line = new Option<int>("--line") { Description = "The line; all of it otherwise.", HelpName = "NUMBER" };
        var because = new Option<string>("--because") { Description = "Why.", HelpName = "TEXT", Required = true };
        var command = new Command(name, what) { payee, month };
        if (isLine)
        {
            command.Add(line);
            command.Add(because);
        }

        return command.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            await exchange.Projections.CatchUp(ct);
            var statement = await PayeeStatement.Read(
                exchange.Journal, exchange.Database, verb.Get(payee), verb.Get(month), ct);
            var state = await exchange.Commands.Execute(
                new AnswerStatement(statement, $"{name} statement", (now, at) => rule(now, new(
                    statement.Month, isLine ? verb.Get(line) : 0, isLine ? verb.Get(because) : "", Verb.By, at))),
                Actors.Local(Verb.By), ct);
            return new(statement with { State = state }, terminal => terminal.Say(
                $"The statement of {statement.Payee} of {statement.Month} is {state}."));
        });
    }

    private static Command Record()
    {
        var (payee, reference) = (Of(), InvoiceActs.Reference());
        var amount = Settings.Needed<Money>("--amount", "MONEY", "What was paid, as \"12.34 USD\".");
        var date = Settings.Day("--date", "The day on which the bank counted it; today otherwise.");
        var month = Settings.Value<BillingMonth>("--month", "MONTH", "The statement that it pays.");
        return new Command("record", "Records money that went to a payee.") { payee, reference, amount, date, month }
            .Does(async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                var isNew = await exchange.Commands.Execute(
                    new RecordPayout(
                        exchange.Database, exchange.Journal, verb.Get(payee), verb.Get(reference), verb.Get(amount),
                        verb.Get(date), verb.Get(month)), Actors.Local(Verb.By), ct);
                return new(new { payee = verb.Get(payee), isNew }, terminal => terminal.Say(isNew
                    ? $"{verb.Get(amount)} to {verb.Get(payee)} recorded."
                    : $"Payout {verb.Get(reference)} was recorded before."));
            });
    }

    private static Argument<PayeeName> Of() => new("payee")
    {
        Description = "Whose: 'landlord:NAME' (or the name alone), 'hardware:NAME' or 'project:NAME'.",
        CustomParser = argument => Settings.Parsed<PayeeName>(argument),
    };
}
