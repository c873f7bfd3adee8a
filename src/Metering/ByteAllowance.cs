using System.Diagnostics;

namespace Exchange.Metering;

/// <summary>
/// How many bytes each landlord may have kept over HTTP: so many at once, and so many a second since. What is kept for
/// ever takes room of all.
/// </summary>
internal sealed class ByteAllowance(long most, long bytesASecond)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<LandlordId, (long Left, long At)> _left = [];

    /// <summary>Of new names, which stay in memory: two million resources at once, and as many over a week.</summary>
    public static ByteAllowance OfNames() => new(256 << 20, 4 << 10);

    /// <summary>Of what is set aside: some hundred thousand readings at once, and a hundred each second.</summary>
    public static ByteAllowance OfMisfits() => new(64 << 20, 64 << 10);

    /// <summary>Takes the bytes from what a landlord may bring; after how many seconds there is room, or 0.</summary>
    public int SecondsUntil(LandlordId landlord, long bytes)
    {
        lock (_lock)
        {
            var (left, at) = Now(landlord);
            var isEnough = left >= bytes;
            _left[landlord] = (isEnough ? left - bytes : left, at);
            return isEnough ? 0 : (int)Math.Min(3_600, 1 + ((bytes - left) / bytesASecond));
        }
    }

    /// <summary>How many a landlord may bring now; less than nothing where more came than it might.</summary>
    public long Left(LandlordId landlord)
    {
        lock (_lock)
        {
            return Now(landlord).Left;
        }
    }

    /// <summary>Takes the bytes of what came, also where they are more than a landlord might bring.</summary>
    public void Spend(LandlordId landlord, long bytes)
    {
        lock (_lock)
        {
            var (left, at) = Now(landlord);
            _left[landlord] = (left - bytes, at);
        }
    }

    private (long Left, long At) Now(LandlordId landlord)
    {
        var now = Stopwatch.GetTimestamp();
        var (left, at) = _left.GetValueOrDefault(landlord, (most, now));
        var seconds = (long)Stopwatch.GetElapsedTime(at, now).TotalSeconds;
        return (Math.Min(most, left + (seconds * bytesASecond)), at + (seconds * Stopwatch.Frequency));
    }
}
