namespace Exchange.Portal;

/// <summary>Where an exchange lives: a data directory with its embedded database, or another database.</summary>
/// <param name="Data">The data directory; files are written there whichever database is used.</param>
/// <param name="Database">A connection string, or null for the embedded database of the directory.</param>
/// <param name="Bare">Whether a new embedded database stays empty, without the product's price sheets.</param>
internal sealed record DataLocation(string Data, string? Database = null, bool Bare = false)
{
    /// <summary>Where the product's own files are: its launcher says so, else they are above the program.</summary>
    public static string? Home
    {
        get
        {
            if (Environment.GetEnvironmentVariable("EXCHANGE_HOME") is { Length: > 0 } said)
            {
                return said;
            }

            for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
            {
                if (Directory.Exists(Path.Combine(at.FullName, "pricing")))
                {
                    return at.FullName;
                }
            }

            return null;
        }
    }

    /// <summary>The price sheets and programmes that the product ships with; null when it stands alone.</summary>
    public static string? Pricing =>
        Home is { } home && Path.Combine(home, "pricing") is var pricing && Directory.Exists(pricing) ? pricing : null;
}
