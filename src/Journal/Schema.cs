using System.Reflection;
using Npgsql;

namespace Exchange.Journal;

/// <summary>
/// The tables of the modules: numbered, forward-only SQL files beside the code that reads them, each run once.
/// A module's tables are in a Postgres schema of the module's name.
/// </summary>
public static class Schema
{
    private const long UpgradeLock = 0x45584348; // 'EXCH': one upgrade at a time, whoever starts first.

    /// <summary>Brings the tables of these modules up to this version of the product.</summary>
    /// <exception cref="RefusedException">The tables were made by a newer version of the product.</exception>
    public static async Task Upgrade(NpgsqlDataSource database, IEnumerable<Assembly> modules, CancellationToken ct)
    {
        await using var connection = await database.OpenConnectionAsync(ct);
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
            )
            """, [], ct);

        foreach (var module in modules)
        {
            await Upgrade(connection, module, ct);
        }

        await transaction.CommitAsync(ct);
    }

    private static async Task Upgrade(NpgsqlConnection connection, Assembly module, CancellationToken ct)
    {
        var prefix = $"{module.GetName().Name}.Sql.";
        var name = module.GetName().Name!.Split('.')[^1].ToLowerInvariant();
        var steps = module.GetManifestResourceNames()
            .Where(resource => resource.StartsWith(prefix, StringComparison.Ordinal))
            .Select(resource => (Resource: resource, File: resource[prefix.Length..]))
            .Where(step => step.File.Length > 4 && int.TryParse(step.File.AsSpan(0, 4), out _))
            .OrderBy(step => step.File, StringComparer.Ordinal)
            .ToList();

        var applied = await Applied(connection, name, ct);
        if (applied > steps.Count)
        {
            throw new RefusedException(new(
                "schema/newer",
                $"The database is at step {applied} of '{name}', this program knows {steps.Count}: it was used " +
                "by a newer version of the product. Install that version, or point --data at another directory."));
        }

        if (steps.Count > 0 && applied == 0)
        {
            await connection.Execute($"create schema if not exists {name}", [], ct);
        }

        for (var i = applied; i < steps.Count; i++)
        {
            using var reader = new StreamReader(module.GetManifestResourceStream(steps[i].Resource)!);
            await connection.Execute(await reader.ReadToEndAsync(ct), [], ct);
            await connection.Execute(
                "insert into journal.schema_step (module, number, name) values ($1, $2, $3)",
                [name, i + 1, steps[i].File], ct);
        }
    }

    private static async Task<int> Applied(NpgsqlConnection connection, string module, CancellationToken ct)
    {
        await using var command = connection.Statement(
            "select coalesce(max(number), 0) from journal.schema_step where module = $1", [module]);
        return (int)(await command.ExecuteScalarAsync(ct))!;
    }
}
