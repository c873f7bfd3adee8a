using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Exchange.Journal;

/// <summary>
/// Runs pg_dump and pg_restore of the installed Postgres over a database: all that is in it, as one stream.
/// </summary>
public static class DatabaseDump
{
    /// <summary>Writes the whole database, as it is at one moment, in Postgres' own format.</summary>
    /// <exception cref="RefusedException">pg_dump failed; what was written is not a dump.</exception>
    public static async Task Write(string connection, Stream into, CancellationToken ct)
    {
        using var process = Start("pg_dump", connection, ["--format=custom", "--compress=6", "--no-password"]);
        process.StandardInput.Close();
        await Run(process, () => process.StandardOutput.BaseStream.CopyToAsync(into, ct), ct);
    }

    /// <summary>Puts a dump into a database that is empty: all of it, or nothing.</summary>
    /// <exception cref="RefusedException">pg_restore failed; the database is as it was.</exception>
    public static async Task Read(string connection, Stream from, CancellationToken ct)
    {
        using var process = Start("pg_restore", connection,
            ["--format=custom", "--exit-on-error", "--single-transaction", "--no-owner", "--no-password"]);
        await Run(process, async () =>
        {
            try
            {
                await from.CopyToAsync(process.StandardInput.BaseStream, ct);
                process.StandardInput.Close();
            }
            catch (IOException)
            {
                await process.WaitForExitAsync(ct); // It ended before it had read all, and says why.
            }
        }, ct);
    }

    private static async Task Run(Process process, Func<Task> copy, CancellationToken ct)
    {
        var said = process.StandardError.ReadToEndAsync(ct);
        try
        {
            await copy();
            await process.WaitForExitAsync(ct);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }

        if (process.ExitCode != 0)
        {
            var program = Path.GetFileName(process.StartInfo.FileName);
            throw new RefusedException(new(
                "world/dump-failed",
                $"{program} failed ({process.ExitCode}): {(await said).ReplaceLineEndings(" ").Trim()}"));
        }
    }

    private static Process Start(string program, string connection, IReadOnlyList<string> options)
    {
        var asked = new NpgsqlConnectionStringBuilder(connection);
        var start = new ProcessStartInfo(Path.Combine(PostgresBinaries.Find(null).Directory, program))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var option in options)
        {
            start.ArgumentList.Add(option);
        }

        start.ArgumentList.Add($"--dbname={asked.Database ?? asked.Username}");
        foreach (var name in start.Environment.Keys.Where(n => n.StartsWith("PG", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(name); // They are about another server.
        }

        foreach (var (name, value) in Reach(asked))
        {
            start.Environment[name] = value;
        }

        start.Environment["LC_ALL"] = "C.UTF-8";
        return Process.Start(start)!;
    }

    /// <summary>
    /// What tells Postgres' own programs how to reach a database; of several servers, the one that takes changes.
    /// </summary>
    internal static IReadOnlyDictionary<string, string?> Reach(NpgsqlConnectionStringBuilder asked)
    {
        var hosts = (asked.Host ?? "").Split(',', StringSplitOptions.TrimEntries)
            .Select(host => HostOf(host, asked.Port)).ToList();
        var reach = new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["PGHOST"] = string.Join(',', hosts.Select(host => host.Name)),
            ["PGPORT"] = string.Join(',', hosts.Select(host => host.Port)),
            ["PGUSER"] = asked.Username,
            ["PGPASSWORD"] = asked.Password,
        };
        if (hosts.Count > 1)
        {
            reach["PGTARGETSESSIONATTRS"] = "read-write";
        }

        return reach;
    }

    /// <summary>
    /// The driver reads a port behind a host's name; these programs want it apart, and addresses without brackets.
    /// </summary>
    private static (string Name, string Port) HostOf(string host, int port) =>
        host.LastIndexOf(':') is var colon and > 0 && !host.StartsWith('/') &&
            (host.IndexOf(':', StringComparison.Ordinal) == colon || host[colon - 1] == ']')
            ? (host[..colon].Trim('[', ']'), host[(colon + 1)..])
            : (host.Trim('[', ']'), string.Create(CultureInfo.InvariantCulture, $"{port}"));
}
