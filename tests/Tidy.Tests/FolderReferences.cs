using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace Exchange.Tidy.Tests;

/// <summary>Which folder of a module uses which types of which other: every name in the source, as the compiler reads it.</summary>
internal sealed class FolderReferences
{
    private const string Usings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;" +
        "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    /// <summary>What Microsoft.NET.Sdk.Web adds.</summary>
    private const string UsingsOfWeb =
        "global using Microsoft.AspNetCore.Builder; global using Microsoft.AspNetCore.Hosting;" +
        "global using Microsoft.AspNetCore.Http; global using Microsoft.AspNetCore.Routing;" +
        "global using Microsoft.Extensions.Configuration; global using Microsoft.Extensions.DependencyInjection;" +
        "global using Microsoft.Extensions.Hosting; global using Microsoft.Extensions.Logging;" +
        "global using System.Net.Http.Json;";

    private FolderReferences(IEnumerable<string> folders) => Folders = [.. folders];

    /// <summary>The folders with source; the module's own name is that of its files in no folder.</summary>
    public HashSet<string> Folders { get; }

    /// <summary>For each pair of folders who uses what: 'Rate/Rater.cs uses Exact'.</summary>
    public Dictionary<(string From, string To), HashSet<string>> All { get; } = [];

    public static FolderReferences Of(string module, CancellationToken ct)
    {
        var sources = Repository.Files($"src/{module}", "*.cs")
            .Select(file => (Path.GetRelativePath($"src/{module}", file), Repository.Read(file))).ToList();
        var isWeb = Repository.Read($"src/{module}/{module}.csproj").Contains("Sdk.Web", StringComparison.Ordinal);
        return Between([.. sources, ("", Usings + (isWeb ? UsingsOfWeb : ""))], module, References(module), ct);
    }

    /// <summary>The same of sources by their paths in the module; one without a path stands in no folder.</summary>
    public static FolderReferences Between(
        IReadOnlyList<(string Path, string Text)> sources, string module, IEnumerable<MetadataReference> references,
        CancellationToken ct)
    {
        var compilation = CSharpCompilation.Create(
            "Exchange.Source",
            sources.Select(one => CSharpSyntaxTree.ParseText(
                one.Text, new(LanguageVersion.Preview), one.Path, cancellationToken: ct)),
            [MetadataReference.CreateFromFile(typeof(object).Assembly.Location), .. references],
            new(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true));

        // A name that the compiler cannot find would be a reference that nobody sees.
        Assert.Equal([], compilation.GetDeclarationDiagnostics(ct)
            .Where(one => one.Severity == DiagnosticSeverity.Error && one.Id is not "CS8795").Select(one => $"{one}").Take(5));

        var trees = compilation.SyntaxTrees.Where(tree => tree.FilePath.Length > 0).ToList();
        var found = new FolderReferences(trees.Select(tree => Folder(tree.FilePath, module)));
        Parallel.ForEach(trees, new() { CancellationToken = ct }, tree =>
        {
            var used = Used(compilation, tree, ct);
            lock (found.All)
            {
                foreach (var (path, name) in used)
                {
                    found.Add(tree.FilePath, path, name, module);
                }
            }
        });
        return found;
    }

    private void Add(string from, string to, string name, string module)
    {
        var pair = (Folder(from, module), Folder(to, module));
        if (pair.Item1 == pair.Item2)
        {
            return;
        }

        if (!All.TryGetValue(pair, out var all))
        {
            All[pair] = all = [];
        }

        all.Add($"{from} uses {name}");
    }

    private static string Folder(string path, string module) =>
        Path.GetDirectoryName(path) is { Length: > 0 } folder ? folder : module;

    /// <summary>The types that a file uses, also through members of what it never names, and where each is written.</summary>
    private static HashSet<(string Path, string Name)> Used(
        CSharpCompilation compilation, SyntaxTree tree, CancellationToken ct)
    {
        var model = compilation.GetSemanticModel(tree);
        return
        [
            .. from node in tree.GetRoot(ct).DescendantNodes()
               where node is SimpleNameSyntax or ImplicitObjectCreationExpressionSyntax
               let info = model.GetSymbolInfo(node, ct)
               from symbol in info.Symbol is { } one ? [one] : info.CandidateSymbols
               where symbol is not (ILocalSymbol or IParameterSymbol or ITypeParameterSymbol)
               let type = symbol as INamedTypeSymbol ?? symbol.ContainingType
               where type is not null && SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, compilation.Assembly)
               let declared = symbol.OriginalDefinition.DeclaringSyntaxReferences.FirstOrDefault()
                   ?? type.OriginalDefinition.DeclaringSyntaxReferences.FirstOrDefault()
               where declared is not null && declared.SyntaxTree.FilePath.Length > 0
               select (declared.SyntaxTree.FilePath, type.Name),
        ];
    }

    /// <summary>All that this program may load, without the module itself.</summary>
    private static IEnumerable<PortableExecutableReference> References(string module) =>
        ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => !string.Equals(
                Path.GetFileName(path), module == "Portal" ? "exchange.dll" : $"Exchange.{module}.dll", StringComparison.Ordinal))
            .Where(path => Path.GetFileName(path) != "System.Private.CoreLib.dll")
            .Select(path => MetadataReference.CreateFromFile(path));
}
