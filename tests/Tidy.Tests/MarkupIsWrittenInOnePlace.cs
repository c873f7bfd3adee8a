using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Exchange.Tidy.Tests;

/// <summary>
/// Markup stands in .razor files, which encode whatever is put into it. What is left of pages that are strings is put
/// together by <c>Html.Of</c>, which encodes too, and becomes less; what is sent as HTML without either is named here.
/// </summary>
public partial class MarkupIsWrittenInOnePlace
{
    /// <summary>Who answers with a document of HTML.</summary>
    private static readonly string[] Answering =
    [
        "src/Portal/Api/FramedPanel.cs", "src/Portal/Api/GetProjects.cs", "src/Portal/Web/Layout/Layout.cs",
        "src/Portal/Web/Layout/Problem.cs", // It only looks whether a page is asked for.
    ];

    /// <summary>How many pieces of pages are still written as strings. It only shrinks.</summary>
    private const int PiecesLeft = 44;

    public static TheoryData<string> Files => [.. Repository.Files("src/Portal", "*.cs")];

    [Fact]
    public void Only_html_itself_makes_a_piece_of_a_page() =>
        Assert.Contains("private Html(string text)", Repository.Read("src/Portal/Web/Html/Html.cs"), StringComparison.Ordinal);

    [Fact]
    public void Pieces_of_pages_outside_of_components_become_fewer() => Assert.Equal(
        PiecesLeft, Repository.Files("src/Portal", "*.cs").Sum(file => Repository.Read(file).Split("Html.Of($").Length - 1));

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

    /// <summary>A text becomes markup where components are rendered, and where one says so of a piece.</summary>
    [Fact]
    public void No_component_believes_a_text() => Assert.Equal(
        ["src/Portal/Web/Components/Parts.cs: Html.Rendered(", "src/Portal/Web/Html/Html.cs: new MarkupString("],
        from file in Repository.Files("src", "*.cs").Concat(Repository.Files("src", "*.razor"))
        from door in new[] { "Html.Rendered(", "new MarkupString(", "(MarkupString)", "AddMarkupContent(" }
        where Repository.Read(file).Contains(door, StringComparison.Ordinal)
        where !(door == "AddMarkupContent(" && file.EndsWith("/Piece.cs", StringComparison.Ordinal))
        select $"{file}: {door}");

    [Fact]
    public void Documents_are_answered_by_the_frame_of_pages_and_by_panels() => Assert.Equal(
        Answering.Order(StringComparer.Ordinal),
        Repository.Files("src", "*.cs").Where(file =>
            Repository.Read(file).Contains("\"text/html", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [Theory, MemberData(nameof(Files))]
    public void Text_with_tags_stands_in_a_piece_of_a_page(string file)
    {
        var ct = TestContext.Current.CancellationToken;
        var root = CSharpSyntaxTree.ParseText(Repository.Read(file), cancellationToken: ct).GetRoot(ct);
        if (!file.StartsWith("src/Portal/Web/Html/", StringComparison.Ordinal) &&
            !file.Contains("/Bench/", StringComparison.Ordinal) && !Answering.Contains(file))
        {
            Assert.Equal([], root.DescendantNodes().Where(HasTags).Where(text => !IsPiece(text)).Select(text => $"{text}"));
        }
    }

    private static bool HasTags(SyntaxNode node) => node is InterpolatedStringTextSyntax or LiteralExpressionSyntax &&
        new[] { "<a ", "<b>", "<br>", "<div", "<form", "<input", "<li>", "<option", "<p>", "<p ", "<script", "<span", "<td", "<tr" }
            .Any(tag => node.ToString().Contains(tag, StringComparison.Ordinal));

    /// <summary>Whether it is written into a call of Html.Of, or of what writes such a text.</summary>
    private static bool IsPiece(SyntaxNode text) => text.Ancestors().OfType<InvocationExpressionSyntax>().Any(call =>
        call.Expression.ToString() is "Html.Of" or "Of");
}
