using Exchange.Portal;
using Exchange.Portal.Tests;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Simulation.Tests;

/// <summary>An exchange used by its command line, which can be copied with all that is in it.</summary>
internal sealed class TypedExchange : IAsyncDisposable
{
    private readonly StoppedClock _clock;
    private readonly string _folder;
    private readonly string _database;
    private int _files;

    private TypedExchange(string database, Instant now) =>
        (_database, _folder, _clock) = (
            database, Directory.CreateTempSubdirectory("exchange-typed-").FullName, new StoppedClock(now));

    public string Database => _database;

    /// <summary>What its clock says.</summary>
    public Instant Time { get => _clock.Now; set => _clock.Now = value; }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public static async Task<TypedExchange> Start(Instant now) =>
        new(await TestDatabase.NewConnectionString(Composition.Modules), now);

    /// <summary>Another with the same history, from which on each goes its own way.</summary>
    public async Task<TypedExchange> Copy() => new(await TestDatabase.Copy(_database), _clock.Now);

    /// <summary>Runs a line as a person would type it; it must succeed.</summary>
    /// <returns>What it printed.</returns>
    public async Task<string> Type(string line, string? input = null) =>
        (await Typed.Done($"{line} --data {Path.Combine(_folder, "data")}", _database, input, _clock)).Output;

    /// <summary>Runs a line that may be refused, with the reason, and in no other way.</summary>
    /// <returns>The code of what it refused; null where it was done.</returns>
    public async Task<string?> Try(string line, string? input = null)
    {
        var typed = await Typed.Line($"{line} --data {Path.Combine(_folder, "data")}", _database, input, _clock);
        Assert.True(typed.Exit is 0 or 1, $"'{line}' ended with {typed.Exit}: {typed.Errors}{typed.Output}");
        return typed.Exit == 0 ? null : typed.Errors.Replace("error: ", "", StringComparison.Ordinal).Split(' ', 3)[0]
            .TrimEnd(':');
    }

    /// <summary>A file that a line names.</summary>
    public async Task<string> File(string text, string ending)
    {
        var path = Path.Combine(_folder, $"file-{++_files}.{ending}");
        await System.IO.File.WriteAllTextAsync(path, text, Ct);
        return path;
    }

    /// <summary>The rows of a query, each with its first column apart.</summary>
    public async Task<IReadOnlyList<(string Of, string Row)>> Rows(string sql)
    {
        await using var database = Npgsql.NpgsqlDataSource.Create(_database);
        await using var command = database.CreateCommand(sql);
        await using var rows = await command.ExecuteReaderAsync(Ct);
        var found = new List<(string, string)>();
        while (await rows.ReadAsync(Ct))
        {
            found.Add((rows.GetString(0), rows.GetString(1)));
        }

        return found;
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}
