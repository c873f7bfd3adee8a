using System.Diagnostics;

namespace Exchange.Simulation.Tests;

/// <summary>The process died, in front of a statement to the database.</summary>
internal sealed class CrashException() : Exception("The process died here, on purpose.");

/// <summary>
/// Kills the work of a flow in front of its n-th statement: what was not committed is gone, and so is what the process
/// held in memory, because the test goes on with a new one.
/// </summary>
internal static class Crash
{
    private static readonly AsyncLocal<Countdown?> Armed = new();

    static Crash() => ActivitySource.AddActivityListener(new ActivityListener
    {
        ShouldListenTo = source => source.Name == "Npgsql",
        Sample = (ref ActivityCreationOptions<ActivityContext> _) =>
        {
            if (Armed.Value is { } countdown && Interlocked.Decrement(ref countdown.Left) == 0)
            {
                countdown.Happens();
            }

            return ActivitySamplingResult.None;
        },
    });

    /// <summary>Runs the work; true when it came to its end before the crash.</summary>
    public static async Task<bool> Before(int statement, Func<Task> work)
    {
        try
        {
            await Meanwhile(statement, () => throw new CrashException(), async () =>
            {
                await work();
                return true;
            });
            return true;
        }
        catch (CrashException)
        {
            return false;
        }
    }

    /// <summary>Runs the work, and lets something happen in front of its n-th statement.</summary>
    public static async Task<T> Meanwhile<T>(int statement, Action happens, Func<Task<T>> work)
    {
        Armed.Value = new(statement, happens);
        try
        {
            return await work();
        }
        finally
        {
            Armed.Value = null;
        }
    }

    private sealed class Countdown(int left, Action happens)
    {
        public int Left = left;

        public Action Happens => happens;
    }
}
