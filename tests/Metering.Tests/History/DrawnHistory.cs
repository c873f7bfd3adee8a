using NodaTime;

namespace Exchange.Metering.Tests.History;

/// <summary>
/// Drawn readings of two landlords who use the same names and ids, corrections of them and of each other in every
/// direction, and twins that come under an id that is taken. Times are microseconds, few enough that many are equal.
/// </summary>
internal sealed class DrawnHistory
{
    public static Instant Start { get; } = Instant.FromUtc(2025, 6, 1, 0, 0);
    public static UsageQuery June { get; } = new(new(Start, Start + Duration.FromDays(30)));

    private readonly Random _random;
    private readonly int _spread;
    private readonly Instant[] _times;

    /// <param name="spread">
    /// How many times as many readings; more than one also spreads names, and ids are texts, UUIDs and such that name
    /// their time.
    /// </param>
    public DrawnHistory(Random random, int spread = 1)
    {
        (_random, _spread) = (random, spread);
        _times = [.. Enumerable.Range(0, 9).Select(_ => Start + Duration.FromTicks(
            10 * (random.NextInt64(40) * 3_600_000_000 + (random.Next(2) * random.NextInt64(3_600_000_000)))))];
        List<Collected> all = [];
        for (var i = random.Next(12, 40) * spread; i > 0; i--)
        {
            all.Add(Reading(Landlord(), NextId()));
        }

        var ids = all.ConvertAll(one => one.Reading!.Id);
        for (var i = random.Next(25) * (1 + spread) / 2; i > 0; i--)
        {
            all.Add(Correction($"c{random.Next(20 * spread)}", ids));
        }

        All = all;
    }

    /// <summary>What may be sent; of one id the first that comes counts.</summary>
    public IReadOnlyList<Collected> All { get; }

    public static (LandlordId Landlord, string Source, string Id) KeyOf(Collected one) => one.Reading is { } reading
        ? (reading.Resource.Landlord, reading.Source, reading.Id)
        : (one.Correction!.Landlord, one.Correction.Source, one.Correction.Id);

    private LandlordId Landlord() => new(_random.Next(3) == 0 ? "b" : "a");

    private string Source() => _random.Next(4) != 0 ? "urn:t" : _spread == 1 ? "urn:u" : $"urn:{_random.Next(_spread)}";

    private string NextId() => _spread == 1 ? $"r{_random.Next(30)}" : _random.Next(15 * _spread) switch
    {
        var n when n % 3 == 0 => $"{n:00000000}-0000-4000-8000-000000000000",
        var n when n % 3 == 1 => $"r{n}@", // The time is added when it is drawn.
        var n => $"r{n}",
    };

    private UsageCorrection Correction(string id, List<string> readings)
    {
        var landlord = Landlord();
        var kind = _random.Next(5);
        var keepsTime = kind == 1;
        return new()
        {
            Landlord = landlord,
            Source = Source(),
            Id = id,
            Corrects = _random.Next(3) == 0 ? $"c{_random.Next(20 * _spread)}"
                : _spread == 1 ? NextId() : readings[_random.Next(readings.Count)],
            Time = Start + Duration.FromDays(20) + Duration.FromSeconds(_random.Next(6)),
            Reason = "drawn",
            Replacement = kind == 0 ? null : Reading(landlord, id, keepsTime ? ReadingType.Sample : null),
            KeepsResource = kind is 1 or 2,
            KeepsTime = keepsTime,
        };
    }

    private Reading Reading(LandlordId landlord, string id, ReadingType? wanted = null)
    {
        var type = wanted ?? (ReadingType)_random.Next(4);
        var from = _times[_random.Next(_times.Length)];
        var to = type switch
        {
            ReadingType.State => from,
            ReadingType.Sample => from + Duration.FromMinutes(15 * _random.Next(1, 4)),
            ReadingType.Count when _random.Next(2) == 0 => from,
            _ => Later(from),
        };
        return new()
        {
            Source = Source(),
            Id = id.EndsWith('@') ? $"{id}{from.ToUnixTimeSeconds()}" : id,
            Type = type,
            Resource = new(landlord, new("c"), "vm", $"v{_random.Next(3 * _spread)}"),
            Project = new($"p{_random.Next(2 * _spread * _spread)}"),
            From = from,
            To = to,
            State = type == ReadingType.Count ? default : (ResourceState)_random.Next(7),
            Shape = type == ReadingType.Count ? Shape.Empty : Shape.Of([new("vcpu", $"{_random.Next(1, 3)}")]),
            Meter = type == ReadingType.Count ? "m" : null,
            Quantity = type == ReadingType.Count ? _random.Next(9) / 4m : 0,
        };
    }

    private Instant Later(Instant from) => _times.Where(time => time > from).OrderBy(_ => _random.Next())
        .FirstOrDefault(from + Duration.FromHours(1));
}
