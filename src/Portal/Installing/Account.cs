using System.Globalization;

namespace Exchange.Portal.Installing;

/// <summary>A user of the machine, as its list of users says.</summary>
internal sealed record Account(string Name, int Id, int Group, string Shell)
{
    /// <summary>Where the numbers of people begin.</summary>
    private const int FirstPerson = 1_000;

    private const int Nobody = 65_534;

    /// <summary>Whether somebody signs in with it.</summary>
    public bool IsAPersons => Id is >= FirstPerson and < Nobody &&
        !Shell.EndsWith("nologin", StringComparison.Ordinal) && !Shell.EndsWith("false", StringComparison.Ordinal);

    /// <summary>The user of that name; null when there is none.</summary>
    public static Account? Find(InstallOptions options, string name) =>
        (options.IsThisMachine ? Known(name) : File.Exists(options.At("/etc/passwd"))
            ? File.ReadLines(options.At("/etc/passwd")) : [])
        .Select(line => line.Split(':')).Where(parts => parts.Length == 7 && parts[0] == name)
        .Select(parts => new Account(name, Number(parts[2]), Number(parts[3]), parts[6])).FirstOrDefault();

    /// <summary>The name of whose a file or directory is, and its number.</summary>
    public static (string Name, int Id)? OwnerOf(string path) =>
        SystemProgram.Try("stat", "-c", "%U %u", "--", path) is (true, var said) &&
            said.Split(' ') is [var name, var id]
            ? (name, Number(id))
            : null;

    /// <summary>The machine may ask a directory of people, which is not in its file.</summary>
    private static string[] Known(string name) =>
        SystemProgram.Try("getent", "passwd", name) is (true, var said) ? said.Split('\n') : [];

    private static int Number(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);
}
