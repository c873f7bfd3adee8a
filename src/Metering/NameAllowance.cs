using System.Diagnostics;

namespace Exchange.Metering;

/// <summary>
/// How many bytes of new names each landlord may bring over HTTP: names are known for ever, and take memory of all. A
/// landlord may bring two million resources at once, and as many again over a week.
/// </summary>
internal sealed class NameAllowance(long most = NameAllowance.MaxBytes, long bytesASecond = NameAllowance.BytesASecond)
{
    public const long MaxBytes = 256 << 20;
    public const long BytesASecond = 4 << 10;

    private readonly Lock _lock = new();
    private readonly Dictionary<LandlordId, (long Left, long At)> _left = [];

    /// <summary>Takes the bytes from what a landlord may bring; after how many seconds there is room, or 0.</summary>
    public int SecondsUntil(LandlordId landlord, long bytes)
    {
        lock (_lock)
        {
            var now = Stopwatch.GetTimestamp();
            var (left, at) = _left.GetValueOrDefault(landlord, (most, now));
            var seconds = (long)Stopwatch.GetElapsedTime(at, now).TotalSeconds;
            left = Math.Min(most, left + (seconds * bytesASecond));
            var isEnough = left >= bytes;
            _left[landlord] = (isEnough ? left - bytes : left, at + (seconds * Stopwatch.Frequency));
            return isEnough ? 0 : (int)Math.Min(3_600, 1 + ((bytes - left) / bytesASecond));
        }
    }
}
