using System.CommandLine;
using Exchange.Invoicing;
using Exchange.Invoicing.Closing;
using Exchange.Portal.Commands;

namespace Exchange.Portal.Cli;

/// <summary>
/// exchange adjustments list | accept | decline — what came to months that no close bills by itself: those that are
/// closed for good, and those before the first that was closed.
/// </summary>
internal static class AdjustmentVerbs
{
    public static Command Command() =>
        new("adjustments", "Shows what came to months that are closed for good, and decides whether it is billed.")
        {
            List(),
            Decide("accept", "Bills with the next close what came to a month that is closed for good.", isBilled: true),
            Decide("decline", "Leaves a month that is closed for good as it was billed.", isBilled: false),
        };

    private static Command List()
    {
        var month = Settings.Value<BillingMonth>(
            "--month", "MONTH", "Looks at this month, too, where only what funds would pay may have changed.");
        return new Command("list", "Lists what waits for a decision, and what was decided.") { month }.Does(async (
            verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            await exchange.Projections.CatchUp(ct);
            var late = await DecideLate.List(
                exchange.Sources, verb.Clock.GetCurrentInstant(), ct, verb.Get(month));
            return new(late.Select(Document), terminal =>
            {
                if (late.Count == 0)
                {
                    terminal.Say("Nothing waits of a month that is closed for good, or was never closed.");
                    return;
                }

                terminal.Table(
                    ["month", "account", "lines", "amount", "paid by funds", "decision", "seen"],
                    late.SelectMany(one => one.Accounts.Select(of => (IReadOnlyList<string>)[
                        one.Month.ToString(), of.Account.Name, $"{of.Lines}", of.Amount.ToString(),
                        of.Funds.ToString(), one.State, one.Seen])));
            });
        });
    }

    private static Command Decide(string name, string what, bool isBilled)
    {
        var month = new Argument<BillingMonth>("month")
        {
            Description = "The month, as 'adjustments list' shows it.",
            CustomParser = Settings.Parsed<BillingMonth>,
        };
        var seen = new Option<string>("--seen")
        {
            Description = "What you looked at, as 'adjustments list' shows it: nothing else is decided.",
            HelpName = "SEEN",
            Required = true,
        };
        var because = new Option<string>("--because") { Description = "Why.", HelpName = "TEXT", Required = !isBilled };
        return new Command(name, what) { month, seen, because }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            await exchange.Projections.CatchUp(ct);
            var late = await exchange.Commands.Execute(
                new DecideLate(exchange.Sources, verb.Get(month), isBilled, verb.Get(because), Verb.By,
                    verb.Get(seen)),
                Actors.Local(Verb.By), ct);
            return new(Document(late), terminal => terminal.Say(isBilled
                ? $"The next close bills {late.Accounts.Length} accounts in {late.Month}: {late.Said}."
                : $"{late.Month} is left as it is. What {late.Accounts.Length} accounts are not billed: {late.Said}."));
        });
    }

    private static object Document(LateMonth late) => new
    {
        late.Month,
        late.IsForGood,
        late.Amount,
        late.Funds,
        late.Seen,
        late.State,
        late.Decision,
        accounts = late.Accounts.Select(of => new { account = of.Account.Name, of.Lines, of.Amount, of.Funds }),
    };
}
