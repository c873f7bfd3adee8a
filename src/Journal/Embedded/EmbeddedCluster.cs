namespace Exchange.Journal;

/// <summary>What can be said of a private cluster without starting or making one.</summary>
public static class EmbeddedCluster
{
    /// <summary>Whether a data directory has a cluster already.</summary>
    public static bool IsMade(string data) => File.Exists(Path.Combine(data, "postgres", "cluster", "PG_VERSION"));

    /// <exception cref="RefusedException">No Postgres is installed, so no cluster could be made.</exception>
    public static void CheckInstalled() => _ = PostgresBinaries.Find(null);
}
