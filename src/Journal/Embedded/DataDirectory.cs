namespace Exchange.Journal;

/// <summary>
/// The directory of an exchange: the form it has, whose it is, and whose turn it is to change its cluster.
/// </summary>
internal static class DataDirectory
{
    /// <summary>The form of the data directory that this version writes.</summary>
    private const int Form = 1;

    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute |
        UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private static string VersionFile(string root) => Path.Combine(root, "VERSION");

    /// <summary>
    /// Makes the directory where there is none, and takes from everybody but its owner what they may do in it: it was
    /// open to the whole machine once, and a copy may be. What belongs to the database is the database's own.
    /// </summary>
    /// <exception cref="RefusedException">It is open to others and not ours to close.</exception>
    public static void Guard(string root, string cluster)
    {
        Directory.CreateDirectory(root, Owner);
        try
        {
            Close(root, isDirectory: true);
            foreach (var entry in new DirectoryInfo(root).EnumerateFileSystemInfos("*", new EnumerationOptions
            {
                RecurseSubdirectories = false,
                AttributesToSkip = FileAttributes.ReparsePoint,
            }))
            {
                if (entry.FullName != cluster)
                {
                    Close(entry.FullName, entry is DirectoryInfo);
                }
            }
        }
        catch (UnauthorizedAccessException e)
        {
            throw new RefusedException(new(
                "data/open-to-others",
                $"The data directory {root} can be read by other users of this machine and is not yours to close " +
                $"({e.Message}). Its owner runs: chmod -R go= {root}"));
        }
    }

    /// <summary>Says for later versions of the product in which form the directory is.</summary>
    public static void WriteVersion(string root)
    {
        File.WriteAllText(VersionFile(root), $"{Form}\n");
        Close(VersionFile(root), isDirectory: false);
    }

    /// <exception cref="RefusedException">A newer product made the directory.</exception>
    public static void CheckVersion(string root)
    {
        if (File.Exists(VersionFile(root)) && int.TryParse(File.ReadAllText(VersionFile(root)), out var form) &&
            form > Form)
        {
            throw new RefusedException(new(
                "data/newer",
                $"The data directory {root} has form {form}, this program knows {Form}: a newer version " +
                "of the product made it. Install that version, or point --data at another directory."));
        }
    }

    /// <summary>One command at a time makes, starts or stops the cluster of a directory.</summary>
    public static async Task<FileStream> Turn(string root, CancellationToken ct)
    {
        for (var waited = 0; ; waited++)
        {
            try
            {
                return new FileStream(Path.Combine(root, "postgres.lock"), new FileStreamOptions
                {
                    Mode = FileMode.OpenOrCreate,
                    Access = FileAccess.ReadWrite,
                    Share = FileShare.None,
                    UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
                });
            }
            catch (IOException) when (waited < 3000)
            {
                await Task.Delay(100, ct);
            }
        }
    }

    private static void Close(string path, bool isDirectory)
    {
        var mode = File.GetUnixFileMode(path);
        if ((mode & Others) != 0)
        {
            File.SetUnixFileMode(path, (mode & ~Others) | (isDirectory ? Owner : 0));
        }
    }
}
