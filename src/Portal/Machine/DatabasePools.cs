using Exchange.Journal;
using Npgsql;

namespace Exchange.Portal;

/// <summary>
/// The connections of one process, in pools that wait in one direction only. Whoever shows a page holds one of
/// <see cref="Views"/> and may wait for one of <see cref="Work"/>; whoever has one of those waits for no other. So
/// nobody ever waits in a circle, however many come at once and however small the pools are.
/// </summary>
internal sealed class DatabasePools : IAsyncDisposable
{
    /// <summary>More pages at once only take the processor from each other; the rest wait their turn.</summary>
    private const int MaxViews = 16;

    /// <summary>How many seconds somebody waits in line: longer than a line of any length takes.</summary>
    private const int InLine = 60;

    /// <summary>A busy database answers this late, in seconds, and is there.</summary>
    private const int AtWork = 10;

    /// <summary>A lock for each job that runs.</summary>
    private const int MaxJobs = 12;

    /// <summary>What Hangfire's threads ask for.</summary>
    private const int MaxSchedule = 12;

    private DatabasePools(NpgsqlConnectionStringBuilder asked)
    {
        Work = DataSources.Open(Unset(With(asked, patience: InLine)), "work");
        Views = DataSources.Open(
            Unset(With(asked, size: Math.Clamp(asked.MaxPoolSize / 2, 1, MaxViews), patience: InLine)), "views");
        Jobs = DataSources.Open(With(asked, size: MaxJobs), "jobs");
        Schedule = DataSources.OpenPlain(With(asked, size: MaxSchedule), "schedule");
        Probe = DataSources.Open(With(asked, size: 2, patience: AtWork), "probe");
        Locks = new(DataSources.Open(With(asked, size: 1, patience: 5), "locks"));
    }

    /// <summary>One statement or transaction at a time, by whoever needs it.</summary>
    public NpgsqlDataSource Work { get; }

    /// <summary>What viewers see, one transaction for each page.</summary>
    public NpgsqlDataSource Views { get; }

    /// <summary>A lock for each job that runs, which waits for work that is done elsewhere.</summary>
    public NpgsqlDataSource Jobs { get; }

    /// <summary>Hangfire's own: it takes times as the driver gives them.</summary>
    public NpgsqlDataSource Schedule { get; }

    /// <summary>Asks whether the database answers, whatever else waits for it.</summary>
    public NpgsqlDataSource Probe { get; }

    /// <summary>What happens once at a time, here and in other processes.</summary>
    public DatabaseLocks Locks { get; }

    /// <exception cref="RefusedException">It is not a connection string.</exception>
    public static DatabasePools Open(string connection)
    {
        try
        {
            return new(new NpgsqlConnectionStringBuilder(connection));
        }
        catch (ArgumentException e)
        {
            throw new RefusedException(new(
                "usage/connection-string",
                $"{e.Message} Write it like 'Host=db.example.org;Username=exchange;Database=exchange'.", "--database"));
        }
    }

    /// <summary>Forgets connections to a server that is gone.</summary>
    public void Clear()
    {
        Work.Clear();
        Views.Clear();
        Jobs.Clear();
        Schedule.Clear();
        Probe.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await Locks.DisposeAsync();
        await Probe.DisposeAsync();
        await Views.DisposeAsync();
        await Schedule.DisposeAsync();
        await Jobs.DisposeAsync();
        await Work.DisposeAsync();
    }

    /// <summary>
    /// What is set on these connections is set for a transaction, and locks of a session are let go by whoever took
    /// them, so nothing is to be reset when they are given back: that would be seven statements before each of theirs
    /// (decision 0608).
    /// </summary>
    private static string Unset(string connection) =>
        new NpgsqlConnectionStringBuilder(connection) { NoResetOnClose = true }.ConnectionString;

    private static string With(NpgsqlConnectionStringBuilder asked, int? size = null, int? patience = null)
    {
        var own = new NpgsqlConnectionStringBuilder(asked.ConnectionString);
        own.MaxPoolSize = size ?? own.MaxPoolSize;
        own.MinPoolSize = Math.Min(own.MinPoolSize, own.MaxPoolSize);
        if (patience is { } seconds)
        {
            own.Timeout = seconds;
            own.CommandTimeout = seconds < InLine ? seconds : own.CommandTimeout;
        }

        return own.ConnectionString;
    }
}
