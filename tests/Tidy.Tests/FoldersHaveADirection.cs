using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Xunit;

namespace Exchange.Tidy.Tests;

/// <summary>
/// Inside a module folders stand in a line, written in its README, and a folder knows only those to its left. Where all
/// of a module stands in a cycle, everything must be read to understand anything.
/// </summary>
public partial class FoldersHaveADirection
{
    /// <summary>What cannot be mended yet, a line each: 'Portal: Web -> Api'. It only shrinks.</summary>
    private static readonly HashSet<string> Backward =
        Repository.Lines("tests/Tidy.Tests/backward-folders.txt").Where(line => line.Length > 0).ToHashSet();

    public static TheoryData<string> Modules { get; } =
        [.. Repository.Files("src", "*.csproj").Select(file => Path.GetFileNameWithoutExtension(file)!)];

    [Theory, MemberData(nameof(Modules))]
    public void A_folder_knows_only_those_to_its_left(string module)
    {
        var line = Direction(module);
        var references = FolderReferences.Of(module, TestContext.Current.CancellationToken);

        Assert.Equal([], references.Folders.Except(line).Order(StringComparer.Ordinal));
        Assert.Equal([], line.Except(references.Folders).Order(StringComparer.Ordinal));

        var backward = references.All.Where(one => line.IndexOf(one.Key.To) > line.IndexOf(one.Key.From)).ToDictionary(
            one => $"{module}: {one.Key.From} -> {one.Key.To}", one => one.Value);
        Assert.Equal("", string.Join('\n',
            from one in backward
            where !Backward.Contains(one.Key)
            select $"{one.Key}: {string.Join("; ", one.Value.Order(StringComparer.Ordinal).Take(5))}"));
        Assert.Equal([], Backward.Where(one => one.StartsWith($"{module}: ", StringComparison.Ordinal))
            .Except(backward.Keys));
    }

    [Fact]
    public void A_reference_is_seen_where_no_name_says_it()
    {
        var found = FolderReferences.Between(
            [
                ("Low/Thing.cs", "namespace M; public class Thing { public Thing Next => this; }"),
                ("Low/Maker.cs", "namespace M; public static class Maker { public static Thing Make() => new(); }"),
                ("High/User.cs", "namespace M; public class User { public object Use() => Maker.Make().Next; }"),
                ("Top.cs", "namespace M; public class Top { private readonly User _user = new(); }"),
            ], "M", [], TestContext.Current.CancellationToken);

        Assert.Equal(["High", "Low", "M"], found.Folders.Order(StringComparer.Ordinal));
        Assert.Equal([("High", "Low"), ("M", "High")], found.All.Keys.OrderBy(key => key.From, StringComparer.Ordinal));
        Assert.Equal(["High/User.cs uses Maker", "High/User.cs uses Thing"],
            found.All[("High", "Low")].Order(StringComparer.Ordinal));
    }

    /// <summary>'Folders: `A ← B/C ← Module`', where the module's own name stands for the files in no folder.</summary>
    private static List<string> Direction(string module)
    {
        var written = Line().Match(Repository.Read($"src/{module}/README.md"));
        Assert.True(written.Success, $"src/{module}/README.md lacks a line 'Folders: `A ← B`', left first.");
        return [.. written.Groups["line"].Value.Split('←', StringSplitOptions.TrimEntries)];
    }

    [GeneratedRegex(@"^Folders:\s`(?<line>[^`]+)`", RegexOptions.Multiline)]
    private static partial Regex Line();
}
