using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Exchange.Journal;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// What happens to machines, done to a real server and its database under clients that repeat what was not taken. Each
/// time: what the clients saw is what docs/operating/faults.md says, every reading is there once, the server comes back
/// by itself, and nothing is told as a fault of the program. Seen to fail with a server of 300 descriptors, which died.
/// </summary>
public sealed class FaultsOfTheMachine(OwnMachine machine) : IClassFixture<OwnMachine>
{
    private const string Away = "503 world/database-away";
    private const string Full = "503 world/disk-full";

    [Fact]
    public async Task The_database_is_stopped_and_is_started_again()
    {
        var told = await machine.Meanwhile(async senders =>
        {
            Assert.True(await EmbeddedPostgres.Stop(machine.Data, Serving.Ct));
            await senders.Hear(Away);
        });

        await Check(told, Away);
    }

    [Fact]
    public async Task The_database_crashes_and_reads_its_log_again()
    {
        var told = await machine.Meanwhile(async senders =>
        {
            OwnServer.Signal("QUIT", [OwnServer.DatabaseOf(machine.Data)[0]]);
            await senders.Hear(Away);
        });

        await Check(told, Away);
    }

    /// <summary>With EXCHANGE_FROZEN_SECONDS=60 it stands still for a minute.</summary>
    [Fact]
    public async Task The_database_stands_still_and_everybody_waits()
    {
        var seconds = int.Parse(
            Environment.GetEnvironmentVariable("EXCHANGE_FROZEN_SECONDS") ?? "3", CultureInfo.InvariantCulture);
        var told = await machine.Meanwhile(async _ =>
        {
            var frozen = OwnServer.DatabaseOf(machine.Data);
            OwnServer.Signal("STOP", frozen);
            var start = Stopwatch.GetTimestamp();
            Assert.Equal("200", await machine.Server.Health("live"));
            await Waiting.For(
                async () => await machine.Server.Health("ready") == Away, () => "It is ready without a database.");
            await Task.Delay(TimeSpan.FromSeconds(seconds) - Stopwatch.GetElapsedTime(start) is { Ticks: > 0 } left
                ? left : TimeSpan.Zero, Serving.Ct);
            OwnServer.Signal("CONT", frozen);
        });

        await Check(told, Away);
    }

    [Fact]
    public async Task Others_take_all_connections_of_the_database()
    {
        var told = await machine.Meanwhile(async senders =>
        {
            var taken = await machine.TakeConnections();
            await senders.Hear(Away);
            Assert.Equal("200", await machine.Server.Health("live"));
            foreach (var connection in taken)
            {
                await connection.DisposeAsync();
            }
        });

        await Check(told, Away);
    }

    [Fact]
    public async Task The_disk_is_full_and_has_room_again()
    {
        if (!machine.HasOwnDisk)
        {
            Assert.Skip("A disk of its own cannot be mounted here, and the machine's is not to be filled.");
        }

        var told = await machine.Meanwhile(async senders =>
        {
            var ballast = machine.FillDisk();
            await senders.Hear(Full, Away);
            Assert.Equal("200", await machine.Server.Health("live"));
            File.Delete(ballast);
        });

        await Check(told, Full, Away);
    }

    [Fact]
    public async Task A_server_is_told_to_end_while_it_is_asked()
    {
        TimeSpan ended = default;
        var told = await machine.Meanwhile(async senders =>
        {
            var server = machine.Server;
            ended = await server.Terminate();
            Assert.Equal(0, server.ExitCode);
            await senders.Hear("no answer");
            server.Dispose();
            await machine.StartServer();
        });

        TestContext.Current.TestOutputHelper!.WriteLine($"It ended in {ended.TotalSeconds} s.");
        await Check(told, "no answer");
    }

    [Fact]
    public async Task A_server_of_few_descriptors_is_asked_by_more_than_it_has()
    {
        using var small = await OwnServer.Start(machine.Data, limit: "ulimit -n 500");
        var idle = new List<Socket>();
        async Task Connect()
        {
            var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync("127.0.0.1", small.Address.Port, Serving.Ct);
            idle.Add(socket);
        }

        for (var i = 0; i < 400; i++)
        {
            await Connect();
        }

        List<Socket> kept = [];
        await Waiting.For(
            async () =>
            {
                kept = [.. idle.Where(socket => !socket.Poll(0, SelectMode.SelectRead))];
                await (kept.Count == 0 ? Connect() : Task.CompletedTask); // Who says nothing for long is cut off, too.
                return kept.Count is > 0 and <= 30;
            },
            () => $"Of {idle.Count} connections {kept.Count} are kept.");
        Assert.StartsWith("HTTP/1.1 200", await Asked(kept[0]), StringComparison.Ordinal);
        Assert.False(small.HasEnded, small.Said);
        idle.ForEach(socket => socket.Dispose());
        await small.Ready();
        Assert.DoesNotContain("Too many open files", small.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("Out of memory", small.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_would_run_out_of_descriptors_says_so_and_does_not_start()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(
            () => OwnServer.Start(machine.Data, limit: "ulimit -n 300"));

        Assert.StartsWith("The server ended with 3: ", refused.Message, StringComparison.Ordinal);
        Assert.Contains(
            "error: world/descriptors: This process may have 300 files open", refused.Message,
            StringComparison.Ordinal);
    }

    private static async Task<string> Asked(Socket connection)
    {
        await connection.SendAsync("GET /health/ready HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), Serving.Ct);
        var answer = new byte[1_000];
        return System.Text.Encoding.ASCII.GetString(
            answer, 0, await connection.ReceiveAsync(answer, SocketFlags.None, Serving.Ct));
    }

    private async Task Check(Senders told, params string[] maySee)
    {
        TestContext.Current.TestOutputHelper!.WriteLine($"{told}");
        Assert.Empty(told.Told.Keys.Except([.. maySee, "202", "429 usage/busy", "no answer"]));
        Assert.DoesNotContain("A request failed.", machine.Server.Said, StringComparison.Ordinal);
        await machine.Check();
    }
}
