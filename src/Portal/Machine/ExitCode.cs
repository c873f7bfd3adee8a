namespace Exchange.Portal;

/// <summary>What the program's exit code says.</summary>
internal static class ExitCode
{
    public const int Done = 0;

    /// <summary>A rule refused, or a check found something.</summary>
    public const int Refused = 1;

    /// <summary>The command line itself was wrong.</summary>
    public const int WrongUsage = 2;

    /// <summary>The world failed: database away, disk full.</summary>
    public const int WorldFailed = 3;

    /// <summary>Stopped by the person who started it, as shells count it: 128 and SIGINT.</summary>
    public const int Interrupted = 130;
}
