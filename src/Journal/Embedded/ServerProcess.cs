using System.Globalization;

namespace Exchange.Journal;

/// <summary>
/// The server that a cluster's postmaster.pid names. After a kill the file stays, and in time its number is that of
/// some other process: Postgres takes that one for a server and refuses to start, and to stop it harms a stranger.
/// </summary>
internal static class ServerProcess
{
    /// <summary>Whether the server that is named runs; where the system does not tell, it is thought to.</summary>
    public static bool Runs(string cluster) =>
        NamedIn(cluster) is { } named && (!CanTell || IsIn(named.Pid, named.Text));

    /// <summary>Removes the name of a server that does not run, once none of its children is there any more.</summary>
    /// <returns>Whether there is nothing in the way of another server.</returns>
    public static bool Forget(string cluster)
    {
        if (NamedIn(cluster) is not { } named)
        {
            return true;
        }

        var processes = CanTell ? Directory.EnumerateDirectories("/proc").Select(Path.GetFileName) : [];
        if (!CanTell || processes.Any(pid => int.TryParse(pid, out var number) && IsIn(number, named.Text)))
        {
            return false;
        }

        File.Delete(PidFile(cluster));
        return true;
    }

    private static bool CanTell => Directory.Exists("/proc/self/cwd/");

    private static string PidFile(string cluster) => Path.Combine(cluster, "postmaster.pid");

    /// <summary>The server and its children work in the directory of their cluster, whatever it is called.</summary>
    private static bool IsIn(int pid, string text)
    {
        try
        {
            return File.ReadAllText(PidFile($"/proc/{pid}/cwd")) == text && File.Exists($"/proc/{pid}/cwd/PG_VERSION");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // It ended, or is somebody else's.
        }
    }

    private static (int Pid, string Text)? NamedIn(string cluster)
    {
        try
        {
            var text = File.ReadAllText(PidFile(cluster));
            return int.TryParse(text.Split('\n')[0], NumberStyles.None, null, out var pid) ? (pid, text) : null;
        }
        catch (IOException)
        {
            return null;
        }
    }
}
