using System.Security.Cryptography;

namespace Exchange.Metering.Collectors.Live;

/// <summary>The files that someone put into a directory, in the order of their names.</summary>
internal static class DropFolder
{
    /// <summary>Names that begin with a point or end in '.part' are still being written.</summary>
    /// <param name="inFolders">Whether files in folders of the directory are meant, too.</param>
    /// <exception cref="RefusedException">The directory cannot be read.</exception>
    public static List<string> Files(string directory, string pattern, bool inFolders = false)
    {
        try
        {
            return
            [
                .. Directory.EnumerateFiles(
                    directory, pattern, inFolders ? SearchOption.AllDirectories : SearchOption.TopDirectoryOnly)
                    .Where(path => Path.GetFileName(path) is var name && !name.StartsWith('.') &&
                        !name.EndsWith(".part", StringComparison.Ordinal))
                    .Order(StringComparer.Ordinal),
            ];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException(new(
                "file/unreadable", $"{e.Message} Check the path and its permissions.", directory));
        }
    }

    /// <summary>The hash of a file of the directory.</summary>
    /// <exception cref="RefusedException">It is a link to what nobody put there.</exception>
    public static async Task<byte[]> Sha256(string directory, string path, CancellationToken ct)
    {
        Check(directory, path);
        await using var file = File.OpenRead(path);
        return await SHA256.HashDataAsync(file, ct);
    }

    /// <exception cref="RefusedException">It is a link to what nobody put there.</exception>
    public static void Check(string directory, string path)
    {
        if (LeadsOut(Path.GetFullPath(directory), Path.GetFullPath(path)))
        {
            throw new RefusedException(new("file/link-outside",
                "It is a link, or in a folder that is one, and leads out of the directory. Nothing of it is read; " +
                "copy the file there itself.", path));
        }
    }

    /// <summary>
    /// Whoever may put files into a directory may put links there, to what only this program may read.
    /// </summary>
    private static bool LeadsOut(string directory, string path)
    {
        for (var at = path; at.Length > directory.Length; at = Path.GetDirectoryName(at)!)
        {
            FileSystemInfo one = Directory.Exists(at) ? new DirectoryInfo(at) : new FileInfo(at);
            if (one.ResolveLinkTarget(returnFinalTarget: true) is { } target &&
                !target.FullName.StartsWith(directory + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What several refusals of one look come to.</summary>
    public static void Refuse(IReadOnlyList<Refusal> refused)
    {
        if (refused.Count > 0)
        {
            throw new RefusedException(refused.Count == 1 ? refused[0] : refused[0] with
            {
                Message = $"{refused[0].Message} ({refused.Count - 1} more files cannot be taken.)",
            });
        }
    }
}
