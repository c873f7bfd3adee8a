using System.Text.Json;
using Exchange.Testing;
using Npgsql;
using Xunit;

namespace Exchange.Portal.Tests;

public class KeysOnTheCommandLine
{
    [Fact]
    public async Task A_key_is_shown_once_and_only_its_hash_is_kept()
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        var made = await Typed.Done("keys create --name collector --landlord nerc --scope usage --json", database);

        using var document = JsonDocument.Parse(made.Output);
        var key = document.RootElement.GetProperty("key").GetString()!;
        var id = document.RootElement.GetProperty("id").GetString()!;
        Assert.StartsWith($"exchange_{id}_", key, StringComparison.Ordinal);
        Assert.True(key.Split('_', 3)[2].Length >= 43, "A secret has 256 bits.");
        Assert.DoesNotContain(key.Split('_', 3)[2], await EverythingStored(database), StringComparison.Ordinal);
        Assert.Contains(id, (await Typed.Done("keys list", database)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_writes_belongs_to_one_landlord()
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        var typed = await Typed.Line("keys create --name all --landlord * --scope usage", database);
        Assert.Equal(ExitCode.Refused, typed.Exit);
        Assert.Contains("key/needs-landlord", typed.Errors, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, (await Typed.Line("keys create --name all --landlord * --scope read",
            database)).Exit);
    }

    [Fact]
    public async Task Revoking_twice_is_revoking_once_and_an_unknown_key_is_refused()
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        var made = await Typed.Done("keys create --name x --landlord nerc --scope read --json", database);
        var id = JsonDocument.Parse(made.Output).RootElement.GetProperty("id").GetString();

        Assert.Equal(ExitCode.Done, (await Typed.Line($"keys revoke {id}", database)).Exit);
        Assert.Equal(ExitCode.Done, (await Typed.Line($"keys revoke {id}", database)).Exit);
        Assert.Equal(ExitCode.Refused, (await Typed.Line("keys revoke k000000000000", database)).Exit);

        var row = JsonDocument.Parse((await Typed.Done("keys list --json", database)).Output).RootElement[0];
        Assert.NotEqual(JsonValueKind.Undefined, row.GetProperty("revokedAt").ValueKind);
    }

    private static async Task<string> EverythingStored(string database)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(
            "select string_agg(stream || type || body, '') from journal.event");
        return (string)(await command.ExecuteScalarAsync(TestContext.Current.CancellationToken))!;
    }
}
