using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests.History;

/// <summary>
/// The drawn histories over lanes: three servers, home and two lanes in databases of their own, landlords and lanes that
/// are moved while two servers take the same readings, servers that die while they write or move, and lanes whose
/// database goes back. At each look any server says what the reference says, to the microsecond. Decision 0610 tells which
/// planted faults which seeds find.
/// </summary>
public sealed class PlayingLanes
{
    private static readonly LandlordId[] Landlords = [new("a"), new("b")];
    private static readonly string[] Names = [LaneBook.Home, "west", "east"];
    private static readonly string[] Databases = ["db-1", "db-2", "db-3"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Come_to_what_the_reference_says_wherever_landlords_live()
    {
        await using var ledger = await KnowingReadings.Database();
        var places = new Dictionary<string, string>();
        foreach (var name in Databases)
        {
            places[name] = await TestDatabase.NewConnectionString(typeof(Meter).Assembly);
        }

        await using var own = new LaneDatabases(() => places);
        var empty = new Dictionary<string, DatabaseDump> { [""] = await DatabaseDump.Of(ledger) };
        foreach (var name in Databases)
        {
            empty[name] = await DatabaseDump.Of(await own.Open(name, Ct));
        }

        foreach (var seed in Draws.Seeds(few: 8, many: 60))
        {
            await Task.WhenAll(empty.Values.Select(one => one.Restore()));
            await using var play = new Play(ledger, places, own, empty, seed);
            await play.RunOrSay();
        }
    }

    /// <summary>One history, and what is taken of it at each moment.</summary>
    private sealed class Play(
        NpgsqlDataSource ledger, Dictionary<string, string> places, LaneDatabases own,
        Dictionary<string, DatabaseDump> empty, int seed) : IAsyncDisposable
    {
        private readonly Random _random = new(seed);
        private readonly DrawnHistory _history = new(new(seed));
        private readonly Server?[] _servers = new Server?[3];
        private readonly Dictionary<(LandlordId, string, string), Collected> _taken = [];

        /// <summary>A process with pools of its own; whoever kills it ends their connections.</summary>
        private sealed class Server : IAsyncDisposable
        {
            private static int _number;
            private readonly NpgsqlDataSource _ledger;
            private readonly LaneDatabases _lanes;

            public Server(NpgsqlDataSource ledger, Dictionary<string, string> places, int readingsInMemory)
            {
                Name = $"lanes-{Environment.ProcessId}-{Interlocked.Increment(ref _number)}";
                _ledger = DataSources.Open(Named(ledger.ConnectionString));
                _lanes = new(() => places.ToDictionary(one => one.Key, one => Named(one.Value)));
                Meter = new(_ledger, SystemClock.Instance, readingsInMemory, lanes: _lanes);
            }

            public string Name { get; }
            public Meter Meter { get; }

            public async ValueTask DisposeAsync()
            {
                await Meter.Merged;
                await _lanes.DisposeAsync();
                await _ledger.DisposeAsync();
            }

            private string Named(string connection) =>
                new NpgsqlConnectionStringBuilder(connection) { ApplicationName = Name }.ConnectionString;
        }

        private Server Any() => The(_random.Next(_servers.Length));

        private Server The(int which) => _servers[which] ??= new(ledger, places, _random.Next(8, 1_000));

        public async Task RunOrSay()
        {
            try
            {
                await Run();
            }
            catch (Exception e) when (e is not Xunit.Sdk.IAssertionException)
            {
                throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
            }
        }

        private async Task Run()
        {
            await Do(Any().Meter, meter => new AddLane(meter, "west", "db-1", "test"));
            await Do(Any().Meter, meter => new AddLane(meter, "east", "db-2", "test"));
            for (var step = _random.Next(10, 24); step > 0; step--)
            {
                await Act(_random.Next(20));
            }

            foreach (var batch in _history.All.OrderBy(_ => _random.Next()).Chunk(_random.Next(1, 30)))
            {
                await Send(Any().Meter, batch);
            }

            foreach (var which in Enumerable.Range(0, _servers.Length))
            {
                await Look(The(which).Meter);
            }

            Assert.Empty(await Any().Meter.Verify(Ct));
            await Any().Meter.Replay(Ct);
            await Look(Any().Meter);
        }

        private Task Act(int act) => act switch
        {
            0 => Look(Any().Meter),
            1 => Restart(_random.Next(_servers.Length)),
            2 => Any().Meter.Fold(Ct),
            3 or 4 => Crash((meter, batch) => meter.IngestEach(batch, Ct)),
            5 => Crash((meter, _) => Move(meter)),
            6 or 7 => GoBack(),
            8 or 9 or 10 => Move(Any().Meter),
            11 or 12 => AtOnce(isMoving: true),
            13 => AtOnce(isMoving: false),
            _ => Send(Any().Meter, Batch()),
        };

        private Collected[] Batch() => [.. _random.GetItems(_history.All.ToArray(), _random.Next(1, 14))];

        /// <summary>Sends what was drawn; of each it is answered what became of it.</summary>
        private async Task Send(Meter meter, IReadOnlyList<Collected> batch)
        {
            // Each landlord's readings are taken together: of two with one id that whose turn is first counts.
            var expected = batch.Select(one => !_taken.TryAdd(DrawnHistory.KeyOf(one), one)
                ? _taken[DrawnHistory.KeyOf(one)] == one ? ItemFate.Duplicate : ItemFate.Quarantined
                : ItemFate.Accepted).ToList();
            var answered = await meter.IngestEach(batch, Ct);
            Assert.True(expected.SequenceEqual(answered.Select(one => one.Fate)),
                $"seed {seed}: {string.Join(' ', answered.Select(one => one.Fate))} and not {string.Join(' ', expected)}");
        }

        /// <summary>Two servers take the same readings at once, each once in all, while the third moves somebody.</summary>
        private async Task AtOnce(bool isMoving)
        {
            var batch = _history.All.OrderBy(_ => _random.Next()).DistinctBy(DrawnHistory.KeyOf).Take(20).ToList();
            var servers = _random.GetItems([0, 1, 2], 3).Select(which => The(which).Meter).ToList();
            var moving = isMoving ? Move(servers[2]) : Task.CompletedTask;
            var both = await Task.WhenAll(servers.Take(2).Select(meter => meter.IngestEach(batch, Ct)));
            await moving;
            foreach (var (one, i) in batch.Select((one, i) => (one, i)))
            {
                var (isNew, key) = (_taken.TryAdd(DrawnHistory.KeyOf(one), one), DrawnHistory.KeyOf(one));
                ItemFate[] fates = [.. both.Select(items => items[i].Fate).Order()];
                ItemFate[] wanted = isNew ? [ItemFate.Accepted, ItemFate.Duplicate]
                    : _taken[key] == one ? [ItemFate.Duplicate, ItemFate.Duplicate]
                    : [ItemFate.Quarantined, ItemFate.Quarantined];
                Assert.True(fates.SequenceEqual(wanted.Order()),
                    $"seed {seed}: {key} sent to two comes to {string.Join(" and ", fates)}");
            }
        }

        /// <summary>A server dies while it writes or moves; who sent to it was not answered and sends again.</summary>
        private async Task Crash(Func<Meter, Collected[], Task> act)
        {
            var (batch, dying) = (Batch(), new Server(ledger, places, 1_000));
            await using (dying)
            {
                var acting = act(dying.Meter, batch);
                await Task.WhenAny(acting, Task.Delay(TimeSpan.FromMilliseconds(_random.Next(60)), Ct));
                await ledger.Execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1", [dying.Name], Ct);
                try
                {
                    await acting;
                }
                catch (Exception e) when (e is NpgsqlException or IOException or InvalidOperationException)
                {
                    // It may have been done or not: nobody knows, so all of it is sent again.
                }
            }

            if (_random.Next(2) == 0)
            {
                await Unfinished(Any().Meter);
            }

            foreach (var one in batch)
            {
                _taken.TryAdd(DrawnHistory.KeyOf(one), one);
            }

            await Unfinished(Any().Meter);
            var again = await Any().Meter.IngestEach(batch, Ct);
            Assert.True(batch.Zip(again).All(pair => _taken[DrawnHistory.KeyOf(pair.First)] == pair.First
                ? pair.Second.Fate != ItemFate.Quarantined
                : pair.Second.Fate == ItemFate.Quarantined), $"seed {seed}: after a crash");
        }

        /// <summary>A landlord moves to another lane, or a lane to the database that none is in.</summary>
        private async Task Move(Meter meter)
        {
            var book = (await meter.Lanes.Now(Ct)).Book;
            if (_random.Next(4) == 0)
            {
                var (lane, free) = (Names[_random.Next(1, 3)], Databases.Except(
                    book.Lanes.Values.Select(one => one.Database)).Single());
                try
                {
                    await Do(meter, one => new MoveLane(one, lane, free, "test"));
                }
                catch (RefusedException e) when (e.Refusal.Code == "lanes/not-empty")
                {
                    await empty[free].Restore(); // The other lane lived there.
                    await Do(meter, one => new MoveLane(one, lane, free, "test"));
                }

                return;
            }

            var whose = Landlords[_random.Next(Landlords.Length)];
            var to = Names.Where(name => book.Find(name) != book.Of(whose)).ElementAt(_random.Next(2));
            await Do(meter, one => new MoveLandlord(one, whose, to, "test"));
        }

        /// <summary>Ends what a server began to move and died: it goes on, or a landlord goes back.</summary>
        private async Task Unfinished(Meter meter)
        {
            var book = (await meter.Lanes.Now(Ct)).Book;
            if (book.MovingLane is { } lane)
            {
                await Do(meter, one => new MoveLane(one, book.NameOf(lane.Number), lane.Database, "test"));
            }
            else if (book.MovingLandlord is { } moving)
            {
                var to = book.NameOf(_random.Next(2) == 0 ? moving.From : moving.To);
                await Do(meter, one => new MoveLandlord(one, moving.Landlord, to, "test"));
            }
        }

        /// <summary>The database of a lane goes back to what it was some batches ago, and the others do not.</summary>
        private async Task GoBack()
        {
            await Merged();
            var book = (await Any().Meter.Lanes.Now(Ct)).Book;
            var lane = _random.Next(1, 3);
            var then = new Dictionary<(LandlordId, string, string), Collected>(_taken);
            await using var dump = await DatabaseDump.Of(await own.Open(book.Lanes[lane].Database, Ct));
            for (var batches = _random.Next(1, 4); batches > 0; batches--)
            {
                await Send(Any().Meter, Batch());
            }

            await Merged();
            await dump.Restore();
            foreach (var lost in _taken.Keys.Where(key => book.Of(key.Item1) == lane && !then.ContainsKey(key)).ToList())
            {
                _taken.Remove(lost);
            }
        }

        private async Task Restart(int which)
        {
            await (_servers[which]?.DisposeAsync() ?? ValueTask.CompletedTask);
            _servers[which] = null;
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
            foreach (var server in _servers)
            {
                await (server?.Meter.Merged ?? Task.CompletedTask);
            }
        }

        private async Task Do<T>(Meter meter, Func<Meter, ICommand<T>> command)
        {
            var journal = new PostgresJournal(ledger, SystemClock.Instance);
            var work = new UnitOfWork(journal);
            await command(meter).Decide(work, SystemClock.Instance.GetCurrentInstant(), Ct);
            await journal.Append(work.Appends, Ct);
        }

        public async ValueTask DisposeAsync()
        {
            foreach (var which in Enumerable.Range(0, _servers.Length))
            {
                await Restart(which);
            }
        }
    }
}
