using System.CommandLine;
using System.CommandLine.Parsing;

namespace Exchange.Portal.Cli;

/// <summary>What somebody may have meant who typed a word that is no verb and no option.</summary>
internal static class Suggestions
{
    /// <summary>' Did you mean ...?', or nothing.</summary>
    public static string For(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var known = command.Subcommands.Select(c => c.Name)
            .Concat(Options(parsed.CommandResult).Select(option => option.Name)).ToList();
        return parsed.UnmatchedTokens.Select(typed => NearWord.Sentence(typed, known))
            .FirstOrDefault(sentence => sentence.Length > 0) ?? "";
    }

    private static IEnumerable<Option> Options(SymbolResult? result)
    {
        for (var at = result; at is not null; at = at.Parent)
        {
            foreach (var option in at is CommandResult { Command: var command } ? command.Options : [])
            {
                yield return option;
            }
        }
    }
}
