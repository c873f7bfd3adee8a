using System.Globalization;
using System.Text.Json;

namespace Exchange.Metering.Collectors.Live;

/// <summary>One file of a bill as its manifest names it, and how many rows that says it has.</summary>
internal sealed record ListedFile(string Name, long? Rows);

/// <summary>Reads the lists of files that clouds lay beside their bills.</summary>
internal static class BillManifest
{
    private const long MaxBytes = 16 << 20;

    /// <summary>Names as AWS ('reportKeys', 'dataFiles'), Azure ('blobs') and others ('files') give them.</summary>
    private static readonly string[] Lists = ["dataFiles", "reportKeys", "blobs", "files"];

    /// <exception cref="RefusedException">It is no such list, or says that it lacks some.</exception>
    public static List<ListedFile> Read(string path)
    {
        if (new FileInfo(path).Length > MaxBytes)
        {
            throw new RefusedException(new("bill/bad-manifest", string.Create(CultureInfo.InvariantCulture,
                $"It is longer than {MaxBytes >> 20} MiB, which no list of files is. Copy the manifest again."), path));
        }

        try
        {
            using var json = Text.Document(File.ReadAllText(path));
            foreach (var name in Lists)
            {
                if (json.RootElement.Inside(name) is { ValueKind: JsonValueKind.Array } list &&
                    Files(list) is { Count: > 0 } files && files.Count == list.GetArrayLength())
                {
                    return Number(json.RootElement.Text("blobCount")) is { } count && count != files.Count
                        ? throw new RefusedException(new("bill/bad-manifest", string.Create(
                            CultureInfo.InvariantCulture,
                            $"It lists {files.Count} files and says that they are {count}. Copy the manifest again."),
                            path))
                        : files;
                }
            }
        }
        catch (JsonException e)
        {
            throw new RefusedException(new("bill/bad-manifest", $"It is not JSON: {e.Message}", path));
        }
        catch (InvalidOperationException)
        {
            throw new RefusedException(new(
                "bill/bad-manifest", "A text in it holds half of a character, like '\\ud800'.", path));
        }

        throw new RefusedException(new("bill/bad-manifest",
            $"It lists no files under {string.Join(", ", Lists)}. Copy the manifest again.", path));
    }

    /// <summary>
    /// Where a file lies: in the folders that its name names, as far as they were copied, below one of these.
    /// </summary>
    public static string? Find(string name, params ReadOnlySpan<string> below)
    {
        var scheme = name.IndexOf("://", StringComparison.Ordinal);
        var parts = name[(scheme < 0 ? 0 : scheme + 3)..].Split('/', '\\', StringSplitOptions.RemoveEmptyEntries);
        for (var first = 0; first < parts.Length && !parts.Contains(".."); first++)
        {
            foreach (var folder in below)
            {
                if (Path.Combine([folder, .. parts[first..]]) is var path && File.Exists(path))
                {
                    return path;
                }
            }
        }

        return null;
    }

    private static List<ListedFile> Files(JsonElement list) =>
    [
        .. list.EnumerateArray().Select(one => one.ValueKind == JsonValueKind.String
            ? new(one.GetString()!, null)
            : one.Text("blobName", "name", "key", "path") is { } name
                ? new ListedFile(name, Number(one.Text("dataRowCount", "rowCount")))
                : null).OfType<ListedFile>(),
    ];

    private static long? Number(string? text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
