using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests.History;

/// <summary>
/// Drawn histories over a real database: readings, corrections of corrections, cuts, batches, orders, repetitions,
/// restarts, crashes in the middle of a commit, rebuilds, and restores of an older dump, by two processes in turn. At
/// each look the meter says what the reference says, to the microsecond. Most seeds are played in memory; decision 0273
/// tells which planted faults which seeds find.
/// </summary>
public sealed class PlayingHistories
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Come_to_what_the_reference_says()
    {
        await using var database = await KnowingReadings.Database();
        await using var empty = await DatabaseDump.Of(database);
        foreach (var seed in Draws.Seeds(few: 24, many: 100))
        {
            await empty.Restore();
            await new Play(database, seed).Run();
        }
    }

    /// <summary>One history, and what is taken of it at each moment.</summary>
    private sealed class Play(NpgsqlDataSource database, int seed)
    {
        private readonly Random _random = new(seed);
        private readonly DrawnHistory _history = new(new(seed));
        private readonly Meter?[] _meters = new Meter?[2];
        private Dictionary<(LandlordId, string, string), Collected> _taken = [];
        private (DatabaseDump Dump, Dictionary<(LandlordId, string, string), Collected> Taken)? _dump;
        private Dictionary<PageState, string>? _closed;

        private Meter Meter(int which) => _meters[which] ??=
            new(database, SystemClock.Instance, readingsInMemory: which == 0 ? 1_000 : _random.Next(8, 40));

        public async Task Run()
        {
            for (var step = _random.Next(10, 26); step > 0; step--)
            {
                await Act(_random.Next(20));
            }

            foreach (var batch in _history.All.OrderBy(_ => _random.Next()).Chunk(_random.Next(1, 30)))
            {
                await Send(batch);
            }

            await Look(Meter(0));
            await Look(Meter(1));
            await Changed();
            Assert.Empty(await Meter(_random.Next(2)).Verify(Ct));
            await Meter(_random.Next(2)).Replay(Ct);
            await Look(Meter(_random.Next(2)));
            await Merged();
            await (_dump?.Dump.DisposeAsync() ?? ValueTask.CompletedTask);
        }

        private Task Act(int act) => act switch
        {
            0 => Look(Meter(_random.Next(2))),
            1 => Restart(),
            2 => Meter(_random.Next(2)).Fold(Ct),
            3 => Meter(_random.Next(2)).Replay(Ct),
            4 => Dump(),
            5 => Restore(),
            6 or 7 => Crash(),
            8 => Close(),
            _ => Send(Batch()),
        };

        private Collected[] Batch() =>
            [.. _random.GetItems(_history.All.ToArray(), _random.Next(1, 14))];

        /// <summary>Sends what was drawn; of each it is answered what became of it.</summary>
        private async Task Send(IReadOnlyList<Collected> batch)
        {
            var expected = batch.Select(one => !_taken.TryAdd(DrawnHistory.KeyOf(one), one)
                ? _taken[DrawnHistory.KeyOf(one)] == one ? ItemFate.Duplicate : ItemFate.Quarantined
                : ItemFate.Accepted).ToList();
            var answered = await Meter(_random.Next(2)).IngestEach(batch, Ct);
            Assert.True(expected.SequenceEqual(answered.Select(one => one.Fate)),
                $"seed {seed}: {string.Join(' ', answered.Select(one => one.Fate))} and not {string.Join(' ', expected)}");
        }

        /// <summary>A process dies while it writes; who sent to it was not answered and sends again.</summary>
        private async Task Crash()
        {
            var batch = Batch();
            await using (var own = DataSources.Open(
                new NpgsqlConnectionStringBuilder(database.ConnectionString) { ApplicationName = "dies" }
                    .ConnectionString))
            {
                var writing = new Meter(own, SystemClock.Instance, 1_000).IngestEach(batch, Ct);
                await Task.WhenAny(writing, Task.Delay(TimeSpan.FromMilliseconds(_random.Next(12)), Ct));
                await database.Execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity " +
                    "where application_name = 'dies' and datname = current_database()", [], Ct);
                try
                {
                    await writing;
                }
                catch (Exception e) when (e is NpgsqlException or IOException or InvalidOperationException)
                {
                    // It may have been written or not: nobody knows, so all of it is sent again.
                }
            }

            foreach (var one in batch)
            {
                _taken.TryAdd(DrawnHistory.KeyOf(one), one);
            }

            var again = await Meter(_random.Next(2)).IngestEach(batch, Ct);
            Assert.True(batch.Zip(again).All(pair => _taken[DrawnHistory.KeyOf(pair.First)] == pair.First
                ? pair.Second.Fate != ItemFate.Quarantined
                : pair.Second.Fate == ItemFate.Quarantined), $"seed {seed}: after a crash");
        }

        private async Task Restart()
        {
            await Merged();
            _meters[_random.Next(2)] = null;
        }

        private async Task Dump()
        {
            await Merged();
            await (_dump?.Dump.DisposeAsync() ?? ValueTask.CompletedTask);
            _dump = (await DatabaseDump.Of(database), new(_taken));
        }

        private async Task Restore()
        {
            if (_dump is { } kept)
            {
                await Merged();
                await kept.Dump.Restore();
                _taken = new(kept.Taken);
                _closed = null; // What was kept of a close went back, too.
            }
        }

        /// <summary>What each page comes to is kept, as a close does.</summary>
        private async Task Close() => _closed = await Pages();

        /// <summary>A page that comes to something else than at the close says that it changed.</summary>
        private async Task Changed()
        {
            var now = await Pages();
            foreach (var (page, told) in _closed ?? [])
            {
                Assert.True(!now.TryGetValue(page, out var later) || later == told,
                    $"seed {seed}: page {page.Page} changed without a word\n{told}\nbut\n{later}");
            }
        }

        private async Task<Dictionary<PageState, string>> Pages()
        {
            var pages = new Dictionary<PageState, string>();
            var (segments, totals, state) = (new List<Segment>(), new List<DailyTotal>(), default(PageState));
            var meter = Meter(_random.Next(2));
            var all = await meter.Pages.All(Ct);
            await meter.Pages.Read([.. all.Select(one => one.Page)], new(
                begun => state = begun, segments.Add, totals.Add, () =>
                {
                    pages[state] = HistoryReference.Text(segments, totals);
                    segments.Clear();
                    totals.Clear();
                }), Ct);
            return pages;
        }

        private async Task Look(Meter meter)
        {
            var wanted = HistoryReference.Of(_taken.Values, DrawnHistory.June.Period.End);
            var found = HistoryReference.Text(
                await meter.Segments(DrawnHistory.June, Ct).ToListAsync(Ct), await meter.Totals(DrawnHistory.June, Ct));
            Assert.True(wanted == found, $"seed {seed}\n{wanted}\nbut\n{found}");
        }

        private async Task Merged()
        {
            foreach (var meter in _meters)
            {
                await (meter?.Merged ?? Task.CompletedTask);
            }
        }
    }
}
