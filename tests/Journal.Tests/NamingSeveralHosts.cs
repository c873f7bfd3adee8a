using System.Reflection;
using Npgsql;
using Xunit;

namespace Exchange.Journal.Tests;

/// <summary>
/// A string that names several servers means their primary unless it says another, for pools and for Postgres' own
/// programs; one that names one server means what it always meant.
/// </summary>
public sealed class NamingSeveralHosts
{
    [Theory]
    [InlineData("Host=a,b;Database=x", "primary", "Host Recheck Seconds=1", "TCP Keepalive=True")]
    [InlineData("Server=a:5433,b:5434;Database=x", "primary", "Host=a:5433,b:5434", "TCP Keepalive Time=5")]
    [InlineData("Host=a,b;Target Session Attributes=prefer-standby", "prefer-standby", "Host Recheck Seconds=1")]
    [InlineData("Host=a,b;Target Session Attributes=any", "any", "TCP Keepalive Interval=1")]
    [InlineData("Host=a,b;Host Recheck Seconds=0;TCP Keepalive=false", "primary", "Host Recheck Seconds=0",
        "TCP Keepalive=False")]
    public async Task A_pool_of_several_servers_is_of_the_one_that_is_meant(
        string connection, string meant, params string[] says)
    {
        await using var pool = DataSources.Open(connection);
        Assert.Equal(meant, Settings(pool).TargetSessionAttributes);
        var words = pool.ConnectionString.Split(';');
        Assert.All(says, word => Assert.Contains(word, words, StringComparer.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Sockets_of_files_are_not_kept_alive()
    {
        await using var pool = DataSources.Open("Host=/run/a,/run/b;Database=x");
        Assert.DoesNotContain("Keepalive", pool.ConnectionString, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("Host=a;Database=x;Password=p")]
    [InlineData("Host=/run/a;Username=u;Database=x")]
    public async Task A_pool_of_one_server_is_as_it_was(string connection)
    {
        await using var pool = DataSources.Open(connection, "one");
        await using var before = new NpgsqlDataSourceBuilder(connection).Build();
        Assert.Equal((before.GetType(), before.ConnectionString), (pool.GetType(), pool.ConnectionString));
    }

    [Theory]
    [InlineData("Host=a", "a", "5432", null)]
    [InlineData("Host=a:5433", "a", "5433", null)]
    [InlineData("Host=::1;Port=5434", "::1", "5434", null)]
    [InlineData("Host=/run/a;Port=5434", "/run/a", "5434", null)]
    [InlineData("Host=a:5433, b;Port=5434", "a,b", "5433,5434", "read-write")]
    [InlineData("Host=[::1]:5433,[::2]", "::1,::2", "5433,5432", "read-write")]
    public void Programs_of_Postgres_get_all_hosts_with_their_ports(
        string connection, string hosts, string ports, string? meant)
    {
        var reach = DatabaseDump.Reach(new(connection + ";Username=u;Password=p"));
        Assert.Equal((hosts, ports, meant, "u", "p"), (
            reach["PGHOST"], reach["PGPORT"], reach.GetValueOrDefault("PGTARGETSESSIONATTRS"), reach["PGUSER"],
            reach["PGPASSWORD"]));
    }

    /// <summary>The driver does not tell which one a pool takes.</summary>
    private static NpgsqlConnectionStringBuilder Settings(NpgsqlDataSource pool) =>
        (NpgsqlConnectionStringBuilder)typeof(NpgsqlDataSource)
            .GetProperty("Settings", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(pool)!;
}
