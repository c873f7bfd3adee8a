namespace Exchange.Journal;

/// <summary>Where the distribution put the Postgres server's programs.</summary>
internal sealed record PostgresBinaries(string Directory, int Major)
{
    public string InitDb => Path.Combine(Directory, "initdb");
    public string PgCtl => Path.Combine(Directory, "pg_ctl");

    /// <summary>The version of Postgres that made a cluster.</summary>
    public static int MajorOf(string cluster) =>
        int.Parse(File.ReadAllText(Path.Combine(cluster, "PG_VERSION")).Trim(), Text.PlainNumber, null);

    /// <summary>The installed server: of the cluster's own version when it has one, else the newest.</summary>
    /// <exception cref="RefusedException">
    /// No server is installed, or none of the version the cluster was made with.
    /// </exception>
    public static PostgresBinaries Find(int? clusterMajor)
    {
        var installed = Candidates().Distinct(StringComparer.Ordinal).Select(At).OfType<PostgresBinaries>()
            .OrderByDescending(found => found.Major).ToList();
        if (installed.Count == 0)
        {
            throw new RefusedException(new(
                "postgres/not-installed",
                "No Postgres server was found in PATH or the distribution's directories. Install it with " +
                "'apt-get install postgresql' (as root), or name a server with --database or EXCHANGE_DATABASE."));
        }

        return clusterMajor is null
            ? installed[0]
            : installed.FirstOrDefault(found => found.Major == clusterMajor) ?? throw new RefusedException(new(
                "postgres/other-version",
                $"The data directory was made with Postgres {clusterMajor}; installed is " +
                $"{string.Join(", ", installed.Select(found => found.Major))}. Install postgresql-{clusterMajor}, " +
                "or move the data with pg_dump."));
    }

    private static IEnumerable<string> Candidates()
    {
        foreach (var directory in (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator))
        {
            var program = Path.Combine(directory, "pg_ctl");
            if (directory.Length > 0 && File.Exists(program))
            {
                var real = File.ResolveLinkTarget(program, returnFinalTarget: true)?.FullName ?? program;
                yield return Path.GetDirectoryName(real)!;
            }
        }

        string[] parents = ["/usr/lib/postgresql", "/usr", "/usr/local"];
        foreach (var parent in parents.Where(System.IO.Directory.Exists))
        {
            // Debian: /usr/lib/postgresql/15/bin; Red Hat: /usr/pgsql-15/bin; from source: /usr/local/pgsql/bin.
            var pattern = parent.EndsWith("postgresql", StringComparison.Ordinal) ? "*" : "pgsql*";
            foreach (var place in System.IO.Directory.EnumerateDirectories(parent, pattern))
            {
                yield return Path.Combine(place, "bin");
            }
        }
    }

    private static PostgresBinaries? At(string directory)
    {
        string[] needed = ["initdb", "pg_ctl", "postgres"];
        if (!needed.All(name => File.Exists(Path.Combine(directory, name))))
        {
            return null;
        }

        var said = Unprivileged.Output(Path.Combine(directory, "postgres"), ["--version"]);
        var number = said.Split(' ').FirstOrDefault(word => word.Length > 0 && char.IsAsciiDigit(word[0]));
        return int.TryParse(number?.Split('.')[0], out var major) ? new(directory, major) : null;
    }
}
