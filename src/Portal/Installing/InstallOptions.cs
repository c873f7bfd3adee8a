namespace Exchange.Portal.Installing;

/// <summary>What 'exchange install' is to make of a machine.</summary>
/// <param name="Program">The program that the service runs, by its whole path.</param>
/// <param name="User">Who the service runs as, and whose the data are.</param>
/// <param name="Data">Where the data are kept.</param>
/// <param name="Urls">Where the service listens.</param>
internal sealed record InstallOptions(string Program, string User, string Data, IReadOnlyList<string> Urls)
{
    public const string DefaultUser = "exchange";
    public const string DefaultData = "/var/lib/exchange";
    public const string SettingsDirectory = "/etc/exchange";
    public const string SettingsPath = "/etc/exchange/exchange.env";
    public const string UnitPath = "/etc/systemd/system/exchange.service";
    public const string LogRotationPath = "/etc/logrotate.d/exchange";

    /// <summary>The root of the machine, which may be that of an image which is being built.</summary>
    public string Root { get; init; } = "/";

    /// <summary>Whether the service is started at once, and with the machine from then on.</summary>
    public bool Starts { get; init; } = true;

    /// <summary>Whether it is only told what would be done.</summary>
    public bool IsTrial { get; init; }

    public bool IsThisMachine => Root == "/";

    /// <summary>Where a path of the machine is seen from here.</summary>
    public string At(string path) => Path.Combine(Root, path.TrimStart('/'));
}
