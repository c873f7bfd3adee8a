namespace Exchange.Metering;

/// <summary>
/// Ids that are named after what they tell: they end in '@' and an instant, in RFC 3339 as UTC or in seconds since
/// 1970. Where that is the instant at which the reading begins or ends, the reading is found again by its time, and
/// nothing of it need be in memory.
/// </summary>
internal static class DerivedId
{
    /// <summary>What stands for an hour where no time is in the id.</summary>
    public const int NoHour = -1;

    /// <summary>What stands for an hour where the id is not known.</summary>
    public const int AnyHour = -2;

    private const long MicrosecondsAnHour = 3_600_000_000;
    private const int SecondsLength = 10; // From 2001 until 2286.

    /// <summary>The hour that an id names, since 1970; <see cref="NoHour"/> where it names none.</summary>
    public static int HourOf(in RowId id) =>
        TryTime(id, out var time) ? (int)(time / MicrosecondsAnHour) : NoHour;

    /// <summary>Whether the id of a row names its time; and the hour of the id, whether or not it does.</summary>
    public static bool Is(in Row row, out int hour)
    {
        hour = NoHour;
        if (!TryTime(row.Id, out var time))
        {
            return false;
        }

        hour = (int)(time / MicrosecondsAnHour);
        // The end of a sample may be far ahead; what is named after that would be looked for in hours to come.
        return row.Correction is null && (time == row.From || (time == row.To && row.Type != ReadingType.Sample));
    }

    private static bool TryTime(in RowId id, out long time)
    {
        time = 0;
        if (id.Text is not { Length: > SecondsLength + 1 } text)
        {
            return false;
        }

        return text[^1] == (byte)'Z' ? TryRfc3339(text, out time)
            : text[^(SecondsLength + 1)] == (byte)'@' && TrySeconds(text.AsSpan()[^SecondsLength..], out time);
    }

    private static bool TrySeconds(ReadOnlySpan<byte> digits, out long time)
    {
        var isTime = FastTime.Digits(digits, out var seconds);
        time = seconds * 1_000_000;
        return isTime;
    }

    private static bool TryRfc3339(byte[] text, out long time)
    {
        time = 0;
        return text.AsSpan().LastIndexOf((byte)'@') is > 0 and var at &&
            FastTime.TryRead(text.AsSpan(at + 1), out time);
    }
}
