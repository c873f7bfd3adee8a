using Exchange.Journal;
using Hangfire;
using Hangfire.Logging;
using Hangfire.PostgreSql;
using Npgsql;

namespace Exchange.Portal.Jobs;

/// <summary>Hangfire's store in the exchange's own database, in a schema of its own.</summary>
internal static class JobStore
{
    public const string SchemaName = "hangfire";

    /// <summary>
    /// Whoever runs something says so five times as often. A run that was not heard of for so long is taken up by
    /// another server; together with the pauses between looks that is within a minute.
    /// </summary>
    internal static readonly TimeSpan Silence = TimeSpan.FromSeconds(25);

    /// <summary>
    /// After so long whoever holds one of Hangfire's locks is taken for dead: they are held for moments, and a server
    /// that is killed in one leaves it behind. Hangfire's own ten minutes are ten in which nothing is fired and no
    /// server starts; it has to be less than the 15 s that a start waits for one.
    /// </summary>
    private static readonly TimeSpan LockOfTheDead = TimeSpan.FromSeconds(10);

    /// <summary>How often it is looked whether something waits.</summary>
    internal static readonly TimeSpan Look = TimeSpan.FromSeconds(2);

    static JobStore()
    {
        GlobalConfiguration.Configuration.SetDataCompatibilityLevel(CompatibilityLevel.Version_180)
            .UseSimpleAssemblyNameTypeSerializer().UseRecommendedSerializerSettings();
        LogProvider.SetCurrentLogProvider(new JobStoreLog());
    }

    /// <summary>Makes the tables where they are missing; servers that start at once, one after the other.</summary>
    public static PostgreSqlStorage Open(NpgsqlDataSource database)
    {
        using (var connection = database.OpenConnection())
        {
            Do(connection, "select pg_advisory_lock(hashtextextended('exchange hangfire', 0))");
            try
            {
                PostgreSqlObjectsInstaller.Install(connection, SchemaName);
            }
            finally
            {
                Do(connection, "select pg_advisory_unlock_all()");
            }
        }

        return new(new Connections(database), new()
        {
            SchemaName = SchemaName,
            PrepareSchemaIfNecessary = false,
            QueuePollInterval = Look,
            InvisibilityTimeout = Silence,
            DistributedLockTimeout = LockOfTheDead,
            UseSlidingInvisibilityTimeout = true,
            EnableTransactionScopeEnlistment = false,
        });
    }

    private static void Do(NpgsqlConnection connection, string sql)
    {
        using var command = connection.Statement(sql, []);
        command.ExecuteNonQuery();
    }

    private sealed class Connections(NpgsqlDataSource database) : IConnectionFactory
    {
        public NpgsqlConnection GetOrCreateConnection() => database.CreateConnection();
    }
}

/// <summary>Hangfire's warnings, on the log of the server.</summary>
internal sealed class JobStoreLog : ILogProvider
{
    public ILog GetLogger(string name) => new Named(name);

    private sealed class Named(string name) : ILog
    {
        public bool Log(Hangfire.Logging.LogLevel logLevel, Func<string>? messageFunc, Exception? exception = null)
        {
            if (logLevel < Hangfire.Logging.LogLevel.Warn || messageFunc is null)
            {
                return logLevel >= Hangfire.Logging.LogLevel.Warn;
            }

            Console.Error.WriteLine($"{name}: {messageFunc()}{(exception is null ? "" : $" {exception.Message}")}");
            return true;
        }
    }
}
