using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json.Serialization;
using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests.Restores;

/// <summary>
/// A primary is killed under a program that writes, and its synchronous standby is promoted: nothing answered is lost,
/// nothing is there twice, and writing goes on by itself. On the version before, the pool took the first server that
/// answered: the standby, on which nothing can be written.
/// </summary>
public sealed class FailingOver
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Nothing_answered_is_lost_and_writing_goes_on_by_itself_within_seconds()
    {
        await using var primary = await TestCluster.Start();
        await primary.Ask("create database exchange", "postgres");
        await using var standby = await primary.Standby();
        await primary.WaitForStandby();
        await using (var database = DataSources.Open(
            $"Host=127.0.0.1:{standby.Port},127.0.0.1:{primary.Port};Username=exchange;Database=exchange"))
        {
            await Schema.Upgrade(database, [typeof(IJournal).Assembly], Ct);
            var journal = new PostgresJournal(database, SystemClock.Instance);
            var writers = new Writers(journal, 3);
            await writers.Until(() => writers.Answered.Count >= 30);

            primary.Kill();
            await writers.Until(() => writers.Failures > 0);
            var before = writers.Answered.Count;
            await standby.Promote();
            var promoted = Stopwatch.GetTimestamp();
            await writers.Until(() => writers.Answered.Count > before);
            var gap = Stopwatch.GetElapsedTime(promoted);
            await writers.Until(() => writers.Answered.Count >= before + 30);
            await writers.End();

            TestContext.Current.TestOutputHelper!.WriteLine($"{before} events, {writers.Answered.Count} in the end, " +
                $"{writers.Failures} failures; the first {gap.TotalSeconds:0.0} s after the promotion");
            var stored = (await journal.ReadAll(0, int.MaxValue, Ct)).Select(recorded => recorded.Stream);
            Assert.Equal(writers.Answered.Order(StringComparer.Ordinal), stored.Order(StringComparer.Ordinal));
            Assert.Null((await VerifyChain.Run(journal, database, _ => { }, Ct)).Wrong);
        }

        await standby.Until("""
            select count(*) = 1 from pg_stat_activity where datname = 'exchange' and backend_type = 'client backend'
            """); // Who closes the pool of several servers closes its connections; the one is who asks.
    }

    /// <summary>Programs that append one event after the other, each until it is answered.</summary>
    private sealed class Writers
    {
        private readonly PostgresJournal _journal;
        private readonly Task _all;
        private int _next, _failures;
        private volatile bool _over;

        public Writers(PostgresJournal journal, int count)
        {
            _journal = journal;
            _all = Task.WhenAll(Enumerable.Range(0, count).Select(_ => Task.Run(Write, Ct)));
        }

        public ConcurrentBag<string> Answered { get; } = [];

        public int Failures => Volatile.Read(ref _failures);

        public async Task Until(Func<bool> isSo)
        {
            var start = Stopwatch.GetTimestamp();
            while (!isSo())
            {
                Assert.False(_all.IsCompleted, $"{_all.Exception}");
                Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, Waiting.Patience);
                await Task.Delay(10, Ct);
            }
        }

        public Task End()
        {
            _over = true;
            return _all;
        }

        private async Task Write()
        {
            while (!_over)
            {
                var stream = $"told-{Interlocked.Increment(ref _next)}";
                while (!await IsThere(stream))
                {
                    await Task.Delay(20, Ct);
                }

                Answered.Add(stream);
            }
        }

        private async Task<bool> IsThere(string stream)
        {
            try
            {
                await _journal.Append([StreamAppend.Of<Told>(stream, 0, [new Told.Once(1)])], Ct);
                return true;
            }
            catch (ConflictException)
            {
                return true; // It was written, and only its answer was lost.
            }
            catch (Exception e) when (e is NpgsqlException or IOException)
            {
                Interlocked.Increment(ref _failures);
                return false;
            }
        }
    }

    /// <summary>A stream of this test.</summary>
    [JsonDerivedType(typeof(Once), "once/1")]
    internal abstract record Told
    {
        internal sealed record Once(int By) : Told;
    }
}
