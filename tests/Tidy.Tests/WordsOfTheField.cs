using System.Text.RegularExpressions;
using Xunit;

namespace Exchange.Tidy.Tests;

/// <summary>What users read is in the words of clouds and billing, one word for one thing; docs/glossary.md has them.</summary>
public partial class WordsOfTheField
{
    /// <summary>Phrases that were shown once, each with what is said instead.</summary>
    private static readonly (string Phrase, string Instead)[] Banned =
    [
        ("take along", "Download"), (">Sold", "Revenue"), ("Sold by", "Provider"), ("same as a table", "View as table"),
        ("Point at the chart", "a tooltip"), ("with the least and the most", "Forecast (low to high)"),
        ("At the end of the month\"", "Forecast"), ("\"So far\"", "Month to date"), ("You owe", "Amount due"),
        ("\"Together\"", "Total"), ("\"In all\"", "Total"), ("What funds pay", "Credits & subsidies"),
        ("Pays so far", "Applied"), ("\"Can pay\"", "Limit"), ("\"Left\"", "Remaining"), ("What costs most", "Top resources"),
        ("Every resource by", "All resources"), ("Have none", "Remove budget"), (">Set it<", "Save"),
        (">Make it<", "Create key"), (">Note it<", "Record payment"), (">Do it", "Apply"), ("Not paid yet", "Accounts receivable"),
        ("Ageing\"", "Aging report"), ("Who owes it", "Aging report"), ("What landlords would get", "Provider payouts"),
        ("Bear a part of it", "Issue credit note"), ("Take it back", "Void invoice"), ("Note that it went back", "Record refund"),
        ("\"Because\"", "Reason"), ("\"Worked\"", "Uptime"), ("Hours out", "Downtime"), ("Write one like it", "Duplicate"),
        ("Check and try out", "Validate and preview"), ("Tell all again", "Redeliver"), ("What was told", "Deliveries"),
        ("\"Opens\"", "Scope"), ("\"Fate\"", "Status"), ("\"Of it\"", "% of list"), ("The list again", "Back to …"),
        ("Or something else", "the name of the act"), ("worthless", "Revokes an API key"), ("nothing any more", "Deletes"),
        ("organis", "organiz"), ("favour", "favor"), ("cancelled", "canceled"), ("colour", "color"), ("behaviour", "behavior"),
    ];

    [Fact]
    public void Shown_texts_hold_none_of_the_phrases_that_were_replaced()
    {
        var found =
            from file in Shown()
            from line in Repository.Lines(file).Select((text, at) => (Text: text, At: at + 1))
            where !Comment().IsMatch(line.Text)
            from banned in Banned
            where line.Text.Contains(banned.Phrase, StringComparison.Ordinal)
            select $"{file}:{line.At}: '{banned.Phrase}': say '{banned.Instead}'.";
        Assert.Equal("", string.Join("\n", found));
    }

    [Fact]
    public void A_button_names_its_act_and_a_heading_asks_nothing()
    {
        var found =
            from file in Repository.Files("src/Portal", "*.razor")
            from match in Named().Matches(Repository.Read(file))
            let text = match.Groups["text"].Value.Trim()
            where text.Contains('?', StringComparison.Ordinal) || Vague().IsMatch(text) ||
                (match.Groups["of"].Value != "button" && Question().IsMatch(text))
            select $"{file}: '{text}' of <{match.Groups["of"].Value}>: name the act, and what it is done to.";
        Assert.Equal("", string.Join("\n", found));
    }

    [Fact]
    public void The_glossary_is_sorted_and_has_each_thing_that_the_command_line_is_about()
    {
        var words = Word().Matches(Repository.Read("docs/glossary.md")).Select(m => m.Groups["word"].Value)
            .Where(word => word != "word").ToList();
        Assert.Equal(words.OrderBy(word => word, StringComparer.OrdinalIgnoreCase), words);
        Assert.Equal(words.Distinct(), words);

        var things = Noun().Matches(Repository.Read("tests/Portal.Tests/Golden/help-exchange.txt"))
            .Select(match => match.Groups["noun"].Value).Where(noun => noun != "price").ToList();
        Assert.True(things.Count > 10, "The help lists fewer things than the product has.");
        string[] kept = ["landlord", "PI", "price sheet", "SU", "quarantine", "settlement", "segment", "reading"];
        Assert.Equal([], things.Concat(kept).Except(words));
    }

    /// <summary>Everything whose literals reach a user: pages, help, API, mail and documents.</summary>
    private static IEnumerable<string> Shown() => Repository.Files("src/Portal", "*.cs")
        .Concat(Repository.Files("src/Portal", "*.razor"))
        .Concat(Repository.Files("src/Portal/Assets", "*.js")).Concat(Repository.Files("src/Invoicing/Documents", "*.cs"))
        .Concat(Repository.Files("src/Invoicing/Reading", "*.cs"))
        .Where(file => !file.Contains("/Bench/", StringComparison.Ordinal));

    [GeneratedRegex(@"^\s*(//|\*)")]
    private static partial Regex Comment();

    /// <summary>Texts of buttons and headings, up to what C# puts into them.</summary>
    [GeneratedRegex("<(?<of>button|h[1-3])[^>]*>(?<text>[^<@]+)")]
    private static partial Regex Named();

    [GeneratedRegex(@"\b(it|so|this|them)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Vague();

    [GeneratedRegex("^(what|who|whom|whose|why|how|when|where|or) ", RegexOptions.IgnoreCase)]
    private static partial Regex Question();

    [GeneratedRegex(@"^\| (?<word>[^|]+?) \|", RegexOptions.Multiline)]
    private static partial Regex Word();

    /// <summary>A command named by several of a thing: 'invoices'.</summary>
    [GeneratedRegex(@"^  (?:programmes, )?(?<noun>[a-z]+)s  ", RegexOptions.Multiline)]
    private static partial Regex Noun();
}
