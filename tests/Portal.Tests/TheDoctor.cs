using System.Text.Json;
using Exchange.Portal.Diagnosing;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>What the exchange stands on is looked at, one by one, and what fails makes the whole fail.</summary>
public class TheDoctor
{
    [Fact]
    public async Task Says_of_a_healthy_exchange_what_is_well_and_what_to_set()
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        using var data = new Scratch();

        var typed = await Typed.Line($"doctor --json --data {data.Path}", database);

        Assert.True(typed.Exit == ExitCode.Done, typed.Output + typed.Errors);
        using var said = JsonDocument.Parse(typed.Output);
        var checks = said.RootElement.GetProperty("checks").EnumerateArray().ToDictionary(
            one => one.GetProperty("check").GetString()!);
        string[] wanted =
        [
            "program", "disk", "clock", "fonts", "file modes", "service", "database", "database clock", "sources",
            "quarantine", "jobs", "mail", "sign-in",
        ];
        Assert.Equal(wanted.Order(), checks.Keys.Order());
        Assert.All((string[])["fonts", "file modes", "database", "database clock", "quarantine", "jobs"], name =>
            Assert.Equal("ok", checks[name].GetProperty("state").GetString()));
        Assert.All(checks.Values.Where(one => one.GetProperty("state").GetString() != "ok"), one =>
            Assert.NotEmpty(one.GetProperty("toDo").GetString()!));
        Assert.Equal(0, said.RootElement.GetProperty("fail").GetInt32());
    }

    [Fact]
    public async Task A_database_that_is_away_fails_and_the_others_are_looked_at_all_the_same()
    {
        using var data = new Scratch();
        var typed = await Typed.Line(
            $"doctor --data {data.Path}", "Host=127.0.0.1;Port=1;Username=nobody;Database=none;Timeout=2");
        Assert.Equal(ExitCode.Refused, typed.Exit);
        Assert.Contains("fail  database", typed.Output, StringComparison.Ordinal);
        Assert.Contains("ok    fonts", typed.Output, StringComparison.Ordinal);
        Assert.EndsWith("1 fail\n", typed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_without_a_database_is_not_given_one()
    {
        using var data = new Scratch();
        var typed = await Typed.Line($"doctor --data {data.Path}");
        Assert.Contains("warn  database", typed.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(data.Path));
    }

    [Fact]
    public async Task Data_and_secrets_that_others_may_read_fail()
    {
        using var data = new Scratch();
        var signIn = Path.Combine(data.Path, "sign-in.yaml");
        await File.WriteAllTextAsync(
            signIn, "issuer: https://127.0.0.1:1/\nclient: x\nsecret_file: secret.txt # here\n",
            TestContext.Current.CancellationToken);
        var secret = Path.Combine(data.Path, "secret.txt");
        await File.WriteAllTextAsync(secret, "hush", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(secret, (UnixFileMode)0b110_100_100);

        var typed = await Typed.Line($"doctor --data {data.Path}/none --sign-in {signIn}");

        Assert.Equal(ExitCode.Refused, typed.Exit);
        Assert.Contains($"may read or change {secret}", typed.Output, StringComparison.Ordinal);
        Assert.Contains("fail  sign-in", typed.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "Fail")]
    [InlineData((1L << 30) - 1, "Fail")]
    [InlineData(1L << 30, "Warn")]
    [InlineData((10L << 30) - 1, "Warn")]
    [InlineData(10L << 30, "Ok")]
    public void Room_is_judged_by_what_is_left(long free, string health) =>
        Assert.Equal(health, $"{MachineChecks.Room(free, "x").Health}");

    [Fact]
    public void A_clock_that_nothing_keeps_is_told() => Assert.Equal(
        (Health.Ok, Health.Warn, Health.Warn),
        (MachineChecks.Clock(true).Health, MachineChecks.Clock(false).Health, MachineChecks.Clock(null).Health));

    /// <summary>Root that opens a service's data would leave files there that the service cannot read.</summary>
    [Fact]
    public async Task Root_does_not_open_the_data_of_another_user()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can open what is another's.");
        using var data = new Scratch();
        Portal.Installing.SystemProgram.Run("chown", "nobody:", data.Path);
        foreach (var line in (string[])["doctor", "keys list", "serve"])
        {
            var typed = await Typed.Line($"{line} --data {data.Path}");
            Assert.Equal(ExitCode.Refused, typed.Exit);
            Assert.Contains("runuser -u nobody -- exchange", typed.Errors, StringComparison.Ordinal);
        }
    }
}
