using System.Reflection;
using Npgsql;

namespace Exchange.Journal;

/// <summary>
/// The tables of the modules: numbered, forward-only SQL files beside the code that reads them, each run once.
/// A module's tables are in a Postgres schema of the module's name. Where all is there, the database is asked for
/// nothing but what it has, so a standby can be read.
/// </summary>
public static class Schema
{
    private const long UpgradeLock = 0x45584348; // 'EXCH': one upgrade at a time, whoever starts first.

    /// <summary>Brings the tables of these modules up to this version of the product.</summary>
    /// <exception cref="RefusedException">
    /// A newer version of the product made tables that this one cannot read, or the database cannot be written.
    /// </exception>
    public static async Task Upgrade(NpgsqlDataSource database, IEnumerable<Assembly> modules, CancellationToken ct)
    {
        var wanted = modules.Select(SchemaStep.Of).ToList();
        await using var connection = await database.OpenConnectionAsync(ct);
        if (IsThere(wanted, await Applied(connection, ct)) && !await SchemaRoles.AreLost(connection, wanted, ct))
        {
            return;
        }

        await RefuseReadOnly(connection, ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await connection.Execute($"select pg_advisory_xact_lock({UpgradeLock})", [], ct);
        await connection.Execute("""
            create schema if not exists journal;
            create table if not exists journal.schema_step (
              module     text not null,
              number     int  not null,
              name       text not null,
              applied_at timestamptz not null default now(),
              primary key (module, number)
            );
            alter table journal.schema_step add column if not exists is_additive boolean not null default false
            """, [], ct);
        var applied = await Applied(connection, ct); // Another may have been faster.
        IsThere(wanted, applied);
        if (await SchemaRoles.AreLost(connection, wanted, ct))
        {
            await SchemaRoles.Restore(connection, wanted, applied, ct);
        }

        foreach (var (module, steps) in wanted)
        {
            await Upgrade(connection, module, steps, applied.Count(step => step.Module == module), ct);
        }

        await transaction.CommitAsync(ct);
    }

    /// <returns>Whether every step was run.</returns>
    private static bool IsThere(
        List<(string Module, List<SchemaStep> Steps)> wanted,
        List<(string Module, int Number, bool IsAdditive)> applied)
    {
        foreach (var (module, steps) in wanted)
        {
            // A step that only adds leaves what older versions use as it is: they run on beside a newer one.
            var unknown = applied.Where(step =>
                step.Module == module && step.Number > steps.Count && !step.IsAdditive).ToList();
            if (unknown.Count > 0)
            {
                throw new RefusedException(new(
                    "schema/newer",
                    $"The database is at step {unknown.Max(step => step.Number)} of '{module}', this program knows " +
                    $"{steps.Count}: it was used by a newer version of the product. Install that version, or point " +
                    "--data at another directory."));
            }
        }

        return wanted.All(of => applied.Count(step => step.Module == of.Module) >= of.Steps.Count);
    }

    private static async Task RefuseReadOnly(NpgsqlConnection connection, CancellationToken ct)
    {
        await using var command = connection.Statement("select current_setting('transaction_read_only')::boolean", []);
        if (await command.ExecuteScalarAsync(ct) is true)
        {
            throw new RefusedException(new(
                "schema/read-only",
                "The database lacks tables of this version of the product and cannot be written: it is a standby, " +
                "or set to read-only. Run a command of this version against its primary first, then come back."));
        }
    }

    private static async Task Upgrade(
        NpgsqlConnection connection, string module, List<SchemaStep> steps, int applied, CancellationToken ct)
    {
        if (steps.Count > 0 && applied == 0)
        {
            await connection.Execute($"create schema if not exists {module}", [], ct);
        }

        foreach (var step in steps.Skip(applied))
        {
            await connection.Execute(step.Sql, [], ct);
            await connection.Execute(
                "insert into journal.schema_step (module, number, name, is_additive) values ($1, $2, $3, $4)",
                [module, step.Number, step.File, step.IsAdditive], ct);
        }
    }

    private static async Task<List<(string Module, int Number, bool IsAdditive)>> Applied(
        NpgsqlConnection connection, CancellationToken ct)
    {
        // Through jsonb, because older tables lack the column; and a new database lacks the table.
        const string Sql = """
            select module, number, coalesce((to_jsonb(step) ->> 'is_additive')::boolean, false)
            from journal.schema_step as step
            """;

        await using var known = connection.Statement("select to_regclass('journal.schema_step') is not null", []);
        var applied = new List<(string, int, bool)>();
        if (await known.ExecuteScalarAsync(ct) is not true)
        {
            return applied;
        }

        await using var command = connection.Statement(Sql, []);
        await using var rows = await command.ExecuteReaderAsync(ct);
        while (await rows.ReadAsync(ct))
        {
            applied.Add((rows.GetString(0), rows.GetInt32(1), rows.GetBoolean(2)));
        }

        return applied;
    }
}
