namespace Exchange.Journal;

/// <summary>What a new cluster is told in its settings; where its socket is, it is told again at each start.</summary>
internal static class ClusterSettings
{
    /// <summary>What there is, of the machine or of the group that this process was put into.</summary>
    public static long Memory => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    /// <summary>Where there is little, what keeps the database in order takes little, too.</summary>
    private static string Small => Memory >= 1L << 30 ? "" : """

        maintenance_work_mem = 32MB
        autovacuum_work_mem = 16MB
        autovacuum_max_workers = 2
        max_parallel_workers_per_gather = 0
        """;

    public static string Of(string socket)
    {
        var buffers = Math.Clamp(Memory / (1L << 20) / 16, 32, 1024);
        return $"""

            # Written by exchange. Every switch that protects data is left as Postgres ships it: on.
            listen_addresses = ''
            unix_socket_directories = '{Quoted(socket)}'
            unix_socket_permissions = 0700
            shared_buffers = {buffers}MB
            max_wal_size = 4GB
            checkpoint_timeout = 15min
            max_connections = 100
            jit = off
            timezone = 'UTC'
            log_timezone = 'UTC'
            log_min_messages = warning{Small}

            """;
    }
    /// <summary>A text as the settings are read: the path may hold any letter, and a line ends there.</summary>
    private static string Quoted(string path) => string.Concat(path.Select(c =>
        c is '\\' or '\'' ? $"{c}{c}" : char.IsControl(c) ? "?" : $"{c}"));
}
