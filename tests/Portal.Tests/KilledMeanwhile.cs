using Exchange.Journal;
using Exchange.Portal.Bench;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Real processes, killed without warning under clients that repeat what was not answered. Seen to fail with clients
/// that do not repeat.
/// </summary>
public sealed class KilledMeanwhile
{
    [Fact]
    public async Task Nothing_that_was_answered_is_lost_and_nothing_counts_twice()
    {
        var data = Directory.CreateTempSubdirectory("exchange-killed-").FullName;
        File.SetUnixFileMode(data, (UnixFileMode)0b111_101_101);
        try
        {
            await using var exchange = await Composition.Open(
                new(data, Bare: true), SystemClock.Instance, Serving.Ct);
            var result = await SoakBench.Run(
                exchange, new(Seconds: 12, Rate: 20_000, KillEvery: 2, Clients: 3), Serving.Ct);
            TestContext.Current.TestOutputHelper!.WriteLine($"{result}");
            Assert.InRange(result.Kills, 3, 100);
            Assert.InRange(result.Repeated, 1, int.MaxValue);
            Assert.InRange(result.SlowestRestart, 0.01m, 300);
        }
        finally
        {
            await EmbeddedPostgres.Stop(data, CancellationToken.None);
            Directory.Delete(data, recursive: true);
        }
    }
}
