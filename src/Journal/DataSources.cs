using Npgsql;

namespace Exchange.Journal;

/// <summary>
/// Opens pools of connections to a database of an exchange: without asking it for its types first, and to the primary
/// where several servers are named.
/// </summary>
public static class DataSources
{
    /// <summary>
    /// How long it is believed which of several servers is the primary. The driver's own ten seconds are ten more in
    /// which nothing is taken after a failover; none at all is a question before every statement.
    /// </summary>
    private const int RecheckSeconds = 1;

    private const string Target = "Target Session Attributes";

    /// <summary>
    /// The exchange uses types that every Postgres has under the same numbers, so the driver's question for all types
    /// (13 ms of the server, for each pool of each command) is left out: decision 0604. Which of several servers is
    /// meant: decision 0431.
    /// </summary>
    /// <param name="connectionString">How to reach the database.</param>
    /// <param name="name">What metrics call the pool, which do not show how to reach the database.</param>
    /// <param name="first">What is awaited before a new connection is used; where it fails none is had.</param>
    /// <exception cref="ArgumentException">It is not a connection string.</exception>
    public static NpgsqlDataSource Open(string connectionString, string? name = null, Func<Task>? first = null)
    {
        var builder = new NpgsqlDataSourceBuilder(connectionString) { Name = name };
        builder.UseNodaTime(); // A timestamp is an Instant and a date a LocalDate, both ways: decision 0605.
        if (first is not null)
        {
            builder.UsePhysicalConnectionInitializer(
                _ => throw new NotSupportedException("Connections to it are opened without blocking a thread."),
                _ => first());
        }

        return Build(builder);
    }

    /// <summary>
    /// A pool for a library that takes times as the driver gives them by itself, as Hangfire does. Otherwise as
    /// <see cref="Open" />.
    /// </summary>
    /// <param name="connectionString">How to reach the database.</param>
    /// <param name="name">What metrics call the pool.</param>
    /// <exception cref="ArgumentException">It is not a connection string.</exception>
    public static NpgsqlDataSource OpenPlain(string connectionString, string name) =>
        Build(new(connectionString) { Name = name });

    private static NpgsqlDataSource Build(NpgsqlDataSourceBuilder builder)
    {
        builder.ConfigureTypeLoading(types => types.EnableTypeLoading(false));
        return builder.ConnectionStringBuilder.Host?.Contains(',', StringComparison.Ordinal) == true
            ? OpenSeveral(builder)
            : builder.Build();
    }

    /// <summary>
    /// The driver takes whichever answers first, and which is meant only here, not in the string. The exchange writes:
    /// the primary, unless the string says another.
    /// </summary>
    private static NpgsqlDataSource OpenSeveral(NpgsqlDataSourceBuilder builder)
    {
        var asked = builder.ConnectionStringBuilder;
        var target = asked.TargetSessionAttributes is { } said
            ? Enum.Parse<TargetSessionAttributes>(said.Replace("-", "", StringComparison.Ordinal), ignoreCase: true)
            : TargetSessionAttributes.Primary;
        asked.Remove(Target);
        if (!asked.ShouldSerialize("Host Recheck Seconds"))
        {
            asked.HostRecheckSeconds = RecheckSeconds;
        }

        // A machine that is gone without a word is noticed; sockets of files have no such thing.
        if (!asked.ShouldSerialize("TCP Keepalive") && !asked.Host!.Contains('/', StringComparison.Ordinal))
        {
            (asked.TcpKeepAlive, asked.TcpKeepAliveTime, asked.TcpKeepAliveInterval) = (true, 5, 1);
        }

        return builder.BuildMultiHost().WithTargetSession(target);
    }
}
