using Exchange.Rating;

namespace Exchange.Portal;

/// <summary>
/// How this server reaches the databases of lanes: 'databases.yaml' in the data directory, or the file that the
/// environment names. It holds passwords, so it is its owner's alone.
/// </summary>
internal static class LaneFile
{
    public const string Variable = "EXCHANGE_DATABASES";

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead |
        UnixFileMode.OtherWrite;

    public static string In(DataLocation place) => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } said
        ? said
        : Path.Combine(place.Data, "databases.yaml");

    /// <summary>The connection strings by the names of databases; null where there is no such file.</summary>
    /// <exception cref="RefusedException">Others can read the file, or something in it is wrong.</exception>
    public static IReadOnlyDictionary<string, string>? Read(DataLocation place)
    {
        var path = In(place);
        if (!File.Exists(path))
        {
            return null;
        }

        if ((File.GetUnixFileMode(path) & Others) != 0)
        {
            throw new RefusedException(new(
                "lanes/open-to-others",
                $"Others on this machine can read the passwords in this file. Run: chmod 600 {path}", path));
        }

        var file = YamlMap.Read(File.ReadAllText(path), path);
        var databases = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var one in file.Maps("databases"))
        {
            if (!databases.TryAdd(one.Required("name"), one.Required("connection")))
            {
                throw new RefusedException(new(
                    "lanes/name-used-twice", $"Two databases are named '{one.Required("name")}'. Name each otherwise.",
                    one.Where));
            }

            one.NoOthers();
        }

        file.NoOthers();
        return databases;
    }
}
