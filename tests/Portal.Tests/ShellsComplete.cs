using System.Diagnostics;
using Exchange.Portal.Cli;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>A shell completes what the program says fits; every verb is under a heading of the help.</summary>
public class ShellsComplete
{
    [Theory]
    [InlineData("exchange inv", "invoices")]
    [InlineData("exchange invoices ref", "refund")]
    [InlineData("exchange rate --mo", "--month")]
    [InlineData("exchange sign-in-link --as oper", "operator")]
    public async Task In_bash(string typed, string completed)
    {
        using var scratch = new Scratch();
        var program = Path.Combine(AppContext.BaseDirectory, "exchange");
        Assert.True(File.Exists(program), program);
        var script = Path.Combine(scratch.Path, "completion.bash");
        await File.WriteAllTextAsync(
            script, (await Typed.Line("completion bash")).Output, TestContext.Current.CancellationToken);
        var start = new ProcessStartInfo("bash") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add(
            "source \"$1\"; PATH=\"$2:$PATH\"; COMP_LINE=$3; COMP_POINT=${#COMP_LINE}; COMP_WORDS=($COMP_LINE); " +
            "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _exchange; printf '%s\\n' \"${COMPREPLY[@]}\"");
        foreach (var word in (string[])["bash", script, AppContext.BaseDirectory, typed])
        {
            start.ArgumentList.Add(word);
        }

        using var bash = Process.Start(start)!;
        var said = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        Assert.True(
            said.Split('\n').Contains(completed),
            said + await bash.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Every_verb_stands_under_one_heading()
    {
        var root = CommandLine.Root();
        var groups = VerbGroups.Of(root);
        Assert.Equal(
            root.Subcommands.Select(verb => verb.Name).Order(),
            groups.SelectMany(group => group.Verbs).Select(verb => verb.Name).Order());
        Assert.DoesNotContain(groups, group => group.Title == "More"); // Where nobody said what a verb is for.
    }
}
