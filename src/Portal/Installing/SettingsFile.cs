namespace Exchange.Portal.Installing;

/// <summary>
/// The settings of an installed exchange, a line for each variable. Every command reads them as the service does, and
/// what the environment says already goes before.
/// </summary>
internal static class SettingsFile
{
    public const string Variable = "EXCHANGE_SETTINGS";

    private static readonly string[] Ours = ["EXCHANGE_", "OTEL_"];
    private static readonly string[] Installed = ["/usr/", "/opt/"];

    /// <summary>Why the settings of this machine could not be read; null when they were, or there are none.</summary>
    public static Refusal? Fault { get; private set; }

    /// <summary>The file that this program reads; null for one that is not installed.</summary>
    public static string? Here => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named ? named
        : Installed.Any(home => AppContext.BaseDirectory.StartsWith(home, StringComparison.Ordinal)) &&
            File.Exists(InstallOptions.SettingsPath) ? InstallOptions.SettingsPath
        : null;

    /// <summary>Takes the settings into the environment of this process.</summary>
    public static void Load()
    {
        if (Here is not { } file)
        {
            return;
        }

        try
        {
            foreach (var (name, value) in Parse(File.ReadAllText(file), file))
            {
                if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(name)))
                {
                    Environment.SetEnvironmentVariable(name, value);
                }
            }
        }
        catch (RefusedException e)
        {
            Fault = e.Refusal;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fault = new(
                "settings/unreadable", $"The settings cannot be read: {e.Message} Run this as the exchange's own " +
                "user: runuser -u exchange -- exchange …", file);
        }
    }

    /// <summary>Reads 'NAME=VALUE' by line; '#' begins a comment, and quotes around a value are left out.</summary>
    /// <exception cref="RefusedException">A line is none of these; it is named.</exception>
    public static IReadOnlyList<(string Name, string Value)> Parse(string text, string file)
    {
        var settings = new List<(string, string)>();
        foreach (var (line, at) in text.Split('\n').Select((line, i) => (line.Trim(), i + 1)))
        {
            if (line.Length == 0 || line[0] == '#')
            {
                continue;
            }

            var parts = line.Split('=', 2);
            if (parts.Length < 2 || !IsOurs(parts[0]))
            {
                throw new RefusedException(new(
                    "settings/line", $"'{parts[0]}' is no setting. Write NAME=VALUE, a name that begins with " +
                    "EXCHANGE_ or OTEL_, or '#' before a comment.", $"{file}:{at}"));
            }

            if (settings.Exists(one => one.Item1 == parts[0]))
            {
                throw new RefusedException(new(
                    "settings/line", $"'{parts[0]}' is set twice. Leave one of the lines.", $"{file}:{at}"));
            }

            settings.Add((parts[0], Unquoted(parts[1].Trim())));
        }

        return settings;
    }

    private static bool IsOurs(string name) =>
        Ours.Any(begin => name.StartsWith(begin, StringComparison.Ordinal)) &&
        name.All(letter => letter is (>= 'A' and <= 'Z') or '_' or (>= '0' and <= '9'));

    private static string Unquoted(string value) =>
        value.Length >= 2 && value[0] is '"' or '\'' && value[^1] == value[0] ? value[1..^1] : value;
}
