using System.Diagnostics;
using System.Text.RegularExpressions;
using Exchange.Testing;
using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>Text that would overflow the stack of whoever builds a tree of it is refused with its line.</summary>
public partial class HostileYaml
{
    private static readonly Dictionary<string, Action<string>> Doors = new()
    {
        ["sheet"] = text => SheetReader.Read(text, "x.yaml"),
        ["published sheet"] = text => SheetReader.ReadPublished(text, "x.yaml"),
        ["outages"] = text => Outage.Read(text, "x.yaml"),
        ["public prices"] = text => PublicPrices.Read(text, "x.yaml"),
        ["institutions"] = text => Institutions.Parse(text, "x.yaml"),
        ["kind of a pricing file"] = text => new PricingText("x.yaml", text).Kind(),
        ["list"] = text => YamlMap.ReadList(text, "x.yaml"),
        ["publication"] = text => throw new RefusedException(Publication.Check([new("x.yaml", text)]).Refusals[0]),
    };

    public static IEnumerable<TheoryDataRow<string, string, string>> Attacks =>
        from door in Doors.Keys
        from attack in new (string Text, string Code)[]
        {
            ("? &a [*a]", "yaml/alias"),
            ("a: &a [b, *a]", "yaml/alias"),
            ("a: &a\n  ? *a\n  : b", "yaml/alias"),
            ("a: &a {b: &b [*a], c: *b}", "yaml/alias"),
            ("a: *nowhere", "yaml/alias"),
            ("deep [ 100000", "yaml/too-deep"),
            ("deep [ 1000000", "yaml/too-deep"),
            ("deep {a: 1000000", "yaml/too-deep"),
            ("deep - 1000000", "yaml/too-deep"),
            ("deep ? 1000000", "yaml/too-deep"),
            ("large", "yaml/too-large"),
        }
        where !(door == "published sheet" && attack.Text == "a: *nowhere")
        select new TheoryDataRow<string, string, string>(door, attack.Text, attack.Code);

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Is_refused_at_every_door(string door, string attack, string code)
    {
        var watch = Stopwatch.StartNew();
        var refusal = Assert.Throws<RefusedException>(() => Doors[door](Written(attack))).Refusal;
        Assert.Equal(code, refusal.Code);
        Assert.Matches("^x\\.yaml:[1-9]", refusal.Where);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(60), $"It took {watch.Elapsed}.");
    }

    [Fact]
    public void Fifty_levels_are_read() => Assert.True(
        YamlMap.Read($"a: {new string('[', 49)}{new string(']', 49)}", "x.yaml").Has("a"));

    [Fact]
    public void The_line_of_an_alias_is_named() => Assert.Equal("x.yaml:3", Assert.Throws<RefusedException>(
        () => YamlMap.Read("a: 1\nb: 2\nc: &c [1]", "x.yaml")).Refusal.Where);

    /// <summary>Until 2026-11 a list that was named once could be repeated; such sheets stay readable.</summary>
    [Fact]
    public void What_was_published_with_an_alias_is_still_read()
    {
        var yaml = YamlMap.ReadPublished("a: &a [x, y]\nb: *a\nc: &c {k: v}\nd: *c", "x.yaml");
        Assert.Equal(["x", "y"], yaml.Words("b"));
        Assert.Equal("v", yaml.Map("d")!.Word("k"));
    }

    [Fact]
    public void A_second_document_is_not_dropped_in_silence() => Assert.Equal(
        "yaml/unreadable", Assert.Throws<RefusedException>(() => YamlMap.Read("a: 1\n---\nb: 2", "x.yaml")).Refusal.Code);

    [Fact]
    public void A_letter_that_is_not_UTF_8_is_refused_with_its_line()
    {
        var refusal = Assert.Throws<RefusedException>(() => YamlMap.Read("a: 1\nb: Universit\uFFFD", "x.yaml")).Refusal;
        Assert.Equal(("yaml/not-utf8", "x.yaml:2"), (refusal.Code, refusal.Where));
    }

    [Fact]
    public void No_file_of_the_source_has_another_door()
    {
        Assert.Equal(
            ["GuardedYaml.cs"],
            Directory.EnumerateFiles(Product.File("src"), "*.cs", SearchOption.AllDirectories)
                .Where(file => File.ReadAllText(file) is var text && Yaml().IsMatch(text) &&
                    (text.Contains("Load(", StringComparison.Ordinal) || text.Contains("Parser(", StringComparison.Ordinal) ||
                        text.Contains("Deserializer", StringComparison.Ordinal)))
                .Select(Path.GetFileName));
    }

    /// <summary>What an attack is, without a megabyte in the name of its test.</summary>
    private static string Written(string attack) => attack.Split(' ') switch
    {
        ["large"] => "a: " + new string('x', 5 << 20),
        ["deep", "-", var count] => Repeated("- ", count),
        ["deep", "?", var count] => Repeated("? ", count),
        ["deep", var what, var count] => "a: " + Repeated(what + " ", count),
        _ => attack,
    };

    private static string Repeated(string what, string count) => string.Concat(Enumerable.Repeat(what, int.Parse(
        count, System.Globalization.CultureInfo.InvariantCulture)));

    [GeneratedRegex("YamlDotNet|YamlStream")]
    private static partial Regex Yaml();
}
