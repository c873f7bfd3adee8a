using Exchange.Invoicing.Exports;
using Exchange.Journal;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests.Exports;

public class AsOfPastDays
{
    /// <summary>
    /// September's invoice is taken back in October, and billed again by October's close: what October tells of
    /// both is written with the same numbers as of that day, whatever comes later. Seen to fail: what was taken back had
    /// no number and no institution.
    /// </summary>
    [Fact]
    public async Task What_a_month_took_back_of_another_is_written_with_its_number()
    {
        await using var world = await World.Start();
        await world.Ran("p-ada", World.September, 1, 100);
        await world.Ran("p-bob", World.October, 1, 50);
        world.Now = World.September.End + Duration.FromDays(2);
        await world.Close(World.September);
        world.Now += Duration.FromDays(5);
        await world.Journal.Execute(new VoidInvoice(world.Sources, "PI-2026-0001", "wrong"), world.Now, World.Ct);
        world.Now = World.October.End + Duration.FromDays(2);
        await world.Close(World.October);
        var then = await Written(world, null);
        Assert.Contains("2026-10,PI-2026-0001,ada@bu.edu,Boston University", then[0], StringComparison.Ordinal);

        var asOf = world.Now + Duration.FromDays(1);
        world.Now += Duration.FromDays(20);
        await world.Ran("p-ada", World.October, 9, 70);
        await world.Journal.Execute(new VoidInvoice(world.Sources, "PI-2026-0002", "wrong"), world.Now, World.Ct);
        world.Now = World.October.Next.End + Duration.FromDays(2);
        await world.Close(World.October.Next);

        Assert.Equal(then, await Written(world, asOf));
    }

    private static async Task<IReadOnlyList<string>> Written(World world, Instant? asOf)
    {
        var texts = new List<string>();
        await using var charges = new StringWriter();
        await ChargesExport.Write(world.Sources, new(World.October) { AsOf = asOf }, charges, World.Ct);
        texts.Add(charges.ToString());
        foreach (var version in Enum.GetValues<FocusVersion>())
        {
            await using var focus = new StringWriter();
            await FocusExport.Write(
                world.Sources, new(World.October) { AsOf = asOf, Focus = version }, focus, World.Ct);
            texts.Add(focus.ToString());
        }

        return texts;
    }
}
