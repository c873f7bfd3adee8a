using System.Diagnostics;

namespace Exchange.Journal;

/// <summary>
/// Runs a program as the user who may own a Postgres cluster: ourselves, or, since Postgres refuses root, the system's
/// 'postgres' or 'nobody' when we are root.
/// </summary>
/// <param name="Home">The directory in which it works. It need not be able to enter those above it.</param>
internal sealed record Unprivileged(string? User, string Home)
{
    /// <summary>How programs name their home: by a directory that was opened for them, wherever it is.</summary>
    public const string Inside = "/proc/self/fd/9";

    public static Unprivileged In(string home) =>
        new(Environment.IsPrivilegedProcess ? UserOfTheSystem() : null, home);

    /// <summary>
    /// Runs to the end, its output kept in a file, because a server it starts would keep a pipe open.
    /// </summary>
    /// <exception cref="InvalidOperationException">The program failed; the message holds what it said.</exception>
    public async Task Run(string program, IEnumerable<string> arguments, string output, CancellationToken ct)
    {
        var start = new ProcessStartInfo("/bin/sh") { WorkingDirectory = "/", UseShellExecute = false };
        List<string> words = [program, .. arguments];
        if (User is not null)
        {
            words = ["setpriv", $"--reuid={User}", $"--regid={GroupOf(User)}", "--clear-groups", .. words];
        }

        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(
            "umask 077; out=$1; shift; [ ! -d \"$HOME\" ] || exec 9<\"$HOME\"; exec \"$@\" >>\"$out\" 2>&1 </dev/null");
        start.ArgumentList.Add("sh");
        start.ArgumentList.Add(output);
        words.ForEach(start.ArgumentList.Add);
        start.Environment["HOME"] = Home; // libpq inside the server looks for certificates there.
        start.Environment["LC_ALL"] = "C.UTF-8";
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name); // PGDATA, PGPORT … of the caller are about another server.
        }

        using var process = Process.Start(start)!;
        await process.WaitForExitAsync(ct);
        if (process.ExitCode != 0)
        {
            var said = File.Exists(output) ? string.Join('\n', File.ReadLines(output).TakeLast(12)) : "";
            throw new InvalidOperationException($"{Path.GetFileName(program)} failed ({process.ExitCode}): {said}");
        }
    }

    /// <summary>Gives a file or directory, with all below it, to the user.</summary>
    public void Own(string path)
    {
        if (User is not null)
        {
            Output("chown", ["-R", $"{User}:{GroupOf(User)}", path]);
        }
    }

    public static string Output(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? said.Trim()
            : throw new InvalidOperationException($"{program} failed ({process.ExitCode}): {errors.Result.Trim()}");
    }

    private static string UserOfTheSystem()
    {
        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')[0]).ToHashSet(StringComparer.Ordinal);
        return users.Contains("postgres") ? "postgres" : "nobody";
    }

    private static string GroupOf(string user) => Output("id", ["-gn", user]);
}
