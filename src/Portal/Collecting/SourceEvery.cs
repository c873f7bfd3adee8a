using Exchange.Metering;

namespace Exchange.Portal.Collecting;

/// <summary>How people write how often a source is expected: '1h', 'learned' or 'never'.</summary>
internal static class SourceEvery
{
    /// <param name="interval">Null where it is to be learned.</param>
    public static bool TryRead(string text, out SourceInterval? interval)
    {
        var every = CollectorFile.TryTime(text);
        interval = every is not null ? new(every) : text == "never" ? new(Every: null) : null;
        return interval is not null || text == "learned";
    }

    public static string Shown(HeardSource source) => source switch
    {
        { Set.Every: null } => "never",
        { Expected: { } every } => $"{Operating.Ago(every)}{(source.Set is null ? " (learned)" : "")}",
        _ => "not known yet",
    };
}
