using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Metering.Tests.Restores;

/// <summary>
/// A real database goes back under one or two servers that run on: its directory is copied back, a dump of pg_dump is
/// restored, a standby that followed by streaming replication and was cut off is promoted. 300 readings were answered, 100
/// of them are still there. The table of docs/operating/restores.md is these tests.
/// </summary>
public sealed class RestoringDatabases
{
    /// <summary>In a short run each way under one number of servers.</summary>
    public static TheoryData<string, int> Ways => new(
        from how in (string[])["copy", "dump", "standby"]
        from servers in Draws.Of([1, 2], how)
        select (how, servers));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, MemberData(nameof(Ways))]
    public async Task What_is_sent_again_is_taken_again_once_and_nothing_is_lost_or_doubled(string how, int servers)
    {
        await using var primary = await TestCluster.Start();
        await primary.Ask("create database exchange", "postgres");
        await using (var made = Reach(primary, null))
        {
            await Schema.Upgrade(made, [typeof(IJournal).Assembly, typeof(Meter).Assembly], Ct);
        }

        await using var going = await Going.Begin(primary, how);
        var databases = Enumerable.Range(0, servers).Select(_ => Reach(primary, going.Standby)).ToList();
        // One knows everything from memory, the other almost nothing.
        var meters = databases.Select((database, i) => new Meter(database, SystemClock.Instance, i == 0 ? 1_000_000 : 40))
            .ToList();
        Assert.Equal(new(100, 0, 0), await Send(meters[0], 0, 100));
        Assert.Equal(new(0, 50, 0), await Send(meters[^1], 0, 50));
        await Task.WhenAll(meters.Select(meter => meter.Merged));
        await going.Mark();
        foreach (var start in (int[])[100, 200])
        {
            Assert.Equal(new(100, 0, 0), await Send(meters[0], start, start + 100));
        }

        await Task.WhenAll(meters.Select(meter => meter.Merged));
        await going.GoBack();

        // The other server goes on first, with readings and names that nobody has heard of (SCALE S1b, S1c).
        if (servers == 2)
        {
            Assert.Equal(new(40, 0, 0), await Send(meters[1], 1_000, 1_040));
        }

        Assert.Equal(new(0, 100, 0), await Send(meters[0], 0, 100)); // S1a: duplicates alone ask the head, too.
        Assert.Equal(new(200, 100, 0), await Send(meters[0], 0, 300));
        foreach (var meter in meters)
        {
            Assert.Equal(new(0, 300, 0), await Send(meter, 0, 300));
            Assert.Equal(300 + (servers == 2 ? 40 : 0), await KnowingReadings.Hours(meter));
            Assert.Empty(await meter.Verify(Ct));
        }

        await Task.WhenAll(meters.Select(meter => meter.Merged));
        foreach (var database in databases)
        {
            await database.DisposeAsync();
        }
    }

    /// <summary>Readings of resources, projects and sources with names of their own, so that names go back as well.</summary>
    private static Reading Of(int number) => KnowingReadings.Hour(number) with
    {
        Source = $"urn:{number % 7}",
        Project = new($"p{number / 13}"),
        Resource = ResourceId.Parse($"nerc/stack/vm/{number}"),
    };

    /// <summary>Sends as a client does that was not answered: again, until it is.</summary>
    private static async Task<IngestOutcome> Send(Meter meter, int from, int to)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return await KnowingReadings.Ingest(meter, Enumerable.Range(from, to - from).Select(Of));
            }
            catch (Exception e) when (e is NpgsqlException or IOException && attempt < 2_000)
            {
                await Task.Delay(50, Ct);
            }
        }
    }

    private static NpgsqlDataSource Reach(TestCluster primary, TestCluster? standby)
    {
        var hosts = standby is null ? $"127.0.0.1:{primary.Port}" : $"127.0.0.1:{primary.Port},127.0.0.1:{standby.Port}";
        var connection = new NpgsqlConnectionStringBuilder
        {
            Host = hosts,
            Username = "exchange",
            Database = "exchange",
            HostRecheckSeconds = 0,
            MaxPoolSize = 20,
        };
        return DataSources.Open(connection.ConnectionString);
    }

    /// <summary>How a database goes back: to what it held at a mark.</summary>
    private sealed class Going(TestCluster primary, string how, TestCluster? standby) : IAsyncDisposable
    {
        public TestCluster? Standby => standby;

        public static async Task<Going> Begin(TestCluster primary, string how) =>
            new(primary, how, how == "standby" ? await primary.Standby() : null);

        public async Task Mark() => await (how switch
        {
            "copy" => primary.CopyAside(),
            "dump" => primary.Dump(),
            _ => Follow(),
        });

        public async Task GoBack()
        {
            switch (how)
            {
                case "copy":
                    await primary.CopyBack();
                    break;
                case "dump":
                    await primary.RestoreDump();
                    break;
                default:
                    await primary.Die();
                    await standby!.Promote();
                    break;
            }
        }

        public ValueTask DisposeAsync() => standby?.DisposeAsync() ?? ValueTask.CompletedTask;

        /// <summary>What was written so far reaches the standby, and nothing after it.</summary>
        private async Task Follow()
        {
            var written = (string)(await primary.Ask("select pg_current_wal_lsn()::text"))!;
            while (await standby!.Ask($"select pg_last_wal_replay_lsn() >= '{written}'::pg_lsn") is not true)
            {
                await Task.Delay(20, Ct);
            }

            await standby.Cut();
        }
    }
}
