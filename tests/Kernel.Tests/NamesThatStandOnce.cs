using System.Text;
using System.Text.Json;
using Exchange.Testing;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Exchange.Tests;

/// <summary>A name that stands twice in an object of JSON is found at any depth and however it is written.</summary>
public class NamesThatStandOnce
{
    /// <summary>The framework's own check says whether; ours says which.</summary>
    [Fact]
    public void Whatever_is_drawn_is_found_where_the_framework_finds_it() => Prop.ForAll<int>(seed =>
    {
        var json = Value(new(seed), 4);
        return (NamesInObjects.Wrong(Encoding.UTF8.GetBytes(json)) is null) == Takes(json);
    }).Check(Draws.Properties(few: 300, many: 5_000));

    [Theory]
    [InlineData("""{"a":1,"a":1}""", "'a'")]
    [InlineData("""{"a":1,"\u0061":2}""", "'a'")]
    [InlineData("""{"b":[{"c":{"a":1}},{"c":{"d":1,"a":2,"d":3}}]}""", "'b.c.d'")]
    [InlineData("""[1,[{"":1,"":2}]]""", "''")]
    [InlineData("""{"a\u0000\u0007":1,"a\u0000\u0007":2}""", "'a'")]
    public void Is_named_with_those_around_it(string json, string name)
    {
        Assert.StartsWith($"{name} is there twice", NamesInObjects.Wrong(Encoding.UTF8.GetBytes(json)), StringComparison.Ordinal);
        Assert.StartsWith(name, Assert.Throws<JsonException>(() => Text.Document(json)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"a":{"a":1},"A":{"a":2},"b":[{"a":1},{"a":1}]}""")]
    [InlineData("""{"\ud800":1,"\ud800":2}""")] // Half of a character names nothing.
    [InlineData("""{"a":1,"a":""")]
    [InlineData("")]
    public void Nothing_is_said_of_what_stands_once_or_is_no_JSON(string json) =>
        Assert.Null(NamesInObjects.Wrong(Encoding.UTF8.GetBytes(json)));

    /// <summary>Names beyond what any format has are not kept to be compared.</summary>
    [Fact]
    public void So_many_and_so_long_names_are_kept_and_no_more()
    {
        var many = new NamesInObjects();
        many.Begin();
        Assert.All(Enumerable.Range(0, NamesInObjects.MaxNames), i => Assert.Null(many.Wrong($"{i}")));
        Assert.Contains("more than 65,536 names", many.Wrong("one more"), StringComparison.Ordinal);
        many.End();
        many.Begin();
        Assert.Null(many.Wrong("1"));

        var deep = new NamesInObjects();
        for (var i = 0; i < NamesInObjects.MaxNames; i++)
        {
            deep.Begin();
            Assert.Null(deep.Wrong("a"));
        }

        deep.Begin();
        Assert.NotNull(deep.Wrong("a"));
        var length = new NamesInObjects();
        length.Begin();
        Assert.Null(length.Wrong(new('a', NamesInObjects.MaxLetters)));
        Assert.NotNull(length.Wrong("b"));
    }

    /// <summary>What is stored and what is sent is read by the same rule.</summary>
    [Fact]
    public void No_options_of_ours_take_the_last_of_two()
    {
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Dictionary<string, int>>("""{"a":1,"a":2}""", Text.Json));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Dictionary<string, int>>("""{"a":1,"a":2}""", Text.Sent));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Said>("""{"name":"a","name":"b"}""", Text.Json));
    }

    private sealed record Said(string Name);

    private static bool Takes(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new() { AllowDuplicateProperties = false });
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Value(Random random, int depth) => random.Next(depth > 0 ? 4 : 2) switch
    {
        0 => "1",
        1 => "\"a\"",
        2 => $"[{string.Join(',', Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, depth - 1)))}]",
        _ => $"{{{string.Join(',', Enumerable.Range(0, random.Next(5)).Select(_ =>
            $"\"{Names[random.Next(Names.Length)]}\":{Value(random, depth - 1)}"))}}}",
    };

    private static readonly string[] Names = ["a", "\\u0061", "b", "A", "", "ä", "\\u00e4", "a b", "\\\"", "c", "d", "e", "f", "g"];
}
