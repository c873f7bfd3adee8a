using Exchange.Metering;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests.Closing;

/// <summary>
/// A reading of a closed month is corrected again and again, moved to another month, and back: each close finds what
/// changed, wherever the reading was said to be until then. 1,000 SU-hours are 13.00.
/// </summary>
public class CorrectionsOfCorrections
{
    private static readonly BillingMonth August = new(2026, 8);
    private static readonly BillingMonth September = new(2026, 9);
    private static readonly ResourceId Server = new(new("nerc"), new("stack"), "vm", "vm-x");

    /// <summary>
    /// 13.00 of August; 60 hours instead of 100, then 80: -5.20 and 2.60. The second correction is taken back: -2.60.
    /// Before, nothing came of that close, and 2.60 too much stayed billed.
    /// </summary>
    [Fact]
    public async Task What_a_correction_of_a_correction_said_is_taken_back_with_it()
    {
        await using var world = await Used();
        Assert.Equal(1_300, await Billed(world, August));
        await Correct(world, "c-1", "r", At(August, 60));
        Assert.Equal(-520, await Billed(world, September));
        await Correct(world, "c-2", "c-1", At(August, 80));
        Assert.Equal(260, await Billed(world, September.Next));
        await Correct(world, "c-3", "c-2", null);
        Assert.Equal(-260, await Billed(world, September.Next.Next));
        await CorrectingInvoices.KeepsWhatIsOwed(world);
    }

    /// <summary>
    /// A reading of August is said to be of September, and then of August after all: August gets its 13.00 back, and
    /// September loses them. Before, both months were billed.
    /// </summary>
    [Theory, InlineData("r"), InlineData("c-1")]
    public async Task What_was_moved_to_another_month_leaves_it_again(string corrects)
    {
        await using var world = await Used();
        await Billed(world, August);
        await Correct(world, "c-1", "r", At(September, 100));
        Assert.Equal(0, await Billed(world, September)); // -13.00 and 13.00
        await Correct(world, "c-2", corrects, At(August, 100));
        Assert.Equal([(August, 1_300L), (September, -1_300L)], await Lines(world, September.Next));
        await CorrectingInvoices.KeepsWhatIsOwed(world);
    }

    private static async Task<World> Used()
    {
        var world = await World.Start();
        (world.Now, world.Institutions) = (Instant.FromUtc(2026, 12, 3, 9, 0), Books.Institutions);
        await world.Meter.Ingest([At(August, 100) with { Id = "r" }], World.Ct);
        return world;
    }

    private static Metering.Reading At(BillingMonth month, int hours) => new()
    {
        Source = "urn:test",
        Id = "x",
        Type = ReadingType.Interval,
        Resource = Server,
        Project = new("p-bob"),
        From = month.Start,
        To = month.Start + Duration.FromHours(hours),
        State = ResourceState.Running,
        Shape = Shape.Of([new("vcpu", "10"), new("ram_mib", "4096")]),
    };

    private static async Task Correct(World world, string id, string corrects, Metering.Reading? right)
    {
        world.Now += Duration.FromMinutes(1);
        await world.Meter.Ingest(
            [new UsageCorrection
            {
                Landlord = Server.Landlord,
                Source = "urn:test",
                Id = id,
                Corrects = corrects,
                Time = world.Now,
                Reason = "a test",
                Replacement = right,
            }], World.Ct);
    }

    private static async Task<long> Billed(World world, BillingMonth month) =>
        (await Lines(world, month)).Sum(line => line.Cents);

    private static async Task<IReadOnlyList<(BillingMonth Month, long Cents)>> Lines(World world, BillingMonth month) =>
    [
        .. (await world.Close(month)).Plan!.Drafts.SelectMany(draft => draft.Lines)
            .Select(line => (line.ServiceMonth(month), line.Amount.Cents)).Order(),
    ];
}
