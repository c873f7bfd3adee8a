using System.CommandLine;
using Exchange.Portal.Cli;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

public class HelpTexts
{
    public static TheoryData<string> Verbs => [.. AllVerbs(CommandLine.Root(), "")];

    [Theory, MemberData(nameof(Verbs))]
    public async Task Are_reviewed(string verb)
    {
        var typed = await Typed.Line($"{verb} --help");
        var name = verb.Length == 0 ? "exchange" : verb.Replace(' ', '-');
        Golden.Match($"help-{name}.txt", typed.Output.Replace(Environment.ProcessPath!, "exchange",
            StringComparison.Ordinal)
            .Replace("Exchange.Portal.Tests", "exchange", StringComparison.Ordinal));
    }

    [Theory, MemberData(nameof(Verbs))]
    public void End_with_lines_that_can_be_copied_and_that_parse(string verb)
    {
        var root = CommandLine.Root();
        var command = verb.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Aggregate((Command)root, (at, word) => at.Subcommands.Single(c => c.Name == word));
        if (command.Subcommands.Count > 0 && command is not RootCommand)
        {
            return;
        }

        Assert.NotEmpty(Examples.Of(command));
        Assert.All(Examples.Of(command), line => Assert.Empty(root.Parse(line["exchange ".Length..]).Errors));
    }

    private static IEnumerable<string> AllVerbs(Command command, string path)
    {
        yield return path;
        foreach (var verb in command.Subcommands.SelectMany(c => AllVerbs(c, $"{path} {c.Name}".Trim())))
        {
            yield return verb;
        }
    }
}
