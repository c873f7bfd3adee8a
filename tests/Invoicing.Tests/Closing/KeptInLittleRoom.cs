using Exchange.Invoicing.Kept;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Rating;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>What a close keeps is the same to the byte, and little of it is held, however much there is.</summary>
public class KeptInLittleRoom
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>
    /// Parts in any order, some of them at the same time of the same resource: told by line as if all had been held and
    /// sorted, with no more in memory than was allowed and a chunk of each run.
    /// </summary>
    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void Parts_that_left_memory_are_told_as_if_they_had_stayed(int seed)
    {
        const int Most = 200, All = 5_000;
        var random = new Random(seed);
        using var bounded = new PartsOfMonth(Most);
        using var held = new PartsOfMonth(int.MaxValue);
        for (var n = 0; n < All; n++)
        {
            var part = Drawn(random);
            bounded.Add(part);
            held.Add(part);
            Assert.InRange(bounded.InMemory, 0, Most);
        }

        Assert.Equal(All, held.InMemory);
        var told = 0;
        foreach (var line in Lines.Order(StringComparer.Ordinal).Append("2026-10:nowhere"))
        {
            KeptPart[] parts = [.. bounded.Of(line)];
            Assert.Equal(held.Of(line), parts);
            Assert.InRange(bounded.InMemory, 0, Most + (All / Most * 64));
            told += parts.Length;
        }

        Assert.Equal(All, told);
        Assert.Equal(held.Of(Lines[7]), bounded.Of(Lines[7])); // Asked out of order too.
    }

    /// <summary>
    /// The blocks of a close are what they were when all lines were held at once: packed again from everything that was
    /// kept, in the order of month, kind and charge, they lead to the root in the journal.
    /// </summary>
    [Fact]
    public async Task The_root_follows_from_all_lines_and_parts_in_their_order()
    {
        await using var world = await World.Start();
        await world.Told(
            "cluster,project,name,pi\n" + string.Join('\n', Enumerable.Range(0, 7).Select(
                n => $"stack,physics-{n},Physics {n},pi{n % 3}@bu.edu")));
        for (var n = 0; n < 40; n++)
        {
            await world.Ran($"physics-{n % 7}", World.October, day: 1 + (n % 20), hours: 1 + n, gpu: n % 5 == 0);
        }

        var outcome = await world.Close(World.October);
        var months = await world.Journal.State(Months.Fold, Months.Id, Ct);
        var run = months.Closed[World.October].Kept!;
        Assert.Equal($"{World.October}-{run.Root[..16]}", run.Id);

        var kept = new KeptCharges(world.Database, months);
        var lines = await kept.BilledIn(run, Ct);
        Assert.Equal(outcome.Plan!.Drafts.Sum(draft => draft.Lines.Length), lines.Count);
        var parts = new List<KeptPart>();
        foreach (var line in lines.Select(line => line.Charge!.LineId).Distinct().Order(StringComparer.Ordinal))
        {
            parts.AddRange(await kept.PartsOf(run, World.October, line, line, Ct));
        }

        var salts = await world.Database.Texts(
            "select encode(salt, 'hex') from invoicing.kept_block where run = $1 order by number", [run.Id], Ct);
        var hash = KeptBlock.Genesis;
        var number = 0;
        void Follow<T>(string kind, IReadOnlyList<T> entries, Func<T, string> key)
        {
            var block = new KeptBlock(
                "", ++number, World.October, kind, World.October, key(entries[0]), key(entries[^1]), entries.Count,
                [], [], KeptBlock.Pack(entries))
            {
                Salt = Convert.FromHexString(salts[number - 1]),
            }.After(hash);
            hash = block.Hash;
        }

        Follow(KeptBlock.Lines, lines, line => line.Line.ChargeId);
        Follow(KeptBlock.Parts, parts, part => part.Line);
        Follow(KeptBlock.Projects, [.. lines.Select(line => $"{line.Line.Cluster}/{line.Line.Project}")
            .Distinct().Order(StringComparer.Ordinal)], name => name);
        Assert.Equal(run.Root, Convert.ToHexString(hash));
        Assert.Equal(run.Blocks, number);
    }

    private static readonly string[] Lines =
        [.. Enumerable.Range(0, 60).Select(n => $"2026-10:nerc:stack:p-{n * 7 % 60}:OpenStack CPU:nerc/openstack/1#1")];

    private static Contribution Drawn(Random random)
    {
        var start = Instant.FromUtc(2026, 10, 1, 0, 0) + Duration.FromMinutes(random.Next(50));
        var length = Duration.FromMinutes(1 + random.Next(3));
        var isCount = random.Next(4) == 0;
        var outage = !isCount && random.Next(3) == 0 ? Duration.FromSeconds(30) : Duration.Zero;
        var count = 1 + random.Next(3);
        return new(
            Lines[random.Next(Lines.Length)],
            new(new("nerc"), new("stack"), isCount ? "bucket" : "vm", $"r-{random.Next(9)}"), new(start, start + length),
            ResourceState.Running, Shape.Empty, outage, count,
            isCount ? $"{count} of requests" : $"{count} units at each moment, for {Text.Of(
                (decimal)(length - outage).TotalSeconds)} s",
            random.Next(5) == 0 ? "night" : null);
    }
}
