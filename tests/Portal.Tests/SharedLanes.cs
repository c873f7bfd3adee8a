using System.Diagnostics;
using System.Text.Json;
using Exchange.Metering;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>An exchange with lanes in databases of their own, and servers of it in processes of their own.</summary>
internal sealed class SharedLanes : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("exchange-shared-").FullName;
    private readonly List<ServerProcess> _servers = [];

    public string Ledger { get; private set; } = "";

    public static async Task<SharedLanes> Of(params IReadOnlyList<string> lanes)
    {
        var made = new SharedLanes { Ledger = await TestDatabase.NewConnectionString(Composition.Modules) };
        var databases = new List<string>();
        foreach (var lane in lanes)
        {
            var connection = await TestDatabase.NewConnectionString(typeof(Meter).Assembly);
            databases.Add($"  - {{name: {lane}-db, connection: \"{connection}\"}}\n");
        }

        var settings = Path.Combine(made._folder, "databases.yaml");
        await File.WriteAllTextAsync(settings, $"databases:\n{string.Concat(databases)}", Serving.Ct);
        File.SetUnixFileMode(settings, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        foreach (var lane in lanes)
        {
            await made.Run($"lanes add {lane} --in {lane}-db");
        }

        return made;
    }

    public async Task<string> Run(string line) => (await Typed.Done($"{line} --data {_folder}", Ledger)).Output;

    /// <summary>The exchange as a process beside the servers sees it.</summary>
    public Task<Composition> Open() => Composition.Open(new(_folder, Ledger), SystemClock.Instance, Serving.Ct);

    public ServerProcess Start(bool isShared = true, int? port = null)
    {
        var server = new ServerProcess(_folder, Ledger, isShared, port);
        _servers.Add(server);
        return server;
    }

    /// <summary>Which server owns each lane, as a person sees it.</summary>
    public async Task<Dictionary<string, string?>> Owners()
    {
        using var listed = JsonDocument.Parse(await Run("lanes list --json"));
        return listed.RootElement.EnumerateArray().ToDictionary(
            one => one.GetProperty("name").GetString()!,
            one => one.TryGetProperty("owner", out var owner) ? owner.GetString() : null);
    }

    /// <summary>Waits until what is asked for is so; says what was there instead when it never is.</summary>
    public static async Task<TimeSpan> Until<T>(Func<Task<T>> look, Func<T, bool> isSo)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var seen = await look();
            if (isSo(seen))
            {
                return Stopwatch.GetElapsedTime(start);
            }

            Assert.True(Stopwatch.GetElapsedTime(start) < Waiting.Patience, $"It stays so: {Show(seen)}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), Serving.Ct);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static string Show<T>(T seen) => JsonSerializer.Serialize(seen);
}
