using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using NodaTime;

namespace Exchange;

/// <summary>
/// A calendar month in UTC: what is billed together. Written '2026-10'. The default is January of year 1.
/// </summary>
public readonly record struct BillingMonth : IParsable<BillingMonth>, IComparable<BillingMonth>
{
    private readonly int _monthsSinceYearOne;

    public BillingMonth(int year, int month)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(year, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(year, 9998);
        ArgumentOutOfRangeException.ThrowIfLessThan(month, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(month, 12);
        _monthsSinceYearOne = ((year - 1) * 12) + month - 1;
    }

    public int Year => (_monthsSinceYearOne / 12) + 1;
    public int Month => (_monthsSinceYearOne % 12) + 1;
    public Instant Start => Instant.FromUtc(Year, Month, 1, 0, 0);
    public Instant End => Next.Start;
    public Period Period => new(Start, End);
    public BillingMonth Next => Plus(1);
    public BillingMonth Previous => Plus(-1);

    /// <summary>The month that an instant falls in, in UTC.</summary>
    public static BillingMonth Of(Instant instant)
    {
        var date = instant.InUtc().Date;
        return new(date.Year, date.Month);
    }

    public BillingMonth Plus(int months)
    {
        var moved = _monthsSinceYearOne + months;
        return new((moved / 12) + 1, (moved % 12) + 1);
    }

    /// <summary>How many months this one comes after the other; negative when it comes before.</summary>
    public int MonthsSince(BillingMonth earlier) => _monthsSinceYearOne - earlier._monthsSinceYearOne;

    public int CompareTo(BillingMonth other) => _monthsSinceYearOne.CompareTo(other._monthsSinceYearOne);
    public static bool operator <(BillingMonth left, BillingMonth right) => left.CompareTo(right) < 0;
    public static bool operator >(BillingMonth left, BillingMonth right) => left.CompareTo(right) > 0;
    public static bool operator <=(BillingMonth left, BillingMonth right) => left.CompareTo(right) <= 0;
    public static bool operator >=(BillingMonth left, BillingMonth right) => left.CompareTo(right) >= 0;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Year:0000}-{Month:00}");

    public static BillingMonth Parse(string s, IFormatProvider? provider = null) =>
        s is [_, _, _, _, '-', _, _] &&
        int.TryParse(s.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var year) &&
        int.TryParse(s.AsSpan(5, 2), NumberStyles.None, CultureInfo.InvariantCulture, out var month) &&
        year is >= 1 and <= 9998 && month is >= 1 and <= 12
            ? new(year, month)
            : throw new FormatException($"'{s}' is not a month. Write it like '2026-10'.");

    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out BillingMonth result) =>
        Text.TryParse(s, Parse, out result);
}
