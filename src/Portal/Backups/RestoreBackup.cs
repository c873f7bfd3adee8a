using System.Text.RegularExpressions;
using Exchange.Journal;
using NodaTime;
using Npgsql;

namespace Exchange.Portal.Backups;

/// <summary>Puts a backup where no exchange is: all of it is looked at first, and what comes out is verified.</summary>
internal static partial class RestoreBackup
{
    /// <param name="Wrong">What verify says of the restored exchange; nothing where all is as it was written.</param>
    public sealed record BackupRestored(
        BackupContents Contents, long Events, int Invoices, IReadOnlyList<string> Wrong);

    /// <exception cref="RefusedException">The backup is not whole, or there is an exchange already.</exception>
    public static async Task<BackupRestored> Run(
        string file, BackupKey key, DataLocation place, IClock clock, Action<string> step, CancellationToken ct)
    {
        step("Reading the backup …");
        var contents = await BackupFile.Check(file, key, ct);
        var connection = place.Database ?? (await EmbeddedPostgres.Open(place.Data, ct)).ConnectionString;
        await using (var database = DataSources.Open(connection))
        {
            await RefuseExisting(database, place, ct);
            await MakeRoles(database, contents, ct);
        }

        step("Restoring the database …");
        await using (var dump = BackupFile.Dump(file, key))
        {
            await DatabaseDump.Read(connection, dump, ct);
        }

        await new HeadFiles(place.Data, place.Database).Put(contents.Heads, ct);
        await using var exchange = await Composition.Open(place with { Bare = true }, clock, ct);
        var (events, invoices, wrong) = await Operating.Verify(exchange, step, ct);
        var lost = await HeadFiles.Compare([(file, contents.Head)], exchange.Database, ct);
        var by = EventHeaders.Current?.Who ?? "restore";
        await exchange.Audit.Note(by, "restore", Path.GetFileName(file), "done", "local", ct);
        return new(contents, events, invoices, [.. wrong, .. lost]);
    }

    private static async Task RefuseExisting(NpgsqlDataSource database, DataLocation place, CancellationToken ct)
    {
        await using var command = database.Statement("select to_regclass('journal.schema_step') is not null", []);
        if (await command.ExecuteScalarAsync(ct) is true)
        {
            throw new RefusedException(new(
                "backup/not-empty",
                "There is an exchange already, and none is ever restored over another. Name a fresh directory with " +
                "--data, or an empty database with --database.", place.Database is null ? place.Data : null));
        }
    }

    /// <summary>Only what this product calls a role: whoever wrote the backup says the names.</summary>
    private static async Task MakeRoles(NpgsqlDataSource database, BackupContents contents, CancellationToken ct)
    {
        foreach (var role in contents.Roles.Where(role => RoleName().IsMatch(role)))
        {
            await database.Execute($"""
                do $$
                begin
                  create role {role} nologin;
                exception when duplicate_object or unique_violation then null;
                end $$
                """, [], ct);
        }
    }

    [GeneratedRegex("^exchange_[a-z_]+$")]
    private static partial Regex RoleName();
}
