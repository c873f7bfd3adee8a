using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>Lanes are read and written side by side, and nothing of that shows in what is told.</summary>
public sealed class LanesSideBySide
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>The first lane waits until the last page of the second could be read: 40 pages are more than are ahead.</summary>
    [Fact]
    public async Task Pages_are_told_in_the_order_of_lanes_whichever_is_read_first()
    {
        var (told, second) = (new List<(int, int)>(), new TaskCompletionSource());
        await LanesInOrder.Tell(5, async (part, full, ct) =>
        {
            for (var page = 0; page < 40; page++)
            {
                if (part == 0 && page == 0 && Environment.ProcessorCount > 1)
                {
                    await second.Task.WaitAsync(ct);
                }

                await full(new() { State = new(page, part) });
                if (part == 1)
                {
                    second.TrySetResult();
                }
            }
        }, (part, page) => told.Add((part, page.State.Page)), Ct);
        Assert.Equal(Enumerable.Range(0, 5).SelectMany(part => Enumerable.Range(0, 40).Select(page => (part, page))), told);
    }

    [Fact]
    public async Task What_fails_in_one_lane_is_told_in_its_place_and_the_others_end()
    {
        var told = new List<int>();
        await Assert.ThrowsAsync<InvalidDataException>(() => LanesInOrder.Tell(3, async (part, full, _) =>
        {
            await full(new());
            if (part == 1)
            {
                throw new InvalidDataException();
            }
        }, (part, _) => told.Add(part), Ct));
        Assert.Equal([0, 1], told);
    }

    /// <summary>
    /// Taken out of order, the last part would be first.
    /// </summary>
    [Fact]
    public async Task Who_is_first_of_a_landlord_is_taken_first_while_others_go_on()
    {
        var (taken, first) = (new List<string>(), new TaskCompletionSource());
        await using var takes = new LandlordTakes(async (whose, part) =>
        {
            var length = part.Misfits.Count;
            await (whose == "bu" && length == 1 ? first.Task.WaitAsync(Ct) : Task.CompletedTask);
            lock (taken)
            {
                taken.Add($"{whose} {length}");
            }

            return new(length, 0, 0);
        });
        await takes.Add("bu", Part(1), Ct);
        await takes.Add("bu", Part(2), Ct);
        await takes.Add("mit", Part(3), Ct);
        Assert.Equal(["mit 3"], taken);
        first.SetResult();
        Assert.Equal(new(6, 0, 0), await takes.Done());
        Assert.Equal(["mit 3", "bu 1", "bu 2"], taken);
    }

    [Fact]
    public async Task Where_one_part_fails_no_more_are_taken_and_it_is_said_why()
    {
        var taken = 0;
        await using var takes = new LandlordTakes((whose, _) => whose == "bu"
            ? Task.FromException<IngestOutcome>(new InvalidDataException())
            : Task.FromResult(new IngestOutcome(++taken, 0, 0)));
        await takes.Add("mit", Part(1), Ct);
        await takes.Add("bu", Part(1), Ct);
        await Assert.ThrowsAsync<InvalidDataException>(() => takes.Add("mit", Part(1), Ct));
        await Assert.ThrowsAsync<InvalidDataException>(takes.Done);
        Assert.Equal(1, taken);
    }

    private static Batch Part(int misfits)
    {
        var batch = new Batch(new());
        for (var i = 0; i < misfits; i++)
        {
            batch.Add(new RejectedReading("reading/bad", "It is bad.", "urn:test", $"{i}", new("bu"), ""), Instant.MinValue);
        }

        return batch;
    }
}
