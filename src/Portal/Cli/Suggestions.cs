using System.CommandLine;
using System.CommandLine.Parsing;

namespace Exchange.Portal.Cli;

/// <summary>What somebody may have meant who typed a word that is no verb and no option.</summary>
internal static class Suggestions
{
    private const int MaxSlips = 3;

    /// <summary>' Did you mean ...?', or nothing.</summary>
    public static string For(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        var known = command.Subcommands.Select(c => c.Name)
            .Concat(Options(parsed.CommandResult).Select(option => option.Name)).ToList();
        var meant = parsed.UnmatchedTokens
            .Select(typed => known.Select(word => (Word: word, Slips: Slips(typed, word)))
                .Where(near => near.Slips <= Math.Min(MaxSlips, typed.Length / 2)).OrderBy(near => near.Slips)
                .ThenBy(near => near.Word, StringComparer.Ordinal).FirstOrDefault().Word)
            .OfType<string>().FirstOrDefault();
        return meant is null ? "" : $" Did you mean '{meant}'?";
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

    /// <summary>How many letters are put in, left out, changed or swapped to make one word of the other.</summary>
    private static int Slips(string left, string right)
    {
        var rows = new int[left.Length + 1][];
        for (var i = 0; i <= left.Length; i++)
        {
            rows[i] = new int[right.Length + 1];
            for (var j = 0; j <= right.Length; j++)
            {
                rows[i][j] = i == 0 ? j : j == 0 ? i : Math.Min(
                    Math.Min(rows[i - 1][j] + 1, rows[i][j - 1] + 1),
                    rows[i - 1][j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1));
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                {
                    rows[i][j] = Math.Min(rows[i][j], rows[i - 2][j - 2] + 1);
                }
            }
        }

        return rows[left.Length][right.Length];
    }
}
