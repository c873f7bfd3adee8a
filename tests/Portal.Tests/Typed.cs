using Exchange.Portal.Cli;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>Runs a line of the command line as a person would type it, and keeps what it printed.</summary>
internal sealed record Typed(int Exit, string Output, string Errors)
{
    public static async Task<Typed> Line(string line, string? database = null, string? input = null,
        IClock? clock = null)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var terminal = new Terminal(
            output, errors, () => new MemoryStream(System.Text.Encoding.UTF8.GetBytes(input ?? "")), interactive: false,
            clock ?? SystemClock.Instance);
        List<string> words = [.. System.CommandLine.Parsing.CommandLineParser.SplitCommandLine(line)];
        if (database is not null)
        {
            words.AddRange(["--database", database]);
        }

        var exit = await CommandLine.Run(words, terminal, TestContext.Current.CancellationToken);
        return new(exit, output.ToString(), errors.ToString());
    }

    /// <summary>The same, and it must succeed.</summary>
    public static async Task<Typed> Done(string line, string database, string? input = null, IClock? clock = null)
    {
        var typed = await Line(line, database, input, clock);
        Assert.True(typed.Exit == ExitCode.Done, $"'{line}' ended with {typed.Exit}: {typed.Errors}{typed.Output}");
        return typed;
    }
}
