using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Exchange.Journal;

namespace Exchange.Portal.Bench;

/// <summary>A server in a process of its own: it and its database are killed without warning, and come back.</summary>
internal sealed class KilledServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly Composition _exchange;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(5) };
    private Process? _process;
    private string _lastWords = "it was not ready";

    private KilledServer(Composition exchange)
    {
        _exchange = exchange;
        Address = new($"http://127.0.0.1:{FreePort()}");
    }

    public Uri Address { get; }

    public static async Task<KilledServer> Start(Composition exchange, CancellationToken ct)
    {
        var server = new KilledServer(exchange);
        server.Launch();
        await server.Ready(ct);
        return server;
    }

    /// <summary>Kills what is named, starts it again, and says how long it took until requests were answered.</summary>
    public async Task<TimeSpan> Kill(bool server, bool database, CancellationToken ct)
    {
        if (database)
        {
            // The server knows its directory by a name that only its own process can follow.
            var cluster = Path.Combine(_exchange.Place.Data, "postgres", "cluster");
            var lines = await File.ReadAllLinesAsync(Path.Combine(cluster, "postmaster.pid"), ct);
            using var postmaster = Process.GetProcessById(int.Parse(lines[0], CultureInfo.InvariantCulture));
            postmaster.Kill();
            await postmaster.WaitForExitAsync(ct);
        }

        if (server)
        {
            _process!.Kill();
            await _process.WaitForExitAsync(ct);
            _process.Dispose();
            _process = null;
        }

        var start = Stopwatch.GetTimestamp();
        if (database)
        {
            await EmbeddedPostgres.Open(_exchange.Place.Data, ct);
            _exchange.Database.Clear();
        }

        if (server)
        {
            Launch();
        }

        await Ready(ct);
        return Stopwatch.GetElapsedTime(start);
    }

    private void Launch()
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "exchange"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["--data", _exchange.Place.Data, "serve", "--urls", $"{Address}"])
        {
            start.ArgumentList.Add(argument);
        }

        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, said) => _lastWords = said.Data ?? _lastWords;
        _process.BeginOutputReadLine(); // What it says of the database that went away is not asked for here.
        _process.BeginErrorReadLine();
    }

    /// <summary>
    /// Not one of those that the system gives to callers: while the server is away, its clients ask for it again and
    /// again, and one whose own port happens to be the same would be connected with itself, and keep the server out.
    /// </summary>
    private static int FreePort()
    {
        for (var number = 30_000 + (Environment.ProcessId % 2_000); ; number++)
        {
            try
            {
                using var port = new TcpListener(IPAddress.Loopback, number);
                port.Start();
                return number;
            }
            catch (SocketException)
            {
                // Somebody has it.
            }
        }
    }

    private async Task Ready(CancellationToken ct)
    {
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < Patience;)
        {
            if (_process is { HasExited: true, ExitCode: var code })
            {
                throw new InvalidOperationException($"The server ended with {code}: {_lastWords}");
            }

            try
            {
                using var answer = await _http.GetAsync(new Uri(Address, "/health/ready"), ct);
                if (answer.IsSuccessStatusCode)
                {
                    return;
                }
            }
            catch (Exception e) when (
                e is HttpRequestException or TaskCanceledException && !ct.IsCancellationRequested)
            {
                // It is not up yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(20), ct);
        }

        throw new TimeoutException(
            $"The server did not come back in {Patience.TotalMinutes} minutes: {_lastWords}");
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (_process is { HasExited: false })
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process?.Dispose();
    }
}
