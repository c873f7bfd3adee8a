using System.Globalization;
using System.Text;
using System.Text.Json;
using Exchange.Metering.Collectors;
using Exchange.Metering.Collectors.Live;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using RabbitMQ.Client;
using Xunit;

namespace Exchange.Metering.Tests.Collectors.Live;

/// <summary>One broker for all the tests of a class, started when the first one asks.</summary>
public sealed class SharedRabbit : IAsyncDisposable
{
    private TestRabbit? _rabbit;

    public async Task<TestRabbit> Get() => _rabbit ??= await TestRabbit.Start();

    public ValueTask DisposeAsync() => _rabbit?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>OpenStack's notifications from a real RabbitMQ.</summary>
public class CollectingFromRabbitMq(SharedRabbit shared) : IClassFixture<SharedRabbit>
{
    private static int _made;
    private readonly string _queue = $"exchange-{Interlocked.Increment(ref _made)}";

    private static readonly Instant Now = Instant.FromUtc(2026, 10, 3, 0, 0);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private NotificationCollector Collector(TestRabbit rabbit) => new(
        new("stack-queue", "rabbitmq", new("nerc"), new("stack"), Duration.FromSeconds(1)),
        new(rabbit.Url, null, null, _queue, _queue, ["notifications.info", "notifications.error"]));

