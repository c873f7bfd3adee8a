using System.CommandLine;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Portal.Cli;

/// <summary>exchange outages list | add | withdraw — times that are not charged for.</summary>
internal static class OutageVerbs
{
    public static Command Command() =>
        new("outages", "Declares and withdraws outages, one by one.") { List(), Add(), Withdraw() };

    private static Command List()
    {
        var landlord = Settings.Value<LandlordId>("--landlord", "L", "Only this landlord's.");
        return new Command("list", "Lists outages, newest first.") { landlord }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var books = await LoadPriceBooks.Run(exchange.Journal, ct);
            var rows = OutageRow.Of(books.Outages, verb.Get(landlord));
            return new(rows, terminal => terminal.Table(
                ["landlord", "name", "clusters", "from", "until", "reason", "kind"],
                rows.Select(r => (IReadOnlyList<string>)[
                    r.Landlord.Value, r.Name, string.Join(' ', r.Clusters), Text.Of(r.From),
                    r.Until is { } until ? Text.Of(until) : "", r.Reason, r.Kind])));
        });
    }

    private static Command Add()
    {
        var (landlord, name) = (Whose(), Named());
        var clusters = new Option<string[]>("--cluster")
        {
            Description = "A cluster that did not work; may be given again.",
            HelpName = "C",
            Required = true,
        };
        var from = Settings.Instant("--from", "When it began.");
        from.Required = true;
        var until = Settings.Instant("--until", "When it was over; it lasts, when it is not given.");
        var (reason, correction) = (Because("What it was."), Correction());
        var kind = new Option<string>("--kind")
        {
            Description = "What service levels ask: failure, maintenance, customer or force-majeure.",
            HelpName = "KIND",
            DefaultValueFactory = _ => "failure",
        };
        return new Command("add", "Declares an outage, or tells one of this name otherwise.")
        {
            landlord, name, clusters, from, until, reason, kind, correction,
        }.Does(async (verb, ct) =>
        {
            var outage = new Outage(
                Name.Of(verb.Get(name)), verb.Get(landlord),
                [.. verb.Get(clusters).Select(cluster => Files.Parsed<ClusterId>(cluster))], verb.Get(from)!.Value,
                verb.Get(until), Outage.KnownToAll)
            {
                Reason = verb.Get(reason),
                Kind = OutageRow.KindOf(verb.Get(kind)),
            };
            await using var exchange = await verb.Open(ct);
            return await ChangeOutages.Declare(exchange, outage, Verb.By, "local", verb.Get(correction), ct) is { } no
                ? throw new RefusedException(no)
                : new(new { outage.Landlord, outage.Name }, terminal => terminal.Say(
                    $"{outage.Landlord}/{outage.Name}: from {Text.Of(outage.From)} " +
                    (outage.Until is { } end ? $"until {Text.Of(end)}" : "until it is over")));
        });
    }

    private static Command Withdraw()
    {
        var (landlord, name, reason, correction) = (Whose(), Named(), Because("Why it was none."), Correction());
        return new Command("withdraw", "Takes an outage back: there was none.") { landlord, name, reason, correction }
            .Does(async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                return await ChangeOutages.Withdraw(
                    exchange, verb.Get(landlord), verb.Get(name), verb.Get(reason), Verb.By, "local",
                    verb.Get(correction), ct) is { } no
                    ? throw new RefusedException(no)
                    : new(
                        new { withdrawn = verb.Get(name) },
                        terminal => terminal.Say($"{verb.Get(name)} is withdrawn."));
            });
    }

    private static Option<LandlordId> Whose() =>
        Settings.Needed<LandlordId>("--landlord", "L", "Whose clusters they are.");

    private static Option<string> Named() =>
        new("--name") { Description = "How the outage is called.", HelpName = "N", Required = true };

    private static Option<string> Because(string what) =>
        new("--because") { Description = what, HelpName = "TEXT", Required = true };

    private static Option<bool> Correction() => new("--correction")
    {
        Description = "It may change closed months: the next close bills the difference as adjustments.",
    };
}

/// <summary>An outage, as 'outages list' and GET /v1/outages show it.</summary>
internal sealed record OutageRow(
    LandlordId Landlord, string Name, IReadOnlyList<ClusterId> Clusters, Instant From, Instant? Until,
    IReadOnlyList<string> KnownTo, string Reason, string Kind, Instant? Announced)
{
    /// <exception cref="RefusedException">There is no such kind.</exception>
    public static OutageKind KindOf(string? word) => word is null ? OutageKind.Failure
        : ServiceLevel.KindOf(word) ?? throw new RefusedException(new(
            "outages/wrong",
            $"'{word}' is no kind of outage. Write failure, maintenance, customer or force-majeure.", word));

    public static IReadOnlyList<OutageRow> Of(IEnumerable<Outage> outages, LandlordId? landlord) =>
    [
        .. outages.Where(one => landlord is null || one.Landlord == landlord).OrderByDescending(one => one.From)
            .ThenBy(one => one.Landlord.Value, StringComparer.Ordinal).ThenBy(one => one.Name, StringComparer.Ordinal)
            .Select(one => new OutageRow(
                one.Landlord, one.Name, one.Clusters, one.From, one.Until, one.KnownTo, one.Reason,
                ServiceLevel.Word(one.Kind), one.Announced)),
    ];
}
