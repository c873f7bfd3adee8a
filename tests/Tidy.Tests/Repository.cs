using System.Runtime.CompilerServices;

namespace Exchange.Tidy.Tests;

/// <summary>The files of the repository, by paths relative to its root.</summary>
internal static class Repository
{
    private static readonly string Root = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../.."));

    public static IReadOnlyList<string> Files(string under, string pattern) => [.. Directory
        .EnumerateFiles(Path.Combine(Root, under), pattern, SearchOption.AllDirectories)
        .Select(path => Path.GetRelativePath(Root, path))
        .Where(path => !path.Split('/').Any(part => part is "artifacts" or "node_modules" or ".git" or ".exchange" or "obj"))
        .Order(StringComparer.Ordinal)];

    public static string Full(string path) => Path.Combine(Root, path);

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    public static IReadOnlyList<string> Lines(string file) => File.ReadAllLines(Path.Combine(Root, file));

    public static bool Exists(string path) => Path.Exists(Path.Combine(Root, path));

    private static string Here([CallerFilePath] string path = "") => path;
}
