using System.Diagnostics;
using Exchange.Testing;

namespace Exchange.Portal.Tests;

/// <summary>'exchange serve' in a process of its own, by itself or as one of several.</summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private readonly Process _process;
    private string _lastWords = "";

    public ServerProcess(string data, string database, bool isShared, int? port)
    {
        (Address, Port) = (new($"http://127.0.0.1:{Ports.Free()}"), port ?? Ports.Free());
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "exchange"))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        string[] shared = isShared ? ["--cluster", $"127.0.0.1:{Port}"] : [];
        foreach (var word in (string[])
            ["serve", "--data", data, "--database", database, "--urls", $"{Address}", .. shared])
        {
            start.ArgumentList.Add(word);
        }

        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, said) =>
        {
            LogScan.Look(said.Data ?? "");
            _lastWords += $"{said.Data}\n";
        };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public Uri Address { get; }

    /// <summary>Where the other servers reach it.</summary>
    public int Port { get; }

    /// <summary>What it says of itself: that it is ready, and what it owns; nothing where it does not answer.</summary>
    public async Task<string> Ready()
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"The server ended with {_process.ExitCode}: {_lastWords}");
        }

        try
        {
            return (await _http.GetStringAsync(new Uri(Address, "/health/ready"), Serving.Ct)).Trim();
        }
        catch (Exception e) when (
            e is HttpRequestException || (e is TaskCanceledException && !Serving.Ct.IsCancellationRequested))
        {
            return "";
        }
    }

    /// <summary>The lanes that it owns, as it says.</summary>
    public async Task<string[]> Owned()
    {
        const string Owns = "ready, owns ";
        var said = await Ready();
        return said.StartsWith(Owns, StringComparison.Ordinal)
            ? [.. said[Owns.Length..].Split(", ").Where(lane => lane != "no lane")]
            : [];
    }

    /// <summary>The libraries that it has loaded.</summary>
    public string[] Loaded() => [.. File.ReadLines($"/proc/{_process.Id}/maps")
        .Select(line => Path.GetFileName(line)).Where(name => name.EndsWith(".dll", StringComparison.Ordinal))
        .Distinct()];

    public async Task Kill()
    {
        _process.Kill();
        await _process.WaitForExitAsync(Serving.Ct);
    }

    /// <summary>Asks it to end, as a service is stopped.</summary>
    public Task Stop()
    {
        Signal("TERM");
        return _process.WaitForExitAsync(Serving.Ct);
    }

    public void Freeze() => Signal("STOP");

    public void Thaw() => Signal("CONT");

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }

    private void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{_process.Id}"]);
        kill.WaitForExit();
    }
}
