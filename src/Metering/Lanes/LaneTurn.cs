using Exchange.Journal;
using Npgsql;

namespace Exchange.Metering;

/// <summary>The turn of whoever moves something between lanes: one at a time, whoever asks from wherever.</summary>
internal sealed class LaneTurn : IAsyncDisposable
{
    private const string Lock = "hashtext('metering.lanes')";
    private readonly NpgsqlConnection _connection;

    private LaneTurn(NpgsqlConnection connection) => _connection = connection;

    public static string Stream => LaneBook.Fold.StreamOf(LaneBook.Id);

    /// <exception cref="RefusedException">Another has it, or this server knows no databases of lanes.</exception>
    public static async Task<LaneTurn> Take(LaneSet lanes, CancellationToken ct)
    {
        if (!lanes.IsOn)
        {
            throw new RefusedException(new(
                "lanes/no-databases",
                "There is no databases.yaml that names databases of lanes. docs/operating/lanes.md says how to write " +
                "it."));
        }

        var connection = await lanes.Home.Database.OpenConnectionAsync(ct);
        var isMine = false;
        try
        {
            // Nobody stops between the lock and knowing that it is had: it would stay on a connection of the pool.
            await using var command = connection.Statement($"select pg_try_advisory_lock({Lock})", []);
            isMine = await command.ExecuteScalarAsync(CancellationToken.None) is true;
        }
        finally
        {
            await (isMine ? ValueTask.CompletedTask : connection.DisposeAsync());
        }

        return isMine
            ? new(connection)
            : throw new RefusedException(new("lanes/other-move", "Something is being moved just now. Let it end."));
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _connection.Execute($"select pg_advisory_unlock({Lock})", [], CancellationToken.None);
        }
        finally
        {
            await _connection.DisposeAsync();
        }
    }
}
