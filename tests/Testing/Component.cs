using System.Diagnostics;
using System.Net.Sockets;
using Xunit;

namespace Exchange.Testing;

/// <summary>A real program that a test starts for itself, in a directory of its own, on loopback.</summary>
public sealed class Component : IAsyncDisposable
{
    private static readonly Lock Writing = new();
    private readonly Process _process;

    private Component(Process process, string directory) => (_process, Folder) = (process, directory);

    /// <summary>What the program keeps; it goes with the program.</summary>
    public string Folder { get; }

    /// <summary>Where a program is; skips where it is missing, fails in CI.</summary>
    public static string Find(string package, params string[] places)
    {
        var found = places.SelectMany(Matching).FirstOrDefault(File.Exists);
        if (found is null && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Assert.Skip($"{places[0]} is missing. Install it with: apt-get install --no-install-recommends {package}");
        }

        return found ?? throw new InvalidOperationException($"{places[0]} of package {package} is missing.");
    }

    public static DirectoryInfo NewFolder() => Directory.CreateTempSubdirectory("exchange-test-");

    public static Component Start(
        string program, string folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        var component = new Component(process, folder);
        var log = Path.Combine(folder, "said.log");
        process.OutputDataReceived += (_, line) => Said(log, line.Data);
        process.ErrorDataReceived += (_, line) => Said(log, line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return component;
    }

    /// <summary>Runs a program to its end, which must be a good one.</summary>
    public static async Task Run(string program, string folder, params string[] arguments)
    {
        await using var component = Start(program, folder, new Dictionary<string, string>(), arguments);
        await component._process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(component._process.ExitCode == 0, component.SaidSoFar());
        component.Keep = true;
    }

    /// <summary>Leaves the folder when the program is gone.</summary>
    public bool Keep { get; set; }

    /// <summary>Five minutes: a broker starts in ten seconds, and on a machine that is busy with much else in more than
    /// sixty.</summary>
    private const int Attempts = 3_000;

    /// <summary>Waits until the program does what it is for.</summary>
    public async Task Until(Func<Task<bool>> ready)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            Assert.False(_process.HasExited, $"It ended: {SaidSoFar()}");
            try
            {
                if (await ready())
                {
                    return;
                }
            }
            catch (Exception e) when (e is HttpRequestException or IOException or SocketException or TimeoutException)
            {
                Assert.NotEqual(Attempts - 1, attempt);
            }

            await Task.Delay(100, TestContext.Current.CancellationToken);
        }

        Assert.Fail($"It does not get ready: {SaidSoFar()}");
    }

    /// <summary>Ends it as a loss of power would.</summary>
    public async Task Kill()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Kill();
        _process.Dispose();
        if (!Keep)
        {
            Directory.Delete(Folder, recursive: true);
        }
    }

    private string SaidSoFar()
    {
        var log = Path.Combine(Folder, "said.log");
        return File.Exists(log) ? File.ReadAllText(log) : "nothing was said";
    }

    private static void Said(string log, string? line)
    {
        if (line is not null)
        {
            lock (Writing)
            {
                File.AppendAllText(log, line + "\n");
            }
        }
    }

    private static IEnumerable<string> Matching(string place)
    {
        if (!place.Contains('*', StringComparison.Ordinal))
        {
            return Path.IsPathRooted(place)
                ? [place]
                : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Select(path => Path.Combine(path, place));
        }

        var (folder, rest) = (place[..place.IndexOf('*', StringComparison.Ordinal)], place);
        var parent = Path.GetDirectoryName(folder)!;
        return Directory.Exists(parent)
            ? Directory.GetDirectories(parent, Path.GetFileName(folder) + "*").Order()
                .Select(match => match + rest[(rest.IndexOf('*', StringComparison.Ordinal) + 1)..])
            : [];
    }
}
