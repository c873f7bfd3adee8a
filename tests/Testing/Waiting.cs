using System.Diagnostics;
using Xunit;

namespace Exchange.Testing;

/// <summary>Waits for a thing, and says what was waited for when it does not come.</summary>
public static class Waiting
{
    /// <summary>
    /// For what hangs: on a machine that is busy with much else, what takes a second by itself may take minutes.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static Task For(Func<bool> isSo, Func<string> otherwise) => For(() => Task.FromResult(isSo()), otherwise);

    /// <exception cref="TimeoutException">It does not come.</exception>
    public static async Task For(Func<Task<bool>> isSo, Func<string> otherwise)
    {
        var ct = TestContext.Current.CancellationToken;
        for (var start = Stopwatch.GetTimestamp(); !await isSo(); await Task.Delay(20, ct))
        {
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new TimeoutException(otherwise());
            }
        }
    }
}
