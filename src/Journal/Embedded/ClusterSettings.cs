namespace Exchange.Journal;

/// <summary>What a new cluster is told in its settings; where its socket is, it is told again at each start.</summary>
internal static class ClusterSettings
{
    public static string Of(string socket)
    {
        var buffers = Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1L << 20) / 16, 64, 1024);
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
            log_min_messages = warning

            """;
    }
    /// <summary>A text as the settings are read: the path may hold any letter, and a line ends there.</summary>
    private static string Quoted(string path) => string.Concat(path.Select(c =>
        c is '\\' or '\'' ? $"{c}{c}" : char.IsControl(c) ? "?" : $"{c}"));
}
