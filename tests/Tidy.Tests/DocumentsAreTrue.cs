using System.Text.RegularExpressions;
using Xunit;

namespace Exchange.Tidy.Tests;

/// <summary>What the documents say about the code is checked against the code.</summary>
public partial class DocumentsAreTrue
{
    private static IEnumerable<string> Codes(string file, Regex pattern) =>
        pattern.Matches(Repository.Read(file)).Select(match => match.Groups["code"].Value);

    [Fact]
    public void Every_refusal_code_of_the_code_is_listed_and_every_listed_code_exists()
    {
        var used = Repository.Files("src", "*.cs").SelectMany(file => Codes(file, CodeInSource())).ToHashSet();
        var listed = Codes("docs/refusals.md", CodeInTable()).ToHashSet();

        Assert.NotEmpty(used);
        Assert.Equal([], used.Except(listed).Order());

        var source = string.Concat(Repository.Files("src", "*.cs").Select(Repository.Read));
        Assert.Equal([], listed.Where(code => !source.Contains($"\"{code}\"", StringComparison.Ordinal)).Order());
    }

    [Fact]
    public void Links_lead_somewhere()
    {
        var broken =
            from file in Repository.Files(".", "*.md")
            from match in Link().Matches(Repository.Read(file))
            let target = match.Groups["to"].Value.Split('#')[0]
            where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
            where !Repository.Exists(Path.Combine(Path.GetDirectoryName(file)!, target))
            select $"{file}: {target}";

        Assert.Equal([], broken);
    }

    /// <summary>
    /// A document that names a test as its witness names one that there is: the class, and the method or its beginning
    /// up to '…'.
    /// </summary>
    [Theory]
    [InlineData("docs/internals/threats.md", 3, 40)]
    [InlineData("docs/operating/faults.md", 2, 15)]
    [InlineData("docs/internals/money-rules.md", 3, 15)]
    public void Tests_that_a_document_names_exist(string file, int column, int fewest)
    {
        var tests = Repository.Files("tests", "*.cs").Select(Repository.Read).ToList();
        var named = Repository.Lines(file).Where(line => line.StartsWith("| ", StringComparison.Ordinal))
            .SelectMany(line => Witness().Matches(line.Split('|')[column]))
            .Select(match => (Class: match.Groups["class"].Value, Method: match.Groups["method"].Value)).Distinct().ToList();
        Assert.True(named.Count >= fewest, $"{file} names {named.Count} tests.");
        Assert.Equal([], named.Where(of => !tests.Exists(text =>
            Regex.IsMatch(text, $@"\bclass {of.Class}\b") &&
            (of.Method.Length == 0 || Regex.IsMatch(text, $@"public (async )?(Task|void) {of.Method}\w*\(")))));
    }

    /// <summary>Whoever adds a type of event says what it holds of people.</summary>
    [Fact]
    public void What_is_personal_is_said_of_every_stored_event()
    {
        var stored = Repository.Files("src", "*.cs").SelectMany(file => StoredName().Matches(Repository.Read(file)))
            .Select(match => match.Groups["name"].Value).ToHashSet();
        var said = Repository.Lines("docs/internals/personal-data.md").Select(line => EventRow().Match(line))
            .Where(match => match.Success).Select(match => match.Groups["name"].Value).ToList();

        Assert.True(stored.Count > 100, $"{stored.Count} types of events were found.");
        Assert.Equal(stored.Order(), said.Order());
    }

    [Fact]
    public void Every_decision_record_says_situation_decision_and_consequences()
    {
        foreach (var file in Repository.Files("docs/decisions", "*.md"))
        {
            var text = Repository.Read(file);
            Assert.Matches(@"\A# \d{4}: .*\n\nDate: \d{4}-\d\d-\d\d\. Status: (accepted|proposed|superseded by \[\d{4}\]).*\n", text);
            Assert.All(["## Situation", "## Decision", "## Consequences"], heading =>
                Assert.True(text.Contains(heading, StringComparison.Ordinal), $"{file} lacks '{heading}'"));
        }
    }

    [GeneratedRegex("JsonDerivedType\\(typeof\\([\\w.]+\\), \"(?<name>[a-z0-9-]+/\\d+)\"")]
    private static partial Regex StoredName();

    [GeneratedRegex(@"^\| `(?<name>[a-z0-9-]+/\d+)` \| \S")]
    private static partial Regex EventRow();

    /// <summary>A code is a text of two lower-case words with a slash, given to a refusal, a misfit or a blocker.</summary>
    [GeneratedRegex("(?:new|Refusal|RejectedReading|Blocker|Error|Refuse|Misfits?\\.\\w+|Refused)\\(\\s*(?:\"|\\$\")(?<code>[a-z]+(?:-[a-z0-9]+)*/[a-z0-9-]+)\"")]
    private static partial Regex CodeInSource();

    [GeneratedRegex("^\\| `(?<code>[a-z]+(?:-[a-z0-9]+)*/[a-z0-9-]+)`", RegexOptions.Multiline)]
    private static partial Regex CodeInTable();

    /// <summary>'Class', 'Class.Method', or 'Class.Beginning_of_a_meth…'.</summary>
    [GeneratedRegex(@"`(?<class>\w+)(?:\.(?<method>\w+)…?)?`")]
    private static partial Regex Witness();

    [GeneratedRegex(@"\]\((?<to>[^)\s]+)\)")]
    private static partial Regex Link();
}
