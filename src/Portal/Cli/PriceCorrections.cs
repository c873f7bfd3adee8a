using System.Collections.Immutable;
using System.CommandLine;
using Exchange.Journal;
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
                PricingText[] texts = [new(verb.Get(file), await Files.Read(verb.Get(file), ct))];
                await using var exchange = await verb.Open(ct);
                var now = verb.Clock.GetCurrentInstant();
                var (correction, refusals) = await CorrectPrices.Propose(
                    exchange.Journal, texts[0], await PriceStanding.Of(exchange, texts, now, ct), verb.Get(reason),
                    Verb.By, now, ct);
                await exchange.Audit.Note(Verb.By, "prices correct", verb.Get(file), Result(refusals), "local", ct);
                return refusals.IsEmpty
                    ? new(correction!, terminal => terminal.Say($"{correction!.Id} waits for finance to accept it."))
                    : Refused(refusals);
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
                var now = verb.Clock.GetCurrentInstant();
                var texts = (await CorrectPrices.List(exchange.Journal, ct)).Where(one => one.Id == verb.Get(id))
                    .Select(one => new PricingText(one.File, one.Yaml)).ToList();
                var refusals = await CorrectPrices.Accept(
                    exchange.Journal, verb.Get(id), await PriceStanding.Of(exchange, texts, now, ct), Verb.By, now, ct);
                await exchange.Audit.Note(Verb.By, "prices accept", verb.Get(id), Result(refusals), "local", ct);
                return refusals.IsEmpty
                    ? new(new { accepted = verb.Get(id) }, terminal => terminal.Say($"{verb.Get(id)} holds."))
                    : Refused(refusals);
            });
    }

    private static Command Decline()
    {
        var (id, reason) = (Id(), Because("Why not."));
        return new Command("decline", "Declines a correction.") { id, reason }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var refusal = await CorrectPrices.Decline(
                exchange.Journal, verb.Get(id), verb.Get(reason), Verb.By, verb.Clock.GetCurrentInstant(), ct);
            await exchange.Audit.Note(Verb.By, "prices decline", verb.Get(id), refusal?.Code ?? "done", "local", ct);
            return refusal is null
                ? new(new { declined = verb.Get(id) }, terminal => terminal.Say($"{verb.Get(id)} is declined."))
                : throw new RefusedException(refusal);
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
                    var set = new ExchangeListEvent.NoticeSet(verb.Get(days), Verb.By, now);
                    await exchange.Journal.Decide(
                        ExchangeLists.Fold, ExchangeLists.Id,
                        lists => lists.NoticeDays == set.Days ? [] : (Decision<ExchangeListEvent>)[set], ct);
                    await exchange.Audit.Note(
                        Verb.By, "prices notice", set.Days is { } n ? $"{n} days" : "next month", "done", "local", ct);
                }

                var kept = await exchange.Journal.State(ExchangeLists.Fold, ExchangeLists.Id, ct);
                return new(
                    new { days = kept.NoticeDays, raisesFrom = kept.RaisesFrom(now) },
                    terminal => terminal.Say(
                        $"Prices published now may be raised from {Text.Of(kept.RaisesFrom(now))} on " +
                        $"({(kept.NoticeDays is { } n ? $"{n} days" : "the next month")}), and lowered at once."));
            });
    }

    private static string Result(ImmutableArray<Refusal> refusals) => refusals.IsEmpty ? "done" : refusals[0].Code;

    private static Answer Refused(ImmutableArray<Refusal> refusals) => new(
        new { errors = refusals }, terminal => terminal.Failed(refusals, json: false), ExitCode.Refused);

    private static Argument<string> Id() => new("id") { Description = "As 'prices corrections' lists it." };

    private static Option<string> Because(string what) =>
        new("--because") { Description = what, HelpName = "TEXT", Required = true };
}
