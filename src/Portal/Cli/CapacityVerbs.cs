using System.CommandLine;

namespace Exchange.Portal.Cli;

/// <summary>exchange capacity list | declare | release — what landlords lend and offer, and what is free.</summary>
internal static class CapacityVerbs
{
    public static Command Command() => new("capacity", "Shows what there is of nodes and offers, and what is held.")
    {
        List(), LeaseVerbs.Declare(), LeaseVerbs.Release(),
    };

    private static Command List()
    {
        var landlord = Settings.Known<LandlordId>("--landlord", "L", "Only of this landlord.");
        var at = Settings.Instant("--at", "At this instant; now, when it is not given.");
        return new Command("list", "Lists what is declared, held by customers, used by its owner, and free.")
        {
            landlord, at,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var rows = await CapacityFor.Rows(
                exchange, verb.Get(landlord), verb.Get(at) ?? verb.Clock.GetCurrentInstant(), ct);
            return new(rows, terminal => terminal.Table(
                ["landlord", "where", "what", "declared", "held", "own use", "free"],
                rows.Select(row => (IReadOnlyList<string>)[
                    row.Landlord.Value, row.Where, row.What, Text.Of(row.Declared), Text.Of(row.Held),
                    Text.Of(row.Own), Text.Of(row.Free)])));
        });
    }
}
