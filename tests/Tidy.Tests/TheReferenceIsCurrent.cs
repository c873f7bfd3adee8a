using System.Text;
using System.Text.RegularExpressions;
using Xunit;

namespace Exchange.Tidy.Tests;

/// <summary>What is written for reference is what the program says of itself. UPDATE_GOLDEN=1 writes it again.</summary>
public partial class TheReferenceIsCurrent
{
    private const string CommandLine = "docs/reference/command-line.md";
    private const string Goldens = "tests/Portal.Tests/Golden";
    private const string Configuration = "docs/operating/configuration.md";

    [Fact]
    public void Of_the_command_line()
    {
        var written = WriteCommandLine();
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Repository.Full(CommandLine))!);
            File.WriteAllText(Repository.Full(CommandLine), written);
        }

        Assert.Contains("## exchange invoices void", written, StringComparison.Ordinal);
        Assert.Equal(Repository.Read(CommandLine), written);
    }

    [Fact]
    public void Of_each_variable_of_the_environment()
    {
        var used = Repository.Files("src", "*.cs").Concat(["exchange"])
            .SelectMany(file => Variable().Matches(Repository.Read(file))).Select(match => match.Value).Distinct().Order();
        Assert.Equal(used, Rows("variable").Order());
    }

    [Fact]
    public void Of_each_option_of_the_server_and_of_every_command()
    {
        var common = Options("help-exchange.txt");
        Assert.Equal(common.Order(), Rows("option").Order());
        Assert.Equal(Options("help-serve.txt").Except(common).Order(), Rows("option of `exchange serve`").Order());
    }

    /// <summary>The help of each command, as the tests of the program keep it.</summary>
    private static string WriteCommandLine()
    {
        var text = new StringBuilder("""
            # The command line

            What `exchange COMMAND --help` says of each command. Written by a test (`UPDATE_GOLDEN=1`), never by hand.


            """);
        foreach (var file in Repository.Files(Goldens, "help-*.txt")
            .OrderBy(file => file.EndsWith("/help-exchange.txt", StringComparison.Ordinal) ? 0 : 1)
            .ThenBy(file => file, StringComparer.Ordinal))
        {
            var help = Repository.Read(file).Replace("\r\n", "\n", StringComparison.Ordinal);
            text.Append("## ").Append(Usage().Match(help).Groups["name"].Value.Trim())
                .Append("\n\n```text\n").Append(help.Trim()).Append("\n```\n\n");
        }

        return text.ToString().TrimEnd() + "\n";
    }

    private static List<string> Options(string help) => [.. Option().Matches(Repository.Read($"{Goldens}/{help}"))
        .Select(match => match.Groups["name"].Value).Where(name => name is not "--help" and not "--version")];

    /// <summary>The first cells of the table whose heading begins with this word.</summary>
    private static List<string> Rows(string heading)
    {
        var lines = Repository.Lines(Configuration);
        var table = lines.SkipWhile(line => !line.StartsWith($"| {heading} |", StringComparison.Ordinal)).Skip(2)
            .TakeWhile(line => line.StartsWith('|'));
        return [.. table.Select(line => line.Split('|')[1].Trim().Trim('`'))];
    }

    [GeneratedRegex("\\bEXCHANGE_[A-Z_]+\\b")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^  (?:-\S+, )*(?<name>--[a-z-]+)", RegexOptions.Multiline)]
    private static partial Regex Option();

    [GeneratedRegex(@"Usage:\n  (?<name>[a-z -]+?)(?= \[| <| [A-Z]|\n)")]
    private static partial Regex Usage();
}
