using System.CommandLine;
using Exchange.Metering;
using Exchange.Portal.Commands;
using Exchange.Servers;

namespace Exchange.Portal.Cli;

/// <summary>exchange lanes list | add | move | spread — which database takes whose readings.</summary>
internal static class LaneVerbs
{
    public static Command Command() =>
        new("lanes", "Shows and moves which database takes whose readings.") { List(), Add(), Move(), Spread() };

    private static Command List() => new Command("list", "Lists the lanes, with who lives in each.").Does(
        async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var lanes = await exchange.Meter.LaneStates(ct);
            var owners = await LaneOwners.Read(exchange.Database, ct);
            return new(
                lanes.Select(lane => new
                {
                    lane.Name,
                    lane.Database,
                    landlords = lane.Pages.Keys.Select(one => one.Value).Order(StringComparer.Ordinal),
                    lane.Blocks,
                    lane.Readings,
                    lane.Bytes,
                    lane.Moving,
                    owner = owners.GetValueOrDefault(lane.Number),
                }),
                terminal => terminal.Table(
                    ["lane", "database", "owner", "landlords", "blocks", "readings", "moving"],
                    lanes.Select(lane => (IReadOnlyList<string>)[
                        lane.Name, lane.Number == 0 ? "the ledger's" : lane.Database,
                        owners.GetValueOrDefault(lane.Number, ""),
                        string.Join(", ", lane.Pages.Keys.Select(one => one.Value).Order(StringComparer.Ordinal)),
                        $"{lane.Blocks}", $"{lane.Readings}", lane.Moving ?? ""])));
        });

    private static Command Add()
    {
        var name = new Argument<string>("name") { Description = "How the lane is to be called." };
        var database = new Option<string>("--in")
        {
            Description = "The empty database that it is in, as databases.yaml names it.",
            HelpName = "NAME",
            Required = true,
        };
        return new Command("add", "Makes a lane of an empty database.") { name, database }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var lane = await exchange.Commands.Execute(
                new AddLane(exchange.Meter, verb.Get(name), verb.Get(database), Verb.By), Actors.Local(Verb.By), ct);
            return new(lane, terminal => terminal.Say(
                $"The lane {lane.Name} is in {lane.Database}. Nobody lives in it yet: 'exchange lanes move'."));
        });
    }

    private static Command Move()
    {
        var what = new Argument<string>("what") { Description = "A landlord, or a lane." };
        var to = new Option<string>("--to")
        {
            Description = "The lane in which the landlord lives from now on; of a lane, its next database.",
            HelpName = "NAME",
            Required = true,
        };
        var (lane, landlord) = (
            new Option<bool>("--lane") { Description = "It is the lane of that name that is meant." },
            new Option<bool>("--landlord") { Description = "It is the landlord of that name that is meant." });
        return new Command(
            "move", "Moves a landlord into another lane, or a lane into another database, while readings come.")
        {
            what, to, lane, landlord,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var isLane = verb.Get(lane) != verb.Get(landlord)
                ? verb.Get(lane)
                : await IsLane(exchange.Meter, verb.Get(what), ct);
            var done = await verb.Terminal.Progress("Moving …", _ => isLane
                ? exchange.Commands.Execute(
                    new MoveLane(exchange.Meter, verb.Get(what), verb.Get(to), Verb.By), Actors.Local(Verb.By), ct)
                : Landlord(exchange, verb.Get(what), verb.Get(to), ct));
            var brought = $"{done.Brought} {(isLane ? "blocks" : "readings")}";
            return new(done, terminal => terminal.Say(
                $"{done.What} moved from {done.From} to {done.To}: {brought}."));
        });
    }

    /// <exception cref="RefusedException">A landlord is called so, too.</exception>
    private static async Task<bool> IsLane(Meter meter, string name, CancellationToken ct)
    {
        var isLane = await meter.HasLane(name, ct);
        return isLane && LandlordId.TryParse(name, null, out var landlord) && await meter.HasLandlord(landlord, ct)
            ? throw new RefusedException(new(
                "lanes/ambiguous",
                $"A lane and a landlord are called '{name}'. Say which is to be moved: --lane or --landlord.", name))
            : isLane;
    }

    private static Command Spread()
    {
        var plan = new Option<bool>("--dry-run") { Description = "Only says who would be moved where." };
        return new Command("spread", "Moves all who live in the ledger's own database into the other lanes, evenly.")
        {
            plan,
        }.Does(async (verb, ct) =>
        {
            await using var exchange = await verb.Open(ct);
            var moves = await exchange.Meter.PlanSpread(ct);
            foreach (var move in verb.Get(plan) ? [] : moves)
            {
                await verb.Terminal.Progress(
                    $"Moving {move.Landlord} …", _ => Landlord(exchange, move.Landlord.Value, move.To, ct));
            }

            return new(moves, terminal => terminal.Table(
                ["landlord", "to"],
                moves.Select(move => (IReadOnlyList<string>)[move.Landlord.Value, move.To])));
        });
    }

    private static Task<MoveOutcome> Landlord(
        Composition exchange, string landlord, string to, CancellationToken ct) => exchange.Commands.Execute(
            new MoveLandlord(exchange.Meter, Files.Parsed<LandlordId>(landlord), to, Verb.By),
            Actors.Local(Verb.By), ct);
}
