using System.Diagnostics;
using System.Text.RegularExpressions;
using Exchange.Testing;
using NodaTime;
using NodaTime.Text;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// What the guides tell people to type works, in that order, in a world of its own each, and says what stands under it.
/// Seen to fail with another amount under a command, and with a command that is refused.
/// </summary>
public sealed partial class GuidesAreTrue
{
    private static readonly Lazy<Task<string>> Priced = new(() => TestDatabase.ForMany(Make));

    /// <param name="now">When the guide is read: what it shows depends on nothing else.</param>
    [Theory]
    [InlineData("landlords-first-service", "2026-11-05T12:00:00Z")]
    [InlineData("finances-month", "2026-11-05T12:00:00Z")]
    [InlineData("a-program", "2026-11-05T12:00:00Z")]
    [InlineData("a-pis-first-week", "2026-10-11T06:00:00Z")]
    [InlineData("a-collector", "2026-10-11T06:00:00Z")]
    [InlineData("moving-from-nercs-scripts", "2026-11-05T12:00:00Z")]
    [InlineData("running-in-production", "2026-10-11T06:00:00Z")]
    public async Task A_guide_says_what_works_and_what_comes_of_it(string guide, string now)
    {
        using var scratch = new Scratch();
        var database = await TestDatabase.Copy(await Priced.Value);
        var clock = new StoppedClock(InstantPattern.General.Parse(now).Value);
        var text = await File.ReadAllTextAsync(Product.File($"docs/guides/{guide}.md"), Serving.Ct);
        await using var serving = text.Contains("http://127.0.0.1:5080", StringComparison.Ordinal)
            ? await Serving.Start(clock, database: database) : null;
        var (said, run) = ("", 0);
        foreach (var block in Blocks().Matches(text).Select(match => match.Groups))
        {
            if (block[1].Value == "text")
            {
                Assert.All(block[2].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.Contains(
                    Plain(line), Plain(said), StringComparison.Ordinal));
                continue;
            }

            said = "";
            foreach (var command in Commands().Matches(block[2].Value).Select(match => match.Value))
            {
                said += command.StartsWith("./exchange ", StringComparison.Ordinal)
                    ? await Exchange(scratch.Path, command["./exchange ".Length..], database, clock)
                    : await Shell(scratch.Path, command.Replace(
                        "http://127.0.0.1:5080", serving?.Address.ToString().TrimEnd('/'), StringComparison.Ordinal));
                run++;
            }
        }

        Assert.True(run > 5, $"The guide {guide} shows {run} commands.");
    }

    /// <summary>A database with the prices and programs of 'pricing/', copied for each guide.</summary>
    private static async Task<string> Make()
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        await Typed.Done($"prices publish {Product.File("pricing")}", database);
        return database;
    }

    /// <summary>A line as it is typed in a directory: files that are there, or are to be made, are in it.</summary>
    private static async Task<string> Exchange(string directory, string line, string database, IClock clock)
    {
        var parts = line.Split(" > ", 2);
        var makes = false;
        var words = Words().Matches(parts[0]).Select(word =>
        {
            var path = makes || File.Exists(Path.Combine(directory, word.Value));
            makes = word.Value == "--out";
            return path ? Path.Combine(directory, word.Value) : word.Value;
        });
        var typed = await Typed.Done(string.Join(' ', words), database, clock: clock);
        if (parts.Length > 1)
        {
            await File.WriteAllTextAsync(Path.Combine(directory, parts[1].Trim()), typed.Output, Serving.Ct);
        }

        return typed.Output;
    }

    private static async Task<string> Shell(string directory, string command)
    {
        Component.Find("python3", "/usr/bin/python3");
        Component.Find("curl", "/usr/bin/curl");
        using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-ec", command])
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var errors = shell.StandardError.ReadToEndAsync(Serving.Ct);
        var said = await shell.StandardOutput.ReadToEndAsync(Serving.Ct);
        await shell.WaitForExitAsync(Serving.Ct);
        Assert.True(shell.ExitCode == 0, $"'{command}' ended with {shell.ExitCode}: {await errors}{said}");
        return said;
    }

    /// <summary>A table's columns are as wide as what is in them: how wide is not what a guide tells.</summary>
    private static string Plain(string text) => Blanks().Replace(text, " ").Trim();

    [GeneratedRegex("^```(sh|text)\n(.*?)^```", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Blocks();

    /// <summary>A line, with the file that is written below it if one is.</summary>
    [GeneratedRegex(@"^[^\n]*<<'(\w+)'\n.*?^\1$|^[^\n]+$", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Commands();

    [GeneratedRegex("\"[^\"]*\"|\\S+")]
    private static partial Regex Words();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();
}
