using System.Data;
using Exchange.Portal.Web.Access;
using Npgsql;

namespace Exchange.Portal;

/// <summary>
/// What one viewer sees of the database: a read-only transaction as a role to which Postgres shows only the rows of
/// that viewer, whatever the query says. All figures of a page come from one such instant.
/// </summary>
internal sealed class View(NpgsqlDataSource database, Viewer? viewer) : IAsyncDisposable
{
    private NpgsqlConnection? _connection;
    private NpgsqlTransaction? _transaction;

    /// <summary>A page or route asks for the view of whoever is signed in by naming it as a parameter.</summary>
    public static ValueTask<View> BindAsync(HttpContext context)
    {
        var view = Of(context);
        context.Response.RegisterForDisposeAsync(view);

        // What is shown was read by then, and whoever reads the answer slowly holds nothing up.
        context.Response.OnStarting(() => view.DisposeAsync().AsTask());
        return ValueTask.FromResult(view);
    }

    /// <summary>The view of whoever is signed in, for what runs before a page; its caller ends it.</summary>
    public static View Of(HttpContext context) =>
        new(context.RequestServices.GetRequiredService<Composition>().Views, Viewer.Of(context.User));

    /// <summary>A command that reads through the wall.</summary>
    public async Task<NpgsqlCommand> Command(string sql, CancellationToken ct) => new(sql, await Connection(ct));

    /// <summary>The connection behind the wall, for the queries of other modules.</summary>
    public async Task<NpgsqlConnection> Connection(CancellationToken ct)
    {
        if (_transaction is null)
        {
            await Begin(ct);
        }

        return _connection!;
    }

    private async Task Begin(CancellationToken ct)
    {
        const string Sql = """
            select set_config('transaction_read_only', 'on', true), set_config('exchange.sees', $1, true),
                   set_config('exchange.landlord', $2, true), set_config('exchange.pi', $3, true),
                   set_config('exchange.payer', $4, true), set_config('exchange.institution', $5, true),
                   set_config('role', 'exchange_viewer', true)
            """;

        _connection = await database.OpenConnectionAsync(ct);
        _transaction = await _connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
        await using var command = new NpgsqlCommand(Sql, _connection, _transaction);
        foreach (var claim in (string?[])[
            viewer?.Sees, viewer?.Landlord?.Value, viewer?.Pi?.Value, viewer?.Payer,
            viewer?.Institution])
        {
            command.Parameters.Add(new() { Value = claim ?? "" });
        }

        await command.ExecuteNonQueryAsync(ct);
    }

    public async ValueTask DisposeAsync()
    {
        var (transaction, connection) = (_transaction, _connection);
        (_transaction, _connection) = (null, null);
        if (transaction is not null)
        {
            await transaction.DisposeAsync();
        }

        if (connection is not null)
        {
            await connection.DisposeAsync();
        }
    }
}
