using System.Threading.Channels;

namespace Exchange.Metering;

/// <summary>
/// Reads lanes side by side, some pages ahead of who is told, and tells what is in them in their order: whatever was
/// faster, what is made of it is the same to the byte.
/// </summary>
internal static class LanesInOrder
{
    private const int PagesAhead = 16; // Of 256 resources each, for each lane that is read.

    /// <param name="count">How many parts there are.</param>
    /// <param name="read">Reads one part; waits after each page until there is room for it.</param>
    /// <param name="tell">Is told of each page, of one after the other.</param>
    public static async Task Tell(
        int count, Func<int, Func<ToldPage, ValueTask>, CancellationToken, Task> read, Action<int, ToldPage> tell,
        CancellationToken ct)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var parts = new Channel<ToldPage>[count];
        var reading = new List<Task>(count);
        try
        {
            for (var part = 0; part < count; part++)
            {
                while (reading.Count < Math.Min(count, part + Environment.ProcessorCount))
                {
                    var next = reading.Count;
                    var pages = parts[next] = Channel.CreateBounded<ToldPage>(PagesAhead);
                    reading.Add(Task.Run(() => Read(next, pages.Writer), end.Token));
                }

                await foreach (var page in parts[part].Reader.ReadAllAsync(ct))
                {
                    tell(part, page);
                }
            }
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(reading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task Read(int part, ChannelWriter<ToldPage> pages)
        {
            try
            {
                await read(part, page => pages.WriteAsync(page, end.Token), end.Token);
                pages.Complete();
            }
            catch (Exception e)
            {
                pages.Complete(e); // Whoever is told is told this, in its place.
                throw;
            }
        }
    }
}
