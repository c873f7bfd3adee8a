using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Exchange.Tidy.Tests;

/// <summary>A method can be read at once: at most 40 lines and 6 parameters, outside of the hot paths.</summary>
public class MethodsAreShort
{
    /// <summary>Where a benchmark pays for longer ones.</summary>
    private static readonly string[] Hot =
        ["src/Metering/Events/", "src/Metering/Store/", "src/Metering/Fold/", "src/Rating/Rate/", "/Bench/"];

    public static TheoryData<string> Files { get; } = [.. Repository.Files("src", "*.cs")
        .Where(file => !Hot.Any(hot => file.Contains(hot, StringComparison.Ordinal)))];

    [Theory, MemberData(nameof(Files))]
    public void At_most_40_lines_and_6_parameters(string file) => Assert.Equal("", string.Join('\n', TooLong(file)));

    private static IEnumerable<string> TooLong(string file)
    {
        var ct = TestContext.Current.CancellationToken;
        var tree = CSharpSyntaxTree.ParseText(Repository.Read(file), cancellationToken: ct);
        return
            from method in tree.GetRoot(ct).DescendantNodes().OfType<BaseMethodDeclarationSyntax>()
            let body = (SyntaxNode?)method.Body ?? method.ExpressionBody
            where body is not null
            let span = tree.GetLineSpan(body.Span, ct)
            let lines = span.EndLinePosition.Line - span.StartLinePosition.Line + (method.Body is null ? 1 : -1)
            let parameters = method.ParameterList.Parameters.Count(p => p.Type?.ToString() != "CancellationToken")
            let name = method is MethodDeclarationSyntax named ? named.Identifier.Text : "constructor"
            where lines > 40 || parameters > 6
            select $"{name}: {lines} lines, {parameters} parameters";
    }
}
