using System.CommandLine;
using Exchange.Invoicing.Charging;
using Exchange.Rating;

namespace Exchange.Portal.Cli;

/// <summary>exchange quotes elsewhere — what a month would have cost at other landlords.</summary>
internal static class QuoteElsewhere
{
    public static Command Command()
    {
        var month = Settings.Month();
        var project = Settings.Known<ProjectId>("--project", "P", "Only what this project used.");
        var landlord = Settings.Known<LandlordId>("--landlord", "L", "Only what was used at this landlord.");
        var at = Settings.Known<LandlordId>("--at", "L", "Where it would have been used; every place, when not given.");
        return new Command("elsewhere", "Prices what was used in a month at other places, beside what it came to.")
        {
            month, project, landlord, at,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var rating = await RatingNow.Read(exchange.Sources, ct);
            var request = new RateRequest(verb.Get(month))
            {
                Project = verb.Get(project),
                Landlord = verb.Get(landlord),
            };
            var places = MonthElsewhere.Places(rating.Books, request.Month)
                .Where(place => verb.Get(at) is not { } only || place.Landlord == only).ToList();
            var came = await MonthElsewhere.Run(
                exchange.Meter, rating.Books, rating.Attribution, request, places, ct);
            var after = request.Project is null ? null : await ElsewhereFor.AfterFunds(exchange, came, ct);
            return new(
                new { came.Month, came.Here, came.There, afterFunds = after }, terminal => Tell(terminal, came, after));
        });
    }

    private static void Tell(Terminal terminal, PricedElsewhere came, PricedElsewhereAfterFunds? after)
    {
        terminal.Say($"{came.Month} came to {came.Here} before credits and subsidies" +
            (after is null ? "." : $", {after.Here.Owed} after them."));
        terminal.Table(
            ["landlord", "cluster", "would have cost", "difference", "after funds", "not sold there"],
            came.There.Select((offer, n) => (IReadOnlyList<string>)[
                offer.Landlord.Value, offer.Cluster.Value, offer.Total.ToString(),
                (offer.Total - came.Here).ToString(), after is null ? "" : after.There[n].Owed.ToString(),
                offer.ServesAll ? "" : $"{offer.Missing.Count} kinds of usage"]));
        foreach (var why in came.There.SelectMany(offer => offer.Missing.Select(why => (offer.Cluster, why))).Take(20))
        {
            terminal.Say($"  {why.Cluster}: {why.why}");
        }
    }
}
