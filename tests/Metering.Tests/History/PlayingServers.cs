using Exchange.Journal;
using Exchange.Testing;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests.History;

/// <summary>
/// Drawn histories of servers that share one chain and keep little of it in memory: readings, twins with names of their
/// own and corrections, one after the other and at once; turns without a reading, lost turns, restarts, runs that
/// anybody merges, blocks that are damaged and restored, and a database that goes back under all of them. Each answer
/// and each look is what the thirty lines say, and nobody holds a whole block for damaged. See decision 0281.
/// </summary>
public sealed partial class PlayingServers
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Come_to_what_the_reference_says_whoever_takes_turns()
    {
        await using var database = await KnowingReadings.Database();
        await using var empty = await DatabaseDump.Of(database);
        await database.Execute("create table saved as select * from metering.block", [], Ct);
        var found = new List<string>();
        foreach (var seed in Draws.Seeds(few: 8, many: 100))
        {
            await database.Execute("truncate metering.key_run, metering.key_page, metering.key_filter", [], Ct);
            await empty.Restore();
            await using var play = new Play(database, seed);
            if (await play.Run() is { } problem)
            {
                found.Add($"seed {seed}: {problem}");
            }
        }

        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    /// <summary>One history, and what is taken of it at each moment.</summary>
    private sealed partial class Play(NpgsqlDataSource database, int seed) : IAsyncDisposable
    {
        private readonly Random _random = new(seed);
        private readonly DrawnHistory _history = new(new(seed), 1 + (seed % 5));
        private readonly PlayedServer?[] _servers = new PlayedServer?[3];
        private readonly List<PlayedServer> _all = [];
        private readonly List<string> _did = [];
        private Dictionary<(LandlordId, string, string), Collected> _taken = [];
        private (DatabaseDump Dump, Dictionary<(LandlordId, string, string), Collected> Taken)? _dump;

        private PlayedServer Any() => The(_random.Next(_servers.Length));

        private PlayedServer The(int which)
        {
            if (_servers[which] is not { } server)
            {
                server = new(database, _random.Next(4) == 0 ? 1_000 : _random.Next(3, 60));
                _all.Add(_servers[which] = server);
            }

            _did.Add($"{which}({server.ReadingsInMemory})");
            return server;
        }

        /// <returns>What went wrong, and after what; null where all is right.</returns>
        public async Task<string?> Run()
        {
            try
            {
                await PlayAll();
                return null;
            }
#pragma warning disable CA1031 // Whatever it was, the seed is to be told.
            catch (Exception e)
#pragma warning restore CA1031
            {
                return $"{e.Message}\nafter {string.Join(' ', _did)}\n{e.StackTrace}";
            }
        }

        private async Task PlayAll()
        {
            for (var step = _random.Next(20, 60); step > 0; step--)
            {
                await Act(_random.Next(32));
            }

            foreach (var batch in _history.All.OrderBy(_ => _random.Next()).Chunk(_random.Next(1, 40)))
            {
                await Send(batch);
            }

            foreach (var which in Enumerable.Range(0, _servers.Length))
            {
                await Look(The(which).Meter);
            }

            await Quiet();
            Assert.Empty(await Any().Meter.Verify(Ct));
            await using var fresh = new PlayedServer(database, _random.Next(3, 60));
            await Look(fresh.Meter);
            foreach (var batch in _history.All.Where(one => _taken[DrawnHistory.KeyOf(one)] == one).Chunk(100))
            {
                Assert.DoesNotContain(
                    await fresh.Meter.IngestEach(batch, Ct), one => one.Fate != ItemFate.Duplicate);
            }

            Assert.Empty(fresh.Meter.Damaged);
            await AreWhole();
            await fresh.Meter.Replay(Ct);
            await Look(fresh.Meter);
            Assert.Empty(await fresh.Meter.Verify(Ct));
        }

        private Task Act(int act)
        {
            _did.Add($"; {act}");
            return act switch
            {
                0 => Look(Any().Meter),
                1 => Restart(_random.Next(_servers.Length)),
                2 => Any().Meter.Fold(Ct),
                3 or 4 or 5 => Any().Turn(),
                6 or 7 => LoseTurn(),
                8 => Dump(),
                9 => GoBack(),
                10 => BesideDamage(),
                11 => MergeRuns(),
                12 => Any().Meter.Merged,
                13 => Check(),
                14 or 15 or 16 => AtOnce(),
                17 => _random.Next(4) == 0 ? Any().Meter.Replay(Ct) : Task.CompletedTask,
                18 or 19 => BringName(),
                20 or 21 => InStep(),
                _ => Send(Batch()),
            };
        }

        private Collected[] Batch() => [.. _random.GetItems(_history.All.ToArray(), _random.Next(1, 16))];

        private Task Send(IReadOnlyList<Collected> batch) => Send(Any(), batch);

        /// <summary>Several calls to several servers, some of them the same, while somebody turns or folds.</summary>
        private async Task AtOnce()
        {
            var calls = Enumerable.Range(0, _random.Next(2, 7)).Select(_ => Batch()).ToList();
            calls.AddRange(_random.GetItems(calls.ToArray(), _random.Next(3)));
            var servers = calls.ConvertAll(_ => Any());
            var beside = _random.Next(4) switch
            {
                0 => Any().Turn(),
                1 => Any().Meter.Fold(Ct),
                2 => MergeRuns(),
                _ => Task.CompletedTask,
            };
            var answers = await Task.WhenAll(calls.Zip(servers, (call, server) => server.Meter.IngestEach(call, Ct)));
            await beside;
            Settle([.. calls.Zip(answers, (call, answer) => ((IReadOnlyList<Collected>)call, answer))]);
        }

        /// <summary>
        /// Of each id that was not there one is accepted, the first in its call; what says the same is a duplicate, and
        /// what says something else is set aside.
        /// </summary>
        private void Settle(
            IReadOnlyList<(IReadOnlyList<Collected> Sent, IReadOnlyList<ItemOutcome> Answered)> calls)
        {
            var all = calls.SelectMany((call, c) => call.Sent.Zip(
                call.Answered, (one, answer) => (Call: c, One: one, answer.Fate)));
            foreach (var same in all.GroupBy(one => DrawnHistory.KeyOf(one.One)))
            {
                var accepted = same.Where(one => one.Fate == ItemFate.Accepted).ToList();
                var isNew = !_taken.ContainsKey(same.Key);
                Assert.True(accepted.Count == (isNew ? 1 : 0), $"{same.Key} is accepted {accepted.Count} times.");
                if (isNew)
                {
                    _taken[same.Key] = accepted[0].One;
                    Assert.Equal(accepted[0], same.First(one => one.Call == accepted[0].Call));
                }

                Assert.All(same.Where(one => one.Fate != ItemFate.Accepted), one => Assert.Equal(
                    one.One == _taken[same.Key] ? ItemFate.Duplicate : ItemFate.Quarantined, one.Fate));
            }
        }

        /// <summary>A server loses its connections while it writes, and goes on; all is sent again.</summary>
        private async Task LoseTurn()
        {
            var (server, batch) = (Any(), Batch());
            var sending = server.Meter.IngestEach(batch, Ct);
            await Task.WhenAny(sending, Task.Delay(TimeSpan.FromMilliseconds(_random.Next(12)), Ct));
            await server.Interrupt();
            try
            {
                await sending;
            }
            catch (Exception e) when (e is NpgsqlException or IOException)
            {
                // It may have been written or not: nobody knows, so all of it is sent again.
            }

            foreach (var one in batch)
            {
                _taken.TryAdd(DrawnHistory.KeyOf(one), one);
            }

            var again = await Any().Meter.IngestEach(batch, Ct);
            Assert.All(batch.Zip(again), pair => Assert.Equal(
                _taken[DrawnHistory.KeyOf(pair.First)] == pair.First, pair.Second.Fate != ItemFate.Quarantined));
        }

        private async Task MergeRuns() =>
            await new Compaction(database, _random.Next(3, 60)).Merge(new([]), Ct);

        private async Task Restart(int which)
        {
            if (_random.Next(2) == 0)
            {
                await (_servers[which]?.Meter.Merged ?? Task.CompletedTask);
            }

            _servers[which] = null; // What it has begun it may still end.
        }

        private async Task Dump()
        {
            await Quiet();
            await (_dump?.Dump.DisposeAsync() ?? ValueTask.CompletedTask);
            _dump = (await DatabaseDump.Of(database), new(_taken));
        }

        private async Task GoBack()
        {
            if (_dump is { } kept)
            {
                await Quiet();
                await kept.Dump.Restore();
                _taken = new(kept.Taken);
            }
        }

        private async Task Check()
        {
            await Quiet();
            Assert.Empty(await Any().Meter.Verify(Ct));
            await AreWhole();
        }

        /// <summary>Nobody who takes a turn holds a block for damaged, nor is one noted as damaged for good.</summary>
        private async Task AreWhole()
        {
            foreach (var server in _servers.OfType<PlayedServer>())
            {
                await server.Turn();
                await server.Meter.Fold(Ct);
                Assert.Empty(server.Meter.Damaged);
            }

            await Quiet();
            Assert.Empty(await database.Texts("select number::text from metering.damaged_block", [], Ct));
        }

        private async Task Look(Meter meter) => await Look(
            _taken.Values, await meter.Segments(DrawnHistory.June, Ct).ToListAsync(Ct),
            await meter.Totals(DrawnHistory.June, Ct));

        private static Task Look(
            IReadOnlyCollection<Collected> taken, IEnumerable<Segment> segments, IEnumerable<DailyTotal> totals)
        {
            var wanted = HistoryReference.Of(taken, DrawnHistory.June.Period.End);
            var found = HistoryReference.Text(segments, totals);
            Assert.True(wanted == found, $"\n{wanted}\nbut\n{found}");
            return Task.CompletedTask;
        }

        private async Task Quiet()
        {
            foreach (var server in _all)
            {
                await server.Meter.Merged;
            }
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var server in _all)
            {
                await server.DisposeAsync();
            }

            await (_dump?.Dump.DisposeAsync() ?? ValueTask.CompletedTask);
        }
    }
}
