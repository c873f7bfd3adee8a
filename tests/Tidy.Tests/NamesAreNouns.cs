using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Exchange.Tidy.Tests;

/// <summary>
/// A name is the word an engineer would search for: a bound is Max… or Min…, and what several types would be called
/// alike, as the row of a table or the outcome of a command, says of what.
/// </summary>
public partial class NamesAreNouns
{
    public static TheoryData<string> Files => [.. Repository.Files("src", "*.cs")];

    [Theory, MemberData(nameof(Files))]
    public void No_bound_is_a_superlative_and_no_type_is_called_like_ten_others(string file)
    {
        var ct = TestContext.Current.CancellationToken;
        var root = CSharpSyntaxTree.ParseText(Repository.Read(file), cancellationToken: ct).GetRoot(ct);
        var names =
            from node in root.DescendantNodes()
            let name = node switch
            {
                VariableDeclaratorSyntax { Parent.Parent: FieldDeclarationSyntax } field => field.Identifier.Text,
                PropertyDeclarationSyntax property => property.Identifier.Text,
                MethodDeclarationSyntax method => method.Identifier.Text,
                BaseTypeDeclarationSyntax type => $"type {type.Identifier.Text}",
                _ => null,
            }
            where name is not null && Vague().IsMatch(name)
            where !(name == "type Row" && file == "src/Metering/Store/Row.cs") // A row of a block, written everywhere there.
            select name;
        Assert.Equal([], names);
    }

    [GeneratedRegex("^(Most|Longest)([A-Z]|$)|^(Told|Taken)$|^type (Told|Taken|Row|Outcome)$")]
    private static partial Regex Vague();
}
