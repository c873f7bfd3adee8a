using System.Buffers.Text;
using System.Globalization;
using NodaTime;
using NodaTime.Text;

namespace Exchange.Metering.Bench;

/// <summary>
/// VMs in a hundred regions that each report every hour, under random UUIDs; the same seed makes the same load.
/// </summary>
/// <param name="Vms">How many VMs report in each hour.</param>
/// <param name="Before">How many hours before the usual start the first reading is.</param>
/// <param name="DerivedIds">Whether ids are the VM and the hour, not random.</param>
public sealed record UsageLoad(int Vms, int Before = 0, ulong Seed = 7, bool DerivedIds = false)
{
    public static readonly Instant Start = Instant.FromUtc(2025, 6, 1, 0, 0);
    public static readonly LandlordId Landlord = new("bench");
    private const int Regions = 100;
    private const int VmsAProject = 50;
    private static readonly string[] Shapes =
    [
        """{"vcpu":1,"ram_mib":4096}""", """{"vcpu":2,"ram_mib":8192}""", """{"vcpu":4,"ram_mib":16384}""",
        """{"vcpu":24,"ram_mib":75776,"gpu":1,"gpu_model":"a100"}""",
    ];

    /// <summary>The most bytes that one event takes as a line.</summary>
    public const int MaxLineLength = 640;

    /// <summary>Writes event number so-and-so as a line of JSON, and says how long it is.</summary>
    public int Line(int number, Span<byte> into)
    {
        var (hour, vm) = Math.DivRem(number, Vms);
        var (from, to) = Times(hour - Before);
        var at = 0;
        Put("{\"specversion\":\"1.0\",\"id\":\""u8, into, ref at);
        Id(number, vm, from, into, ref at);
        Put("\",\"source\":\"urn:bench:region-"u8, into, ref at);
        Number(vm % Regions, into, ref at);
        Put("\",\"type\":\"exchange.usage.interval.v1\",\"subject\":\""u8, into, ref at);
        Uuid(((ulong)vm << 32) + 1, into, ref at);
        Put("\",\"time\":\""u8, into, ref at);
        Put(to, into, ref at);
        Put("\",\"data\":{\"landlord\":\"bench\",\"cluster\":\"region-"u8, into, ref at);
        Number(vm % Regions, into, ref at);
        Put("\",\"project\":\"project-"u8, into, ref at);
        Number(vm / VmsAProject, into, ref at);
        Put("\",\"kind\":\"vm\",\"from\":\""u8, into, ref at);
        Put(from, into, ref at);
        Put("\",\"to\":\""u8, into, ref at);
        Put(to, into, ref at);
        Put("\",\"state\":\"running\",\"shape\":"u8, into, ref at);
        Put(Written[vm % Shapes.Length], into, ref at);
        Put("}}\n"u8, into, ref at);
        return at;
    }

    private void Id(int number, int vm, byte[] from, Span<byte> into, ref int at)
    {
        if (!DerivedIds)
        {
            Uuid((ulong)number + ((ulong)Before << 40), into, ref at);
            return;
        }

        Uuid(((ulong)vm << 32) + 1, into, ref at);
        Put("@"u8, into, ref at);
        Put(from, into, ref at);
    }

    private (byte[] From, byte[] To) Times(int hour)
    {
        // Clients share the load: an hour that another one asked for meanwhile is only made again.
        var (of, from, to) = _times ?? Tuple.Create(hour - 1, Array.Empty<byte>(), Array.Empty<byte>());
        if (of != hour)
        {
            (from, to) = (At(hour), At(hour + 1));
            _times = Tuple.Create(hour, from, to);
        }

        return (from, to);

        static byte[] At(int hour) => System.Text.Encoding.ASCII.GetBytes(
            InstantPattern.General.Format(Start + Duration.FromHours(hour)));
    }

    /// <summary>The same event as a reading that is understood.</summary>
    public Reading Reading(int number)
    {
        var (hour, vm) = Math.DivRem(number, Vms);
        Span<byte> text = stackalloc byte[36];
        var at = 0;
        Uuid((ulong)number, text, ref at);
        var id = System.Text.Encoding.ASCII.GetString(text);
        at = 0;
        Uuid(((ulong)vm << 32) + 1, text, ref at);
        return new()
        {
            Source = string.Create(CultureInfo.InvariantCulture, $"urn:bench:region-{vm % Regions}"),
            Id = id,
            Type = ReadingType.Interval,
            Resource = new(Landlord, new(string.Create(CultureInfo.InvariantCulture, $"region-{vm % Regions}")), "vm",
                System.Text.Encoding.ASCII.GetString(text)),
            Project = new(string.Create(CultureInfo.InvariantCulture, $"project-{vm / VmsAProject}")),
            From = Start + Duration.FromHours(hour),
            To = Start + Duration.FromHours(hour + 1),
            Shape = Parsed[vm % Shapes.Length],
        };
    }

    private Tuple<int, byte[], byte[]>? _times;
    private static readonly byte[][] Written = [.. Shapes.Select(System.Text.Encoding.ASCII.GetBytes)];
    private static readonly Shape[] Parsed = [.. Shapes.Select(s => Shape.Of(
        System.Text.Json.JsonDocument.Parse(s).RootElement.EnumerateObject()
            .Select(p => KeyValuePair.Create(p.Name, p.Value.ToString()))))];

    private void Uuid(ulong number, Span<byte> into, ref int at)
    {
        Span<byte> bytes = stackalloc byte[16];
        BitConverter.TryWriteBytes(bytes, Mix(number ^ Seed));
        BitConverter.TryWriteBytes(bytes[8..], Mix(Mix(number ^ Seed) ^ 1));
        new Guid(bytes).TryFormat(into[at..], out var length);
        at += length;
    }

    private static ulong Mix(ulong x)
    {
        unchecked
        {
            x += 0x9E3779B97F4A7C15;
            x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
            x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
            return x ^ (x >> 31);
        }
    }

    private static void Number(int number, Span<byte> into, ref int at)
    {
        Utf8Formatter.TryFormat(number, into[at..], out var length);
        at += length;
    }

    private static void Put(ReadOnlySpan<byte> text, Span<byte> into, ref int at)
    {
        text.CopyTo(into[at..]);
        at += text.Length;
    }
}
