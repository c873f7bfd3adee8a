using System.IO.Compression;

namespace Exchange.Portal.Exports;

/// <summary>The files of a folder as one archive for whoever asked for them.</summary>
internal static class Zipped
{
    /// <summary>
    /// Streams from a file that goes away by itself: a month of a million charges need not fit in memory.
    /// </summary>
    public static async Task<IResult> Of(DirectoryInfo directory, string name, CancellationToken ct)
    {
        var zip = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite,
            FileShare.None, bufferSize: 81_920, FileOptions.DeleteOnClose | FileOptions.Asynchronous);
        await ZipFile.CreateFromDirectoryAsync(directory.FullName, zip, ct);
        zip.Position = 0;
        return Results.Stream(zip, "application/zip", $"{name}.zip");
    }
}
