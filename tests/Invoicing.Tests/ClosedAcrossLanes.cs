using Exchange.Invoicing.Explaining;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Rating;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>
/// What is billed does not depend on where readings are kept: the same usage in one database and in three lanes, with
/// landlords moved between closes, comes to the same lines, cent for cent, and the same readings stand behind them.
/// </summary>
public sealed class ClosedAcrossLanes
{
    private static readonly BillingMonth August = new(2026, 8);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Lines_are_the_same_as_in_one_database(int seed)
    {
        var names = new Dictionary<string, string>
        {
            ["db-1"] = await TestDatabase.NewConnectionString(typeof(Meter).Assembly),
            ["db-2"] = await TestDatabase.NewConnectionString(typeof(Meter).Assembly),
        };
        await using var databases = new LaneDatabases(() => names);
        await using var one = await World.Start();
        await using var lanes = await World.Start(databases);
        await Do(lanes, new AddLane(lanes.Meter, "west", "db-1", "test"));
        await Do(lanes, new AddLane(lanes.Meter, "east", "db-2", "test"));
        await Move(lanes, "nerc", "west");
        await Both(one, lanes, world => Use(world, World.July, new Random(seed)));
        await Close(one, lanes, World.July);

        // Late usage of a closed month, and of the next, for landlords that live elsewhere meanwhile.
        await Move(lanes, "blockbank", "east");
        await Both(one, lanes, world => Use(world, August, new Random(seed + 10)));
        await Sums(one, lanes, August);
        await Move(lanes, "nerc", seed == 1 ? "home" : "east");
        await Sums(one, lanes, August);
        await Both(one, lanes, world => Use(world, World.July, new Random(seed + 20)));
        await Close(one, lanes, August);
        await lanes.VerifyWhatIsKept();
        Assert.Equal([], await lanes.Meter.Verify(World.Ct));
    }

    private static async Task Use(World world, BillingMonth month, Random random)
    {
        world.Now = Instant.Max(world.Now, month.End + Duration.FromDays(1));
        for (var i = 0; i < 8; i++)
        {
            var day = random.Next(1, 20);
            await (random.Next(3) == 0
                ? world.Stored("v-ada", month, random.Next(1, 4_000))
                : world.Ran(random.Next(2) == 0 ? "p-ada" : "p-bob", month, day, random.Next(1, 200), 1 + random.Next(9),
                    random.Next(4) == 0));
        }
    }

    private static async Task Both(World one, World other, Func<World, Task> what)
    {
        await what(one);
        await what(other);
    }

    private static async Task Close(World one, World lanes, BillingMonth month)
    {
        foreach (var world in (World[])[one, lanes])
        {
            world.Now = month.End + Duration.FromDays(3);
            await world.Close(month, "close/unattributed", "close/source-silent");
        }

        var lines = await Lines(one);
        Assert.NotEmpty(lines);
        Assert.Equal(lines, await Lines(lanes));
        foreach (var id in await one.Database.Texts(
            "select distinct charge_id from invoicing.line where cluster <> '' order by 1 limit 3", [], World.Ct))
        {
            Assert.Equal(await Behind(one, id), await Behind(lanes, id));
        }
    }

    /// <summary>The open month as sums of pages, which were kept from before somebody was moved.</summary>
    private static async Task Sums(World one, World lanes, BillingMonth month)
    {
        var sums = new List<string>();
        foreach (var world in (World[])[one, lanes])
        {
            world.Now = month.End + Duration.FromDays(1);
            var rating = await Charging.RatingNow.Read(world.Sources, World.Ct);
            var sum = await rating.Sum(month, Policies.Corrected, world.Now, World.Ct);
            sums.Add(string.Join('\n', sum.Rated.Charges.Select(of => $"{of}")));
        }

        Assert.NotEqual("", sums[0]);
        Assert.Equal(sums[0], sums[1]);
    }

    private static Task<IReadOnlyList<string>> Lines(World world) => world.Database.Texts(
        "select to_jsonb(line)::text from invoicing.line order by invoice, place", [], World.Ct);

    private static async Task<IEnumerable<string>> Behind(World world, string id) =>
        (await Explain.Run(world.Sources, id, World.Ct)).SelectMany(one => one.Parts)
        .SelectMany(part => part.Readings).Select(reading => $"{reading.Source} {reading.Id}").Order();

    private static Task Move(World world, string landlord, string to) =>
        Do(world, new MoveLandlord(world.Meter, new(landlord), to, "test"));

    private static async Task Do<T>(World world, ICommand<T> command)
    {
        var work = new UnitOfWork(world.Journal);
        await command.Decide(work, world.Now, World.Ct);
        await world.Journal.Append(work.Appends, World.Ct);
    }
}
