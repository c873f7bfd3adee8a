using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Exchange.Tidy.Tests;

/// <summary>
/// Markup stands in .razor files, which encode whatever is put into it; what is sent as HTML without a page is named here.
/// </summary>
public partial class MarkupIsWrittenInOnePlace
{
    /// <summary>Who answers with a document of HTML.</summary>
    private static readonly string[] Answering =
    [
        "src/Portal/Api/FramedPanel.cs", "src/Portal/Api/GetProjects.cs", "src/Portal/Web/Layout/Layout.cs",
        "src/Portal/Web/Layout/Problem.cs", // It only looks whether a page is asked for.
    ];

    public static TheoryData<string> Files => [.. Repository.Files("src/Portal", "*.cs")];

    /// <summary>
    /// Razor drops a blank in a 'text' element, or sends the element itself, and encodes once more what is encoded in an
    /// attribute with code: a blank is '@(" ")', and such an address is one text.
    /// </summary>
    [Fact]
    public void Components_write_blanks_and_addresses_as_code() => Assert.Equal([], Repository
        .Files("src/Portal", "*.razor").SelectMany(file => Mistaken().Matches(Repository.Read(file)).Select(
            found => $"{file}: {found.Value}")));

    [GeneratedRegex("""<text>\s*</text>|="[^"(]*@[^"(]*&amp;""")]
    private static partial Regex Mistaken();

    /// <summary>A text becomes markup where components were rendered to it, and nowhere else.</summary>
    [Fact]
    public void No_component_believes_a_text() => Assert.Equal(
        ["src/Portal/Web/Components/Kept.cs: AddMarkupContent("],
        from file in Repository.Files("src", "*.cs").Concat(Repository.Files("src", "*.razor"))
        from door in new[] { "MarkupString", "AddMarkupContent(" }
        where Repository.Read(file).Contains(door, StringComparison.Ordinal)
        select $"{file}: {door}");

    [Fact]
    public void Documents_are_answered_by_the_frame_of_pages_and_by_panels() => Assert.Equal(
        Answering.Order(StringComparer.Ordinal),
        Repository.Files("src", "*.cs").Where(file =>
            Repository.Read(file).Contains("\"text/html", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Files))]
    public void Tags_stand_in_components(string file)
    {
        var ct = TestContext.Current.CancellationToken;
        var root = CSharpSyntaxTree.ParseText(Repository.Read(file), cancellationToken: ct).GetRoot(ct);
        if (!file.Contains("/Bench/", StringComparison.Ordinal))
        {
            Assert.Equal([], root.DescendantNodes().Where(HasTags).Select(text => $"{text}"));
        }
    }

    private static bool HasTags(SyntaxNode node) => node is InterpolatedStringTextSyntax or LiteralExpressionSyntax &&
        new[] { "<a ", "<b>", "<br>", "<div", "<form", "<input", "<li>", "<option", "<p>", "<p ", "<script", "<span", "<td", "<tr" }
            .Any(tag => node.ToString().Contains(tag, StringComparison.Ordinal));
}
