namespace Exchange.Metering;

/// <summary>Reads the times that nearly all reporters send, like '2026-11-01T00:00:00Z', into microseconds.</summary>
internal static class FastTime
{
    private const long MicrosecondsASecond = 1_000_000;

    /// <summary>No where it is written in another way, or is no time: the slow reader decides.</summary>
    public static bool TryRead(ReadOnlySpan<byte> text, out long microseconds)
    {
        microseconds = 0;
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' ||
            text[16] != ':' || !Digits(text[..4], out var year) || !Digits(text.Slice(5, 2), out var month) ||
            !Digits(text.Slice(8, 2), out var day) || !Digits(text.Slice(11, 2), out var hour) ||
            !Digits(text.Slice(14, 2), out var minute) || !Digits(text.Slice(17, 2), out var second) ||
            year is < 1970 or > 9990 || month is < 1 or > 12 || day < 1 || hour > 23 || minute > 59 || second > 59 ||
            day > DateTime.DaysInMonth((int)year, (int)month) || !Fraction(text[19..], out var fraction))
        {
            return false;
        }

        long days = new DateOnly((int)year, (int)month, (int)day).DayNumber - 719_162;
        var seconds = (((((days * 24) + hour) * 60) + minute) * 60) + second;
        microseconds = (seconds * MicrosecondsASecond) + fraction;
        return true;
    }

    /// <summary>What follows the seconds: perhaps decimals, then UTC.</summary>
    private static bool Fraction(ReadOnlySpan<byte> text, out int microseconds)
    {
        microseconds = 0;
        if (text[0] == '.')
        {
            var count = text[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            if (count is < 1 or > 9)
            {
                return false;
            }

            for (var i = 1; i <= 6; i++)
            {
                microseconds = (microseconds * 10) + (i <= count ? text[i] - '0' : 0);
            }

            text = text[(count + 1)..];
        }

        return text.SequenceEqual("Z"u8) || text.SequenceEqual("+00:00"u8);
    }

    /// <summary>A number of digits alone, as many as it holds.</summary>
    internal static bool Digits(ReadOnlySpan<byte> text, out long number)
    {
        number = 0;
        foreach (var digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9')
            {
                return false;
            }

            number = (number * 10) + (digit - '0');
        }

        return true;
    }
}

/// <summary>The time that stood in the event before: events of one hour mostly say the same.</summary>
internal sealed class SeenTime
{
    private readonly byte[] _text = new byte[40];
    private int _length;
    private long _microseconds;

    /// <summary>As <see cref="FastTime"/> reads it.</summary>
    public bool TryRead(ReadOnlySpan<byte> text, out long microseconds)
    {
        microseconds = _microseconds;
        if (_length > 0 && text.SequenceEqual(_text.AsSpan(0, _length)))
        {
            return true;
        }

        if (!FastTime.TryRead(text, out microseconds))
        {
            return false;
        }

        if (text.TryCopyTo(_text))
        {
            (_length, _microseconds) = (text.Length, microseconds);
        }

        return true;
    }
}
