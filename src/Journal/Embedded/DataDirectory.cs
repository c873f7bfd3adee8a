namespace Exchange.Journal;

/// <summary>The directory of an exchange: the form it has, and whose turn it is to change its cluster.</summary>
internal static class DataDirectory
{
    /// <summary>The form of the data directory that this version writes.</summary>
    private const int Form = 1;

    private static string VersionFile(string root) => Path.Combine(root, "VERSION");

    /// <summary>Says for later versions of the product in which form the directory is.</summary>
    public static void WriteVersion(string root) => File.WriteAllText(VersionFile(root), $"{Form}\n");

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
                return new FileStream(
                    Path.Combine(root, "postgres.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (waited < 3000)
            {
                await Task.Delay(100, ct);
            }
        }
    }
}
