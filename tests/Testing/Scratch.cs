using System.Diagnostics;
using Xunit;

namespace Exchange.Testing;

/// <summary>A directory for one test, gone after it.</summary>
public sealed class Scratch : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("exchange-scratch-").FullName;

    /// <summary>Copies a directory with all that is in it, and what may be done with each file.</summary>
    public static void Copy(string from, string to)
    {
        using var copying = Process.Start("cp", ["-a", from, to]);
        copying.WaitForExit();
        Assert.Equal(0, copying.ExitCode);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
