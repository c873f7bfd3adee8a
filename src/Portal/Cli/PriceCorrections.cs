using System.CommandLine;
using Exchange.Invoicing.Published;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Rating;

namespace Exchange.Portal.Cli;

/// <summary>
/// exchange prices correct | corrections | accept | decline | notice — sheets of closed months that were wrong, and how
/// long before a raise customers are told.
/// </summary>
internal static class PriceCorrections
{
    public static IEnumerable<Command> Commands() => [Correct(), List(), Accept(), Decline(), Notice()];

    private static Command Correct()
    {
        var file = new Argument<string>("file") { Description = "The sheet as it should have been." };
        var reason = Because("What was wrong.");
        return new Command("correct", "Proposes to correct a sheet of closed months; finance decides.") { file, reason }
            .Does(async (verb, ct) =>
            {
                var text = new PricingText(verb.Get(file), await Files.Read(verb.Get(file), ct));
                await using var exchange = await verb.Open(ct);
                var correction = await exchange.Commands.Execute(
                    new ProposeCorrection(
                        text, (now, ct) => PriceStanding.Of(exchange.Sources, [text], now, ct), verb.Get(reason),
                        Verb.By), Actors.Local(Verb.By), ct);
                return new(correction, terminal => terminal.Say($"{correction.Id} waits for finance to accept it."));
            });
    }

    private static Command List() =>
        new Command("corrections", "Lists corrections of closed months, newest first.").Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var all = await CorrectPrices.List(exchange.Journal, ct);
            return new(all.Select(one => new
            {
                one.Id,
                one.Landlord,
                one.Service,
                one.From,
                one.State,
                one.Reason,
                one.By,
                one.At,
                one.DecidedBy,
            }), terminal => terminal.Table(
                ["id", "sheet from", "state", "reason", "by"],
                all.Select(one => (IReadOnlyList<string>)[
                    one.Id, SheetDates.Format(one.From), $"{one.State}".ToLowerInvariant(), one.Reason, one.By])));
        });

    private static Command Accept()
    {
        var id = Id();
        return new Command("accept", "Accepts a correction: the next close bills the difference as adjustments.") { id }
            .Does(async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                _ = await exchange.Commands.Execute(
                    new AcceptCorrection(
                        verb.Get(id), (text, now, ct) => PriceStanding.Of(exchange.Sources, [text], now, ct), Verb.By),
                    Actors.Local(Verb.By), ct);
                return new(
                    new { accepted = verb.Get(id) }, terminal => terminal.Say($"{verb.Get(id)} holds."));
            });
    }

    private static Command Decline()
    {
        var (id, reason) = (Id(), Because("Why not."));
        return new Command("decline", "Declines a correction.") { id, reason }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            _ = await exchange.Commands.Execute(
                new DeclineCorrection(verb.Get(id), verb.Get(reason), Verb.By), Actors.Local(Verb.By), ct);
            return new(
                new { declined = verb.Get(id) }, terminal => terminal.Say($"{verb.Get(id)} is declined."));
        });
    }

    private static Command Notice()
    {
        var days = new Option<int?>("--days") { Description = "From now on so many days, 0 to 365.", HelpName = "N" };
        var month = new Option<bool>("--next-month") { Description = "From now on until the end of the month." };
        return new Command("notice", "Shows or sets how long before a raise customers are told.") { days, month }.Does(
            async (verb, ct) =>
            {
                if (verb.Get(days) is < 0 or > 365)
                {
                    throw new RefusedException(new("usage/notice", "Notice is 0 to 365 days.", "--days"));
                }

                await using var exchange = await verb.Open(ct);
                var now = verb.Clock.GetCurrentInstant();
                if (verb.Get(days) is not null || verb.Get(month))
                {
                    _ = await exchange.Commands.Execute(
                        new SetNotice(verb.Get(days), Verb.By), Actors.Local(Verb.By), ct);
                }

                var kept = await exchange.Journal.State(ExchangeLists.Fold, ExchangeLists.Id, ct);
                return new(
                    new { days = kept.NoticeDays, raisesFrom = kept.RaisesFrom(now) },
                    terminal => terminal.Say(
                        $"Prices published now may be raised from {Text.Of(kept.RaisesFrom(now))} on " +
                        $"({(kept.NoticeDays is { } n ? $"{n} days" : "the next month")}), and lowered at once."));
            });
    }

    private static Argument<string> Id() => new("id") { Description = "As 'prices corrections' lists it." };

    private static Option<string> Because(string what) =>
        new("--because") { Description = what, HelpName = "TEXT", Required = true };
}
