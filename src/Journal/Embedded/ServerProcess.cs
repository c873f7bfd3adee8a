using System.Diagnostics;
using System.Globalization;

namespace Exchange.Journal;

/// <summary>
/// The server that a cluster's postmaster.pid names. After a kill the file stays, and in time its number is that of
/// some other process: Postgres takes that one for a server and refuses to start, and to stop it harms a stranger.
/// A copy of a directory names the server of the one it was copied from, which is a stranger as well.
/// </summary>
internal static class ServerProcess
{
    /// <summary>Whether the server that is named runs; where the system does not tell, it is thought to.</summary>
    public static bool Runs(string cluster)
    {
        if (NamedIn(cluster) is not { } pid)
        {
            return false;
        }

        using var mark = ClusterMark.Put(cluster);
        return !CanTell || mark.IsIn($"/proc/{pid}/cwd");
    }

    /// <summary>Removes the name of a server that does not run, once none of its children is there any more.</summary>
    /// <returns>Whether there is nothing in the way of another server.</returns>
    public static bool Forget(string cluster)
    {
        if (NamedIn(cluster) is null)
        {
            return true;
        }

        using var mark = ClusterMark.Put(cluster);
        var processes = CanTell ? Directory.EnumerateDirectories("/proc").Select(Path.GetFileName) : [];
        if (!CanTell || processes.Any(pid =>
            int.TryParse(pid, NumberStyles.None, null, out _) && mark.IsIn($"/proc/{pid}/cwd")))
        {
            return false;
        }

        File.Delete(PidFile(cluster));
        return true;
    }

    private static bool CanTell => Directory.Exists("/proc/self/cwd/");

    private static string PidFile(string cluster) => Path.Combine(cluster, "postmaster.pid");

    private static int? NamedIn(string cluster)
    {
        try
        {
            var text = File.ReadAllText(PidFile(cluster));
            return int.TryParse(text.Split('\n')[0], NumberStyles.None, null, out var pid) ? pid : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}

/// <summary>
/// A file in a cluster for as long as somebody asks whether it is this one. The server and its children work in the
/// directory of their cluster, whatever it is called; a copy has the same files, but never this one.
/// </summary>
internal sealed class ClusterMark : IDisposable
{
    private readonly string _path;

    private ClusterMark(string path) => _path = path;

    public string Name => Path.GetFileName(_path);

    public static ClusterMark Put(string cluster)
    {
        var mark = new ClusterMark(Path.Combine(cluster, string.Create(
            CultureInfo.InvariantCulture, $"exchange.{Environment.ProcessId}.{Stopwatch.GetTimestamp()}.mark")));
        File.WriteAllText(mark._path, "");
        return mark;
    }

    /// <summary>Whether a path leads to the directory that is marked.</summary>
    public bool IsIn(string directory)
    {
        try
        {
            return File.Exists(Path.Combine(directory, Name));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // It ended, or is somebody else's.
        }
    }

    public void Dispose() => File.Delete(_path);
}
