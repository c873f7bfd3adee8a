using Xunit;

namespace Exchange.Tidy.Tests;

/// <summary>
/// The framework's way from a word to a value of a list takes numbers and several words at once, so there is one way of
/// our own. Where the other is still used, the word is not somebody's to choose, or was published long ago.
/// </summary>
public class WordsAreReadInOnePlace
{
    private static readonly string[] Allowed =
    [
        "src/Journal/DataSources.cs",
        "src/Rating/Policies/Policies.cs", // Readings that are stored are billed as they were.
        "src/Rating/Sheets/SheetWord.cs",
    ];

    [Fact]
    public void Of_what_somebody_sends_a_list_is_read_by_its_words_alone() => Assert.Equal(
        Allowed, Repository.Files("src", "*.cs").Where(file => new[] { "Enum.Parse", "Enum.TryParse", "StringEnumConverter" }
            .Any(way => Repository.Read(file).Contains(way, StringComparison.Ordinal))).Order(StringComparer.Ordinal));
}
