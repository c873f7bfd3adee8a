using System.Globalization;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Metering.Collectors;

/// <summary>
/// The ways in which clouds write a time: ISO 8601 with 'T' or a blank, with 'Z', an offset or neither (then it is
/// UTC), or seconds since 1970 as text. Anything finer than a microsecond is cut.
/// </summary>
internal static class ReportedTime
{
    public static Instant? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        text = text.Trim();
        if (char.IsAsciiDigit(text[0]) && !text.Contains('-', StringComparison.Ordinal))
        {
            return Epoch(text);
        }

        if (text.Length < 11 || text[10] is not ('T' or 't' or ' '))
        {
            return LocalDatePattern.Iso.Parse(text) is { Success: true } day
                ? day.Value.AtStartOfDayInZone(DateTimeZone.Utc).ToInstant()
                : null;
        }

        var (clock, offset) = SplitOffset(text[11..].Trim());
        return offset is { } ahead &&
            LocalDateTimePattern.ExtendedIso.Parse($"{text[..10]}T{clock}") is { Success: true } local
                ? Cut(local.Value.InUtc().ToInstant() - Duration.FromMinutes(ahead))
                : null;
    }

    public static Instant? Epoch(string text) =>
        decimal.TryParse(text, Text.PlainNumber, CultureInfo.InvariantCulture, out var seconds) &&
        seconds is > 0 and < 100_000_000_000
            ? Instant.FromUnixTimeTicks((long)(seconds * 1_000_000) * 10)
            : null;

    private static (string Clock, int? Minutes) SplitOffset(string text)
    {
        if (text.EndsWith('Z') || text.EndsWith('z'))
        {
            return (text[..^1], 0);
        }

        var sign = text.AsSpan().LastIndexOfAny('+', '-');
        if (sign < 0)
        {
            return (text, 0);
        }

        var digits = text[(sign + 1)..].Replace(":", "", StringComparison.Ordinal);
        var known = digits.Length is 2 or 4 && digits.All(char.IsAsciiDigit);
        var hours = known ? int.Parse(digits[..2], CultureInfo.InvariantCulture) : 0;
        var minutes = known && digits.Length == 4 ? int.Parse(digits[2..], CultureInfo.InvariantCulture) : 0;
        var ahead = ((hours * 60) + minutes) * (text[sign] == '-' ? -1 : 1);
        return (text[..sign].Trim(), known ? ahead : null);
    }

    private static Instant Cut(Instant instant) => Instant.FromUnixTimeTicks(instant.ToUnixTimeTicks() / 10 * 10);
}
