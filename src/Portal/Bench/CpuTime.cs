using System.Globalization;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Portal.Bench;

/// <summary>
/// What this process and its database took of the processors until now. Where others work on the machine, too, it says
/// more than the clock.
/// </summary>
/// <param name="Database">Seconds; null where the server of the database is not on this machine.</param>
internal sealed record CpuTime(decimal Process, decimal? Database)
{
    private const decimal TicksASecond = 100; // USER_HZ of every architecture that this runs on.

    public static async Task<CpuTime> Now(NpgsqlDataSource database, CancellationToken ct)
    {
        await using var command = database.Statement("select pg_backend_pid()", []);
        var backend = (int)(await command.ExecuteScalarAsync(ct))!;
        return new((decimal)Environment.CpuUsage.TotalTime.TotalSeconds, OfServer(backend));
    }

    public static CpuTime operator -(CpuTime now, CpuTime before) =>
        new(now.Process - before.Process, now.Database - before.Database);

    /// <summary>Of the parent of a backend, its children, and those that ended.</summary>
    private static decimal? OfServer(int backend)
    {
        if (Stat(backend) is not { Name: "postgres" } own || Stat(own.Parent) is not { Name: "postgres" } server)
        {
            return null;
        }

        var children = Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0).Select(Stat).OfType<ProcessStat>().Where(child => child.Parent == own.Parent);
        return (server.Ticks + server.TicksOfEnded + children.Sum(child => child.Ticks)) / TicksASecond;
    }

    private static ProcessStat? Stat(int id)
    {
        try
        {
            // The name is in parentheses and may hold any sign; after it come state, parent and others.
            var text = File.ReadAllText($"/proc/{id}/stat");
            var (start, end) = (text.IndexOf('('), text.LastIndexOf(')'));
            var rest = text[(end + 2)..].Split(' ');
            return new(
                text[(start + 1)..end], int.Parse(rest[1], CultureInfo.InvariantCulture),
                Number(rest[11]) + Number(rest[12]), Number(rest[13]) + Number(rest[14]));
        }
        catch (IOException)
        {
            return null; // It ended, or there is no /proc.
        }

        static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
    }

    /// <summary>What the system says of a process.</summary>
    private sealed record ProcessStat(string Name, int Parent, long Ticks, long TicksOfEnded);
}
