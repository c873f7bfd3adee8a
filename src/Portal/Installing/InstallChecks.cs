using System.Text.RegularExpressions;
using Exchange.Portal.Web;

namespace Exchange.Portal.Installing;

/// <summary>Everything that stands in the way of an installation, found before anything is changed.</summary>
internal static partial class InstallChecks
{
    private static readonly string[] Homes = ["/usr/", "/opt/"];

    /// <summary>Directories that belong to the system, in which data of one service would be lost.</summary>
    private static readonly string[] Shared =
        ["/", "/var", "/var/lib", "/etc", "/usr", "/home", "/root", "/srv", "/opt"];

    public static IReadOnlyList<Refusal> Run(InstallOptions options) =>
    [
        .. Whoever(options), .. TheProgram(options), .. TheUser(options), .. TheData(options), .. TheFiles(options),
        .. Listening(options),
    ];

    private static IEnumerable<Refusal> Whoever(InstallOptions options)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            yield return new(
                "install/not-root", "Making a user and a service needs root. Run: sudo exchange install", "user");
        }

        if (!Directory.Exists(options.At("/etc")))
        {
            yield return new(
                "install/root", $"'{options.Root}' holds no system: it has no /etc. Name the root of one.", "--root");
        }
    }

    private static IEnumerable<Refusal> TheProgram(InstallOptions options)
    {
        if (!Homes.Any(home => options.Program.StartsWith(home, StringComparison.Ordinal)))
        {
            yield return new(
                "install/program", $"'{options.Program}' is not where the system's programs are, so the service's " +
                "user may not reach it, and a build replaces it. Install the package that build/deb.sh makes, or " +
                "copy what build/publish.sh makes to /opt/exchange and run /opt/exchange/exchange install.");
        }
        else if (!File.Exists(options.At(options.Program)))
        {
            yield return new(
                "install/program", $"There is no program '{options.At(options.Program)}'. Install the package first.");
        }
    }

    private static IEnumerable<Refusal> TheUser(InstallOptions options)
    {
        if (!UserName().IsMatch(options.User) || options.User == "root")
        {
            yield return new(
                "install/user", $"'{options.User}' is not a name for the user of a service. Write one in lower-case " +
                $"letters, digits and '-', like '{InstallOptions.DefaultUser}'.", "--user");
        }
        else if (Account.Find(options, options.User) is { IsAPersons: true } person)
        {
            yield return new(
                "install/user", $"'{options.User}' (uid {person.Id}) is the account of a person, who could then read " +
                "every invoice. Name another with --user: it is made if there is none.", "--user");
        }
    }

    private static IEnumerable<Refusal> TheData(InstallOptions options)
    {
        if (!PlainPath().IsMatch(options.Data) || Shared.Contains(options.Data.TrimEnd('/')) ||
            options.Data.Split('/').Contains(".."))
        {
            yield return new(
                "install/data", $"'{options.Data}' cannot be the data directory. Write the whole path of a directory " +
                $"for the exchange alone, without blanks, like '{InstallOptions.DefaultData}'.", "--data");
            yield break;
        }

        var here = options.At(options.Data);
        if (Directory.Exists(here) && Directory.EnumerateFileSystemEntries(here).Any() &&
            Account.OwnerOf(here) is var (owner, id) && id != Account.Find(options, options.User)?.Id)
        {
            yield return new(
                "install/data", $"'{here}' is not empty and belongs to '{owner}', not to '{options.User}'. If it is " +
                $"an exchange's, stop it and run: chown -R {options.User}: {here}. Otherwise name another directory.",
                "--data");
        }
    }

    private static IEnumerable<Refusal> TheFiles(InstallOptions options)
    {
        foreach (var path in (string[])[InstallOptions.UnitPath, InstallOptions.LogRotationPath])
        {
            var here = options.At(path);
            if (File.Exists(here) && !ServiceFiles.IsAsWritten(File.ReadAllText(here)))
            {
                yield return new(
                    "install/file-changed", $"'{here}' was not written by an installation, or was changed since. " +
                    "Keep what you changed ('systemctl edit exchange' for the unit), remove the file, and install " +
                    "again.",
                    path);
            }
        }
    }

    private static IEnumerable<Refusal> Listening(InstallOptions options)
    {
        Refusal? refusal = null;
        try
        {
            _ = new ServerOptions(options.Urls).Checked();
        }
        catch (RefusedException e)
        {
            refusal = e.Refusal;
        }

        return refusal is null ? [] : [refusal];
    }

    [GeneratedRegex("^[a-z_][a-z0-9_-]{0,30}$")]
    private static partial Regex UserName();

    /// <summary>A path as units and rotation take it without being quoted.</summary>
    [GeneratedRegex("^(/[A-Za-z0-9._-]+)+/?$")]
    private static partial Regex PlainPath();
}
