using System.CommandLine;
using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Quotes;
using Exchange.Market.Reading;
using Exchange.Portal.Commands;

namespace Exchange.Portal.Cli;

/// <summary>exchange quotes list | show | accept — quotes that were saved, and what became of them.</summary>
internal static class QuoteVerbs
{
    public static Command Command() => new("quotes", "Shows saved quotes and accepts them.")
    {
        List("list", "Lists saved quotes.", agreementsOnly: false), Show(), Accept(), QuoteElsewhere.Command(),
    };

    /// <summary>exchange agreements … — prices that are locked, reservations and commitments.</summary>
    public static Command Agreements()
    {
        var command = new Command("agreements", "Shows agreements on prices, and what both sides say of them.")
        {
            List("list", "Lists agreements: quotes that were accepted.", agreementsOnly: true), End(),
        };
        foreach (var verb in AgreementVerbs.All())
        {
            command.Add(verb);
        }

        return command;
    }

    /// <summary>A quote, and what it comes to after funds if exactly that is used.</summary>
    public static async Task<Answer> Answer(
        Composition exchange, QuoteTerms terms, string state, CancellationToken ct)
    {
        var funds = await FundsOfPlans.Read(exchange, null, ct);
        var after = await funds.Of(terms, ct);
        return new(new { quote = terms, total = terms.Total, state, afterFunds = after }, terminal =>
        {
            Tell(terminal, terms, state);
            AskForQuote.TellFunds(terminal, after);
        });
    }

    private static void Tell(Terminal terminal, QuoteTerms terms, string state)
    {
        terminal.Table(
            ["landlord", "cluster", "month", "SKU", "tier", "quantity", "rate", "amount", "sheet"],
            terms.Parts.SelectMany(part => part.Lines.Select(line => (IReadOnlyList<string>)[
                part.Landlord.Value, part.Cluster.Value, $"{line.Month}", line.Sku.Value, line.Step ?? "",
                $"{Text.Of(decimal.Round(line.Quantity.Amount, 6, MidpointRounding.ToEven))} {line.Quantity.Unit}",
                Text.Of(line.Rate.Amount), $"{line.Amount}", line.Sheet])));
        terminal.Say($"{terms.Id} for {terms.Project}: {terms.Total}, {state}");
        terminal.Say($"  prices from {Text.Of(terms.Period.Start)} until {Text.Of(terms.Period.End)}; can be " +
            $"accepted until {Text.Of(terms.ValidUntil)}");
    }

    private static Command List(string name, string what, bool agreementsOnly)
    {
        var landlord = Settings.Known<LandlordId>("--landlord", "L", "Only what this landlord quoted.");
        var project = Settings.Known<ProjectId>("--project", "P", "Only those of this project.");
        return new Command(name, what) { landlord, project }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            await exchange.Projections.CatchUp(ct);
            await using var connection = await exchange.Database.OpenConnectionAsync(ct);
            var rows = await QuoteList.Run(
                connection, new(
                    Landlord: verb.Get(landlord), Project: verb.Get(project), AgreementsOnly: agreementsOnly),
                verb.Clock.GetCurrentInstant(), ct);
            return new(rows, terminal => terminal.Table(
                ["id", "project", "landlord", "cluster", "from", "until", "total", "valid until", "state"],
                rows.Select(row => (IReadOnlyList<string>)[
                    row.Id, row.Project.Value, row.Landlord.Value, row.Cluster.Value, Text.Of(row.Period.Start),
                    Text.Of(row.Period.End), $"{row.Total}", Text.Of(row.ValidUntil), row.State])));
        });
    }

    private static Command Show()
    {
        var id = Id();
        return new Command("show", "Shows one quote with its lines.") { id }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var quote = await exchange.Journal.State(SavedQuote.Fold, verb.Get(id), ct);
            if (quote.Terms is not { } terms)
            {
                throw new RefusedException(new(
                    "quote/unknown", $"There is no quote '{verb.Get(id)}'. 'exchange quotes list' shows them."));
            }

            var state = quote.StateAt(verb.Clock.GetCurrentInstant());
            return await Answer(exchange, terms, state, ct);
        });
    }

    private static Command Accept()
    {
        var id = Id();
        return new Command("accept", "Accepts a quote: its prices are locked for the time of the plan.") { id }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                var terms = await KeepQuote.Accept(exchange, verb.Get(id), null, Actors.Local(Verb.By), ct);
                return await Answer(exchange, terms, "accepted", ct);
            });
    }

    private static Command End()
    {
        var id = Id();
        var from = Settings.Instant("--from", "From when on list prices hold; now, when it is not given.");
        return new Command("end", "Ends an agreement: what is used later is at list prices.") { id, from }.Does(
            async (verb, ct) =>
            {
                await using var exchange = await verb.Open(ct);
                var at = await exchange.Commands.Execute(
                    new EndAgreement(verb.Get(id), null, verb.Get(from), Verb.By), Actors.Local(Verb.By), ct);
                return new(new { id = verb.Get(id), endsAt = at }, terminal => terminal.Say(
                    $"{verb.Get(id)} holds until {Text.Of(at)}."));
            });
    }

    private static Argument<string> Id() => new("id") { Description = "The number of the quote, as Q-7F3K2M9Q." };
}
