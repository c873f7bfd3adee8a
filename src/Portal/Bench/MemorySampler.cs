using System.Globalization;

namespace Exchange.Portal.Bench;

/// <summary>
/// Looks at the memory of this process fifty times a second, and remembers what it was made of when it was highest.
/// </summary>
internal sealed class MemorySampler : IDisposable
{
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _ends = new();

    public MemorySampler()
    {
        _thread = new(Watch) { IsBackground = true, Name = "memory" };
        _thread.Start();
    }

    /// <summary>Its memory, and of that what the collector of garbage holds, and holds for objects, in MiB.</summary>
    public sealed record Memory(long ResidentMib, long CommittedMib, long ObjectsMib);

    public Memory Highest { get; private set; } = new(0, 0, 0);

    public void Dispose()
    {
        _ends.Set();
        _thread.Join();
        _ends.Dispose();
    }

    private void Watch()
    {
        do
        {
            var pages = File.ReadAllText("/proc/self/statm").Split(' ')[1];
            var resident = long.Parse(pages, CultureInfo.InvariantCulture) * Environment.SystemPageSize >> 20;
            if (resident > Highest.ResidentMib)
            {
                var collector = GC.GetGCMemoryInfo(GCKind.Any);
                Highest = new(
                    resident, collector.TotalCommittedBytes >> 20, GC.GetTotalMemory(forceFullCollection: false) >> 20);
            }
        }
        while (!_ends.Wait(TimeSpan.FromMilliseconds(20)));
    }
}
