using System.Globalization;
using System.Text.Json;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>Lanes as an operator makes them: settings that only their owner reads, then by name.</summary>
public sealed class LanesOnTheCommandLine : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("lanes-cli-").FullName;

    [Fact]
    public async Task Landlords_of_one_file_are_taken_where_each_lives_and_what_all_used_is_told()
    {
        var (database, lane) = (await TestDatabase.NewConnectionString(Composition.Modules),
            await TestDatabase.NewConnectionString(typeof(Meter).Assembly));
        var settings = Path.Combine(_folder, "databases.yaml");
        await File.WriteAllTextAsync(
            settings, $"databases:\n  - {{name: west-db, connection: \"{lane}\"}}\n", Serving.Ct);
        File.SetUnixFileMode(settings, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        Assert.Contains("lanes/no-databases", (await Run("lanes add west --in west-db", database)).Errors,
            StringComparison.Ordinal);
        Assert.Contains("lanes/open-to-others", (await Run("lanes list", database, _folder)).Errors,
            StringComparison.Ordinal);
        File.SetUnixFileMode(settings, UnixFileMode.UserRead | UnixFileMode.UserWrite);

        await Done("lanes add west --in west-db", database);
        Assert.Contains("lanes/unknown-database", (await Run("lanes add east --in east-db", database, _folder)).Errors,
            StringComparison.Ordinal);
        var file = Path.Combine(_folder, "usage.json");
        await File.WriteAllTextAsync(file, string.Join('\n', Enumerable.Range(0, 6).Select(Event)), Serving.Ct);
        await Done($"ingest {file}", database);
        Assert.Equal(["bu", "nerc"], await Landlords(database, 0));
        await Begin(database, new LaneEvent.LandlordMoving(
            new("bu"), 0, 1, "test", Instant.FromUtc(2026, 10, 20, 0, 0))); // And the server died: it is given again.
        Assert.Contains("bu to west", await Done("lanes list", database), StringComparison.Ordinal);
        Assert.Equal(
            "bu moved from home to west: 3 readings.", (await Done("lanes move bu --to west", database)).Trim());
        await File.AppendAllTextAsync(file, "\n" + string.Join('\n', Enumerable.Range(6, 4).Select(Event)), Serving.Ct);
        Assert.Contains("4 accepted, 6 duplicate", await Done($"ingest {file}", database), StringComparison.Ordinal);
        Assert.Equal(["nerc"], await Landlords(database, 0));
        Assert.Equal(["bu"], await Landlords(database, 1));

        await Done("lanes spread", database);
        Assert.Equal(["bu", "nerc"], await Landlords(database, 1));
        await File.WriteAllTextAsync(
            file, Event(8).Replace("\"bu\"", "\"west\"", StringComparison.Ordinal), Serving.Ct);
        await Done($"ingest {file}", database);
        Assert.Contains("lanes/ambiguous", (await Run("lanes move west --to west", database, _folder)).Errors,
            StringComparison.Ordinal);
        Assert.Contains("lanes/unknown-database", (await Run("lanes move west --lane --to x", database, _folder)).Errors,
            StringComparison.Ordinal);
        Assert.Equal("west moved from home to west: 1 readings.",
            (await Done("lanes move west --landlord --to west", database)).Trim());
        Assert.Contains("as written", await Done("verify", database), StringComparison.OrdinalIgnoreCase);
        Assert.Contains(
            "lanes/elsewhere", (await Run("rate --month 2026-10", database)).Errors, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Event(int i) => JsonSerializer.Serialize(new
    {
        specversion = "1.0",
        id = $"{i}",
        source = "urn:test",
        subject = "vm-1",
        type = "exchange.usage.interval.v1",
        time = At(i + 1),
        data = new
        {
            landlord = i % 2 == 0 ? "bu" : "nerc",
            cluster = "stack",
            project = "p",
            kind = "vm",
            state = "running",
            from = At(i),
            to = At(i + 1),
            shape = new { vcpu = "4" },
        },
    });

    private static string At(int hour) => string.Create(CultureInfo.InvariantCulture, $"2026-10-01T{hour:00}:00:00Z");

    private static async Task Begin(string database, LaneEvent moving)
    {
        await using var ledger = DataSources.Open(database);
        await new PostgresJournal(ledger, SystemClock.Instance).Append(
            [StreamAppend.Of("lanes-all", 1, [moving])], Serving.Ct);
    }

    private async Task<string[]> Landlords(string database, int lane)
    {
        using var listed = JsonDocument.Parse(await Done("lanes list --json", database));
        return [.. listed.RootElement[lane].GetProperty("landlords").EnumerateArray().Select(one => one.GetString()!)];
    }

    private async Task<string> Done(string line, string database)
    {
        var typed = await Run(line, database, _folder);
        Assert.True(typed.Exit == 0, $"'{line}' ended with {typed.Exit}: {typed.Errors}{typed.Output}");
        return typed.Output;
    }

    private static Task<Typed> Run(string line, string database, string? data = null) => Typed.Line(
        data is null ? line : $"{line} --data {data}", database, clock: new StoppedClock(
            Instant.FromUtc(2026, 10, 20, 0, 0)));
}