    /// <summary>An hour of a server, in oslo.messaging's envelope, as Nova's audits tell it.</summary>
    private static string Audit(int server, int hour) => JsonSerializer.Serialize(new Dictionary<string, string>
    {
        ["oslo.version"] = "2.0",
        ["oslo.message"] = JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["event_type"] = "compute.instance.exists",
            ["message_id"] = $"m-{server}-{hour}",
            ["timestamp"] = $"2026-10-01 {hour:00}:59:59",
            ["payload"] = new Dictionary<string, object>
            {
                ["instance_id"] = $"vm-{server}",
                ["tenant_id"] = $"p-{server % 3}",
                ["vcpus"] = 2,
                ["memory_mb"] = 8192,
                ["state"] = "active",
                ["launched_at"] = "2026-09-01T00:00:00",
                ["deleted_at"] = "",
                ["audit_period_beginning"] = $"2026-10-01 {hour:00}:00:00",
                ["audit_period_ending"] = hour == 23 ? "2026-10-02 00:00:00" : $"2026-10-01 {hour + 1:00}:00:00",
            },
        }),
    });

    private async Task Publish(TestRabbit rabbit, IEnumerable<string> messages)
    {
        await using var connection = await new ConnectionFactory { Uri = rabbit.Url }.CreateConnectionAsync(Ct);
        await using var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true, outstandingPublisherConfirmationsRateLimiter: null), Ct);
        await channel.ExchangeDeclareAsync(_queue, ExchangeType.Topic, durable: false, cancellationToken: Ct);
        await channel.QueueDeclareAsync(_queue, durable: true, exclusive: false, autoDelete: false, cancellationToken: Ct);
        await channel.QueueBindAsync(_queue, _queue, "notifications.info", cancellationToken: Ct);
        await Task.WhenAll(messages.Select(message => channel.BasicPublishAsync(
            _queue, "notifications.info", mandatory: true, new BasicProperties { Persistent = true },
            Encoding.UTF8.GetBytes(message), Ct).AsTask()));
    }

    private async Task<uint> Left(TestRabbit rabbit)
    {
        await using var connection = await new ConnectionFactory { Uri = rabbit.Url }.CreateConnectionAsync(Ct);
        await using var channel = await connection.CreateChannelAsync(cancellationToken: Ct);
        return await channel.MessageCountAsync(_queue, Ct);
    }

    private static List<string> Day(int servers) =>
        [.. from hour in Enumerable.Range(0, 24) from server in Enumerable.Range(0, servers) select Audit(server, hour)];

    private static async Task<string> Hours(LiveMeter live) => string.Join(' ',
        (await live.Segments(new(Instant.FromUtc(2026, 10, 1, 0, 0), Now))).GroupBy(s => s.Project.Value).OrderBy(g => g.Key)
        .Select(g => $"{g.Key}={g.Sum(s => (long)s.Period.Length.TotalSeconds) / 3600}h"));

    [Fact]
    public async Task What_is_in_the_queue_is_taken_and_acknowledged_and_a_message_that_makes_no_sense_stops_nothing()
    {
        var rabbit = await shared.Get();
        await using var live = await LiveMeter.New(Now);
        await Publish(rabbit, [.. Day(30), "not JSON", """{"oslo.version":"2.0","oslo.message":"{"}""", """{"event_type":"image.update","message_id":"i"}"""]);

        var taken = await live.Runner.Once(Collector(rabbit), Ct);
        Assert.Equal((720, 0, 2), (taken!.Accepted, taken.Duplicate, taken.Quarantined));
        Assert.Equal("p-0=240h p-1=240h p-2=240h", await Hours(live));
        Assert.Equal(0u, await Left(rabbit));
        var state = await live.State("stack-queue");
        Assert.Equal((Now, 0L, 1L, 0), (state.ReadUntil, state.Waiting, state.Ignored, state.Failures));
        Assert.Equal(["rabbitmq/not-json", "record/broken-envelope"], await Reasons(live));
    }

    private static async Task<List<string>> Reasons(LiveMeter live)
    {
        await using var command = live.Database.CreateCommand("select reason from metering.quarantine order by reason");
        await using var rows = await command.ExecuteReaderAsync(Ct);
        var reasons = new List<string>();
        while (await rows.ReadAsync(Ct))
        {
            reasons.Add(rows.GetString(0));
        }

        return reasons;
    }

    [Fact]
    public async Task Messages_that_were_durable_but_never_acknowledged_come_again_and_count_once()
    {
        var rabbit = await shared.Get();
        await using var live = await LiveMeter.New(Now);
        var day = Day(10);
        await Publish(rabbit, day);

        // What a crash between the database and the acknowledgement leaves behind.
        await live.Meter.Ingest(OpenStackNotifications.Read(
            Input.Text(string.Join('\n', day.Take(100))), Input.Context("lost", "stack")), Ct);
        var taken = await live.Runner.Once(Collector(rabbit), Ct);
        Assert.Equal((140, 100), (taken!.Accepted, taken.Duplicate));
        Assert.Equal("p-0=96h p-1=72h p-2=72h", await Hours(live));
    }

    [Fact]
    public async Task Nothing_is_acknowledged_while_the_database_is_away()
    {
        var rabbit = await shared.Get();
        await using var live = await LiveMeter.New(Now);
        await Publish(rabbit, Day(5));
        await Sql(live, "alter table metering.head rename to head_is_away");
        await Assert.ThrowsAsync<PostgresException>(() => live.Runner.Once(Collector(rabbit), Ct));
        Assert.Equal(120u, await Left(rabbit));
        Assert.Equal(1, (await live.State("stack-queue")).Failures);

        await Sql(live, "alter table metering.head_is_away rename to head");
        Assert.Equal(120, (await live.Runner.Once(Collector(rabbit), Ct))!.Accepted);
        Assert.Equal(0u, await Left(rabbit));
    }

    private static async Task Sql(LiveMeter live, string sql)
    {
        await using var command = live.Database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Ct);
    }

    [Fact]
    public async Task A_broker_that_dies_and_comes_back_loses_nothing_and_doubles_nothing()
    {
        var rabbit = await shared.Get();
        await using var live = await LiveMeter.New(Now);
        var day = Day(20);
        await Publish(rabbit, day.Take(240));
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Ct);
        List<string> told = [];
        var running = live.Runner.Forever([Collector(rabbit)], (_, why) => told.Add(why), stop.Token);
        await Until(async () => await Accepted(live) == 240);

        await rabbit.KillAndStart();
        await Publish(rabbit, day);
        await Until(async () => await Accepted(live) == 480);
        await Until(async () => await Left(rabbit) == 0);
        await stop.CancelAsync();
        await running;

        Assert.NotEmpty(told);
        Assert.Equal("p-0=168h p-1=168h p-2=144h", await Hours(live));
    }

    private static async Task<long> Accepted(LiveMeter live)
    {
        await using var command = live.Database.CreateCommand("select coalesce(sum(accepted), 0)::bigint from metering.collector");
        return Convert.ToInt64(await command.ExecuteScalarAsync(Ct), CultureInfo.InvariantCulture);
    }

    private static Task Until(Func<Task<bool>> so) => Waiting.For(so, () => "It does not come to that.");
}
