using System.Text.Json;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

public class WhatExitCodesSay
{
    [Theory]
    [InlineData("frobnicate")]
    [InlineData("keys")]
    [InlineData("keys create")]
    [InlineData("keys create --name x --landlord nerc --scope everything")]
    [InlineData("keys list --color")]
    public async Task A_line_that_cannot_be_understood_is_wrong_usage(string line)
    {
        var typed = await Typed.Line(line);
        Assert.Equal(ExitCode.WrongUsage, typed.Exit);
        Assert.StartsWith("error: usage: ", typed.Errors, StringComparison.Ordinal);
        Assert.Empty(typed.Output);
    }

    [Fact]
    public async Task A_database_that_is_away_is_the_worlds_failure()
    {
        var typed = await Typed.Line("keys list", "Host=127.0.0.1;Port=1;Username=nobody;Database=none;Timeout=2");
        Assert.Equal(ExitCode.WorldFailed, typed.Exit);
        Assert.Contains("world/database-away", typed.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_connection_string_that_is_none_is_wrong_usage()
    {
        var typed = await Typed.Line("keys list", "the big one in the cellar");
        Assert.Equal(ExitCode.WrongUsage, typed.Exit);
        Assert.Contains("--database: usage/connection-string", typed.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_json_a_refusal_is_a_document_too()
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        var typed = await Typed.Line("keys revoke k000000000000 --json", database);
        Assert.Equal(ExitCode.Refused, typed.Exit);
        using var document = JsonDocument.Parse(typed.Output);
        Assert.Equal("key/unknown", document.RootElement.GetProperty("errors")[0].GetProperty("code").GetString());
    }

    [Fact]
    public async Task Help_is_done()
    {
        var typed = await Typed.Line("keys create --help");
        Assert.Equal(ExitCode.Done, typed.Exit);
        Assert.Contains("Examples:", typed.Output, StringComparison.Ordinal);
    }
}
