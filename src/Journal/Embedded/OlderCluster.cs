namespace Exchange.Journal;

/// <summary>
/// A cluster that an older version kept outside of its data directory, because the database's user could not enter the
/// directories above it. It goes into the data directory, so that whoever copies or renames that has all of it.
/// </summary>
internal static class OlderCluster
{
    public static async Task BringHome(string elsewhere, Unprivileged owner, CancellationToken ct)
    {
        var cluster = Path.Combine(elsewhere, "cluster");
        if (Directory.Exists(Path.Combine(owner.Home, "cluster")) || !File.Exists(Path.Combine(cluster, "PG_VERSION")))
        {
            return;
        }

        if (ServerProcess.Runs(cluster))
        {
            var binaries = PostgresBinaries.Find(PostgresBinaries.MajorOf(cluster));
            await (owner with { Home = elsewhere }).Run(
                binaries.PgCtl, ["-D", cluster, "-m", "fast", "-w", "stop"], Path.Combine(elsewhere, "setup.log"), ct);
        }

        const string Script = """
            rm -rf "$2.new" && cp -a "$1" "$2.new" && rm -rf "$2" && mv "$2.new" "$2" && rm -rf "$1"
            """;
        await (owner with { User = null, Home = "/" }).Run(
            "/bin/sh", ["-c", Script, "sh", elsewhere, owner.Home], "/dev/null", ct);
    }
}
