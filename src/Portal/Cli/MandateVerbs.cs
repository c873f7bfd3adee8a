using System.CommandLine;
using Exchange.Market.Commands;
using Exchange.Market.Mandates;
using Exchange.Portal.Commands;
using NodaTime;

namespace Exchange.Portal.Cli;

/// <summary>exchange mandates list | give | withdraw — which intermediary acts in the name of which PI.</summary>
internal static class MandateVerbs
{
    public static Command Command() => new("mandates", "Shows which intermediaries act for whom, and changes it.")
    {
        List(), Give(), Withdraw(),
    };

    private static Command List()
    {
        var landlord = Settings.Known<LandlordId>("--landlord", "L", "Only those of this intermediary.");
        return new Command("list", "Lists who acts in whose name, and until when.") { landlord }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                var rows = await MandatesFor.Rows(exchange, null, verb.Get(landlord), null, ct);
                return new(rows, terminal => terminal.Table(
                    ["intermediary", "PI", "from", "withdrawn"],
                    rows.Select(row => (IReadOnlyList<string>)[
                        row.Intermediary.Value, row.Pi!.Value.Value, Text.Of(row.From),
                        row.Until is { } until ? Text.Of(until) : ""])));
            });
    }

    private static Command Give()
    {
        var (pi, landlord) = (Pi(), Settings.KnownNeeded<LandlordId>("--landlord", "L", "Who is to act for them."));
        var from = Settings.Instant("--from", "From when on; now, when it is not given.");
        return new Command("give", "Lets a landlord ask for quotes and order in a PI's name.")
        {
            pi, landlord, from,
        }.Does((verb, ct) => Change(
            verb, verb.Get(pi), verb.Get(landlord), "give mandate", (book, now) => MandateBook.Give(
                book, verb.Get(pi), verb.Get(landlord), verb.Get(from) ?? now, Verb.By, now), ct));
    }

    private static Command Withdraw()
    {
        var (pi, landlord) = (Pi(), Settings.KnownNeeded<LandlordId>("--landlord", "L", "Who acts for them."));
        return new Command("withdraw", "Takes that back; what was ordered until then stays.") { pi, landlord }.Does(
            (verb, ct) => Change(
                verb, verb.Get(pi), verb.Get(landlord), "withdraw mandate", (book, now) => MandateBook.Withdraw(
                    book, verb.Get(pi), verb.Get(landlord), Verb.By, now), ct));
    }

    private static async Task<Answer> Change(
        Verb verb, PiId pi, LandlordId landlord, string act,
        Func<MandateBook, Instant, Decision<MandateEvent>> rule, CancellationToken ct)
    {
        await using var exchange = await verb.Open(ct);
        var book = await exchange.Commands.Execute(
            new ChangeMandate(pi, landlord, act, rule), Actors.Local(Verb.By), ct);
        var last = book.All.Last(one => one.Pi == pi && one.Intermediary == landlord);
        return new(last, terminal => terminal.Say(last.Until is { } until
            ? $"{landlord} does not act for {pi} since {Text.Of(until)}."
            : $"{landlord} acts for {pi} from {Text.Of(last.From)}."));
    }

    private static Option<PiId> Pi() => Settings.KnownNeeded<PiId>("--pi", "PI", "In whose name.");
}
