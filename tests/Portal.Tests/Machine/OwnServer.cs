using System.Diagnostics;
using System.Globalization;
using Exchange.Testing;

namespace Exchange.Portal.Tests;

/// <summary>A server in a process of its own over a data directory, and its database's processes.</summary>
internal sealed class OwnServer : IDisposable
{
    private readonly Process _process;
    private readonly HttpClient _http;
    private readonly List<string> _said = [];

    private OwnServer(Process process, Uri address)
    {
        (_process, Address) = (process, address);
        _http = new() { BaseAddress = address, Timeout = TimeSpan.FromSeconds(120) };
        process.OutputDataReceived += (_, line) => Keep(line.Data);
        process.ErrorDataReceived += (_, line) => Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public Uri Address { get; }
    public bool HasEnded => _process.HasExited;
    public int ExitCode => _process.ExitCode;

    /// <summary>What it wrote to its log.</summary>
    public string Said
    {
        get
        {
            lock (_said)
            {
                return string.Join('\n', _said);
            }
        }
    }

    /// <param name="limit">What the shell is told before it becomes the server, as 'ulimit -n 256'.</param>
    public static async Task<OwnServer> Start(string data, Uri? at = null, string limit = "true")
    {
        var address = at ?? new Uri($"http://127.0.0.1:{Ports.Free()}");
        var start = new ProcessStartInfo("/bin/sh")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in (string[])["-c", $"{limit}; exec \"$@\"", "sh",
            Path.Combine(AppContext.BaseDirectory, "exchange"), "--data", data, "serve", "--urls", $"{address}"])
        {
            start.ArgumentList.Add(argument);
        }

        var server = new OwnServer(Process.Start(start)!, address);
        await server.Ready();
        return server;
    }

    public Task Ready() => Waiting.For(
        async () =>
        {
            if (!HasEnded)
            {
                return await Health("ready") == "200";
            }

            await Waiting.For(() => Said.Length > 0, () => "It ended without a word."); // It may be read after the end.
            throw new InvalidOperationException($"The server ended with {ExitCode}: {Said}");
        },
        () => $"The server is not ready: {Said}");

    /// <summary>The status of a health check, and the code of the refusal where it is one.</summary>
    public async Task<string> Health(string of)
    {
        try
        {
            using var answer = await _http.GetAsync(new Uri($"/health/{of}", UriKind.Relative), Serving.Ct);
            var text = await answer.Content.ReadAsStringAsync(Serving.Ct);
            var code = text.Split("\"code\":\"") is [_, var rest] ? $" {rest.Split('"')[0]}" : "";
            return $"{(int)answer.StatusCode}{code}";
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
        {
            return "no answer";
        }
    }

    /// <summary>Asks it to end, and waits until it has.</summary>
    public async Task<TimeSpan> Terminate()
    {
        var start = Stopwatch.GetTimestamp();
        Signal("TERM", [_process.Id]);
        await Waiting.For(() => HasEnded, () => $"It goes on after SIGTERM: {Said}");
        return Stopwatch.GetElapsedTime(start);
    }

    public static void Signal(string name, IEnumerable<int> processes)
    {
        using var kill = Process.Start("kill", [$"-{name}", .. processes.Select(
            pid => pid.ToString(CultureInfo.InvariantCulture))]);
        kill.WaitForExit();
    }

    /// <summary>The database's server, the first of them, and its children.</summary>
    public static IReadOnlyList<int> DatabaseOf(string data)
    {
        var lines = File.ReadAllLines(Path.Combine(data, "postgres", "cluster", "postmaster.pid"));
        var postmaster = int.Parse(lines[0], CultureInfo.InvariantCulture);
        return [postmaster, .. Directory.EnumerateDirectories("/proc").Select(Path.GetFileName)
            .Where(name => int.TryParse(name, out _)).Select(name => int.Parse(name!, CultureInfo.InvariantCulture))
            .Where(pid => ParentOf(pid) == postmaster)];
    }

    private static int ParentOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            return 0; // It has ended.
        }
    }

    private void Keep(string? line)
    {
        LogScan.Look(line ?? "");
        lock (_said)
        {
            _said.Add(line ?? "");
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }
}
