using System.CommandLine;
using Exchange.Invoicing;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Kept;
using Exchange.Invoicing.Settlements;
using Exchange.Journal;
using Exchange.Portal.Commands;
using Exchange.Rating;

namespace Exchange.Portal.Cli;

/// <summary>exchange directory list | show | publish | withdraw | affiliate — who is who.</summary>
internal static class DirectoryVerbs
{
    private static readonly string[] Kinds = [Institution.Facts.Name, Nonbillable.Facts.Name];

    public static Command Command() => new("directory", "Shows and publishes who is who: institutions and people.")
    {
        FactVerbs.List("institutions and what is not billed", Kinds),
        FactVerbs.Versions("show", Kinds),
        FactVerbs.Publish("institutions and what is not billed", Kinds),
        FactVerbs.Withdraw("withdraw", Institution.Facts), FactVerbs.Withdraw("bill", Nonbillable.Facts),
        Affiliate(), Opening(),
    };

    private static Command Opening()
    {
        var file = new Argument<string>("file")
        {
            Description = "A CSV: pi, first_billed, program, granted, used; or what is open: number, account, month, " +
                "due, amount; or the last numbers given: series, last.",
        };
        return new Command(
            "opening", "Takes over who was billed before, their credits, what they owe, and the last numbers.") { file }
            .Does(async (verb, ct) =>
            {
                var text = await Files.Read(verb.Get(file), ct);
                await using var exchange = await verb.Open(ct);
                var heading = text.Split('\n', 2)[0].TrimEnd('\r').Split(',');
                if (heading.Contains("series") || heading.Contains("account"))
                {
                    var done = await TakenOver(exchange, heading.Contains("series"), text, verb.Get(file), ct);
                    return new(done, terminal => terminal.Say(
                        $"{done.Receivables} open invoices and {done.Series} series of numbers were taken over."));
                }

                var balances = OpenBalances.Parse(text, verb.Get(file));
                var changed = await exchange.Commands.Execute(
                    new TakeOverBalances(balances, Verb.By), Actors.Local(Verb.By), ct);
                return new(new { read = balances.Count, changed }, terminal => terminal.Say(
                    $"{balances.Count} PIs were billed before; {changed} of them were new or different."));
            });
    }

    /// <summary>Takes over open invoices, or last numbers, from the text of a CSV.</summary>
    internal static async Task<BooksTakenOver> TakenOver(
        Composition exchange, bool isNumbers, string text, string file, CancellationToken ct)
    {
        await exchange.Projections.CatchUp(ct);
        return await exchange.Commands.Execute(
            new TakeOverBooks(
                exchange.Database, isNumbers ? [] : OpenReceivable.Parse(text, file),
                isNumbers ? LastNumber.Parse(text, file) : [], Verb.By),
            Actors.Local(Verb.By), ct);
    }

    private static Command Affiliate()
    {
        var pi = new Argument<string>("pi") { Description = "The person, by any of their addresses." };
        var institution = new Option<string>("--institution")
        {
            Description = "For whom the person works; 'none' for nobody that is known.",
            HelpName = "NAME",
            Required = true,
        };
        var from = Settings.Instant("--from", "Since when, as 2026-12-01.");
        from.Required = true;
        var accept = FactVerbs.Accept();
        return new Command("affiliate", "Says for whom a person works, where the address does not say it.")
        {
            pi, institution, from, accept,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var told = new AffiliatePerson(
                exchange.Institutions, Files.Parsed<PiId>(verb.Get(pi)),
                verb.Get(institution) is "none" ? null : verb.Get(institution), verb.Get(from)!.Value, Verb.By,
                async ct => verb.Get(accept) ? null
                    : (await exchange.Journal.State(Months.Fold, Months.Id, ct)).Last?.End);
            var events = await exchange.Commands.Execute(told, Actors.Local(Verb.By), ct);
            return new(new { pi = told.Pi, told.Institution, told.From, changed = events > 0 },
                terminal => terminal.Say(events > 0
                    ? $"{told.Pi} works for {verb.Get(institution)} from {told.From} on."
                    : "It was so already."));
        });
    }
}

/// <summary>exchange landlords list | show | publish | withdraw — what was agreed with landlords.</summary>
internal static class LandlordVerbs
{
    private static readonly string[] Kinds = [Landlord.Facts.Name];

    public static Command Command() => new("landlords", "Shows and publishes what was agreed with landlords.")
    {
        FactVerbs.List("landlords", Kinds),
        FactVerbs.Versions("show", Kinds),
        FactVerbs.Publish("terms and hardware of landlords", Kinds),
        FactVerbs.Withdraw("withdraw", Landlord.Facts),
    };
}
