namespace Exchange.Portal.Installing;

/// <summary>A thing that an installation made, or found as it is to be.</summary>
/// <param name="State">done, already or would.</param>
internal sealed record InstallStep(string What, string State);

/// <summary>
/// Makes a machine run the exchange as a service: its user, its directories, its settings, its unit and the rotation of
/// its logs. Whatever is there already is left as it is, so it may be run again, as after an upgrade.
/// </summary>
internal sealed class Installation(InstallOptions options)
{
    private const UnixFileMode OwnersOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode GroupReads = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;
    private const UnixFileMode AllRead = GroupReads | UnixFileMode.OtherRead;
    private const UnixFileMode GroupEnters =
        GroupReads | UnixFileMode.UserExecute | UnixFileMode.GroupExecute;

    private const UnixFileMode AllEnter = GroupEnters | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly List<InstallStep> _steps = [];

    /// <summary>Whether systemd is what runs this machine.</summary>
    public static bool HasSystemd => Directory.Exists("/run/systemd/system");

    /// <exception cref="RefusedException">A program of the system failed; what was done before stays.</exception>
    public IReadOnlyList<InstallStep> Run()
    {
        MakeUser();
        var account = Account.Find(options, options.User);
        Place(options.Data, OwnersOnly, account?.Id ?? 0, account?.Group ?? 0);
        Place(InstallOptions.SettingsDirectory, GroupEnters, 0, account?.Group ?? 0);
        Write(
            InstallOptions.SettingsPath, ServiceFiles.Settings(options), GroupReads, account?.Group ?? 0, isOnce: true);
        Write(InstallOptions.UnitPath, ServiceFiles.Unit(options), AllRead, 0);
        Write(InstallOptions.LogRotationPath, ServiceFiles.LogRotation(options), AllRead, 0);
        Start();
        return _steps;
    }

    private void MakeUser()
    {
        string[] prefix = options.IsThisMachine ? [] : ["--prefix", options.Root];
        Step(
            $"user {options.User}", Account.Find(options, options.User) is not null,
            () => SystemProgram.Run("useradd", [
                .. prefix, "--system", "--user-group", "--no-create-home", "--home-dir", options.Data,
                "--shell", "/usr/sbin/nologin", "--comment", "The Exchange", options.User]));
    }

    private void Place(string path, UnixFileMode mode, int user, int group)
    {
        var here = options.At(path);
        var isRight = Directory.Exists(here) && File.GetUnixFileMode(here) == mode &&
            Owner(here) == $"{user}:{group}";
        Step($"directory {path} ({Octal(mode)})", isRight, () =>
        {
            MakeAll(here);
            File.SetUnixFileMode(here, mode);
            SystemProgram.Run("chown", $"{user}:{group}", "--", here);
        });
    }

    private void Write(string path, string text, UnixFileMode mode, int group, bool isOnce = false)
    {
        var here = options.At(path);
        var isRight = File.Exists(here) && (isOnce || File.ReadAllText(here) == text) &&
            File.GetUnixFileMode(here) == mode;
        Step($"file {path} ({Octal(mode)})", isRight, () =>
        {
            MakeAll(Path.GetDirectoryName(here)!);
            if (!isOnce || !File.Exists(here))
            {
                // Beside it and moved: a machine that stops here has the old file or the new one.
                File.WriteAllText($"{here}.new", text);
                File.Move($"{here}.new", here, overwrite: true);
            }

            SystemProgram.Run("chown", $"0:{group}", "--", here);
            File.SetUnixFileMode(here, mode);
        });
    }

    private void Start()
    {
        if (!options.Starts || !options.IsThisMachine || !HasSystemd)
        {
            return;
        }

        Step("service exchange, started now and with the machine", isDone: false, () =>
        {
            SystemProgram.Run("systemctl", "daemon-reload");
            SystemProgram.Run("systemctl", "enable", "--now", "exchange.service");
        });
    }

    private void Step(string what, bool isDone, Action act)
    {
        if (!isDone && !options.IsTrial)
        {
            act();
        }

        _steps.Add(new(what, isDone ? "already" : options.IsTrial ? "would" : "done"));
    }

    /// <summary>Makes a directory and those above it, which are the system's and everybody enters.</summary>
    private static void MakeAll(string path)
    {
        if (!Directory.Exists(path))
        {
            MakeAll(Path.GetDirectoryName(path)!);
            Directory.CreateDirectory(path);
            File.SetUnixFileMode(path, AllEnter);
        }
    }

    private static string? Owner(string path) =>
        SystemProgram.Try("stat", "-c", "%u:%g", "--", path) is (true, var said) ? said : null;

    private static string Octal(UnixFileMode mode) => Convert.ToString((int)mode, 8).PadLeft(4, '0');
}
