using System.CommandLine;
using Exchange.Invoicing;
using Exchange.Portal.Commands;
using Exchange.Portal.Web.Access;
using Exchange.Rating;

namespace Exchange.Portal.Cli;

/// <summary>exchange outages list | add | withdraw — times that are not charged for.</summary>
internal static class OutageVerbs
{
    public static Command Command() =>
        new("outages", "Declares and withdraws outages, one by one.") { List(), Add(), Withdraw() };

    private static Command List()
    {
        var landlord = Settings.Known<LandlordId>("--landlord", "L", "Only this landlord's.");
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
            _ = await exchange.Commands.Execute(
                ChangeOutage.Declare(outage, Verb.By, Permissions.PublishSheets, verb.Get(correction)),
                Actors.Local(Verb.By), ct);
            return new(new { outage.Landlord, outage.Name }, terminal => terminal.Say(
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
                _ = await exchange.Commands.Execute(
                    ChangeOutage.Withdraw(
                        verb.Get(landlord), verb.Get(name), verb.Get(reason), Verb.By, Permissions.PublishSheets,
                        verb.Get(correction)), Actors.Local(Verb.By), ct);
                return new(
                    new { withdrawn = verb.Get(name) },
                    terminal => terminal.Say($"{verb.Get(name)} is withdrawn."));
            });
    }

    private static Option<LandlordId> Whose() =>
        Settings.KnownNeeded<LandlordId>("--landlord", "L", "Whose clusters they are.");

    private static Option<string> Named() =>
        new("--name") { Description = "How the outage is called.", HelpName = "N", Required = true };

    private static Option<string> Because(string what) =>
        new("--because") { Description = what, HelpName = "TEXT", Required = true };

    private static Option<bool> Correction() => new("--correction")
    {
        Description = "It may change closed months: the next close bills the difference as adjustments.",
    };
}
