using Npgsql;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>Every pool of an exchange chooses among several servers; where there is one, it is as it was.</summary>
public sealed class PoolsOfSeveralServers
{
    [Theory]
    [InlineData("Host=a,b;Database=x", "MultiHostDataSourceWrapper")]
    [InlineData("Host=a:5433,b:5434;Database=x;Target Session Attributes=read-write", "MultiHostDataSourceWrapper")]
    [InlineData("Host=a,b;Database=x;Target Session Attributes=any", "MultiHostDataSourceWrapper")]
    [InlineData("Host=a;Database=x", "PoolingDataSource")]
    public async Task Each_chooses_among_them_and_one_of_one_server_asks_nothing(string connection, string kind)
    {
        await using var pools = DatabasePools.Open(connection);
        Assert.All(
            (NpgsqlDataSource[])[pools.Work, pools.Views, pools.Jobs, pools.Probe],
            pool => Assert.Equal(kind, pool.GetType().Name));
    }
}
