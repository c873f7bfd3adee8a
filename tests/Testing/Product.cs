using System.Runtime.CompilerServices;

namespace Exchange.Testing;

/// <summary>Where the files are that the product ships with.</summary>
public static class Product
{
    private static string Root([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", ".."));

    /// <summary>A file or folder of the repository, by its path from the root.</summary>
    public static string File(string path) => Path.Combine(Root(), path);
}
