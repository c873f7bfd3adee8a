using System.Diagnostics;

namespace Exchange.Portal.Bench;

/// <summary>The most memory that this process had since it was last told to forget.</summary>
internal static class PeakMemory
{
    /// <summary>Lets the operating system's peak begin anew, so that making the load does not count.</summary>
    public static void Forget()
    {
        GC.Collect();
        File.WriteAllText("/proc/self/clear_refs", "5");
    }

    public static long Mib()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 >> 20;
    }
}
