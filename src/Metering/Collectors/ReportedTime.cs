using System.Globalization;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Metering.Collectors;

/// <summary>
/// The ways in which clouds write a time: ISO 8601 with 'T' or a blank, to the minute or finer, with 'Z', 'UTC', 'GMT',
/// an offset or none of them (then it is UTC); the same without dashes and colons; or seconds since 1970 as text, not
/// before 2000: a small number is a day or a serial of a spreadsheet. Anything finer than a microsecond is cut.
/// </summary>
internal static class ReportedTime
{
    private const decimal SecondsAt2000 = 946_684_800;

    public static Instant? Parse(string? text)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            return null;
        }

        text = Extended(text.Trim());
        if (text.Length == 8 && !text.AsSpan().ContainsAnyExceptInRange('0', '9'))
        {
            text = $"{text[..4]}-{text[4..6]}-{text[6..]}";
        }

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
            LocalDateTimePattern.ExtendedIso.Parse($"{text[..10]}T{WithSeconds(clock)}") is { Success: true } local
                ? Cut(local.Value.InUtc().ToInstant() - Duration.FromMinutes(ahead))
                : null;
    }

    /// <summary>ISO's basic form in its extended one: '20261001T000000Z' as '2026-10-01T00:00:00Z'.</summary>
    private static string Extended(string text) => text.Length >= 13 && text[8] is 'T' or 't' &&
        text.AsSpan(0, 8).IndexOfAnyExceptInRange('0', '9') < 0 &&
        text.AsSpan(9, 4).IndexOfAnyExceptInRange('0', '9') < 0
            ? $"{text[..4]}-{text[4..6]}-{text[6..8]}T{text[9..11]}:{text[11..13]}" +
                (text.Length >= 15 && char.IsAsciiDigit(text[13]) ? $":{text[13..]}" : text[13..])
            : text;

    private static string WithSeconds(string clock) => clock.Length switch
    {
        2 => $"{clock}:00:00",
        5 => $"{clock}:00",
        _ => clock.Replace(',', '.'),
    };

    public static Instant? Epoch(string text) =>
        decimal.TryParse(text, Text.PlainNumber, CultureInfo.InvariantCulture, out var seconds) &&
        seconds is >= SecondsAt2000 and < 100_000_000_000
            ? Instant.FromUnixTimeTicks((long)(seconds * 1_000_000) * 10)
            : null;

    private static (string Clock, int? Minutes) SplitOffset(string text)
    {
        foreach (var utc in (string[])["Z", "UTC", "GMT"])
        {
            if (text.EndsWith(utc, StringComparison.OrdinalIgnoreCase))
            {
                return (text[..^utc.Length].Trim(), 0);
            }
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
