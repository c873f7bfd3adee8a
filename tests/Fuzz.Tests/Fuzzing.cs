using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using Exchange.Testing;
using Xunit;

namespace Exchange.Fuzz.Tests;

/// <summary>
/// Drawn bytes at every door that reads a format, and at every reader of what was stored. Nothing but a refusal comes
/// out, in bounded time and memory; what is taken can be stored and read again.
/// With EXCHANGE_FUZZ_SECONDS=600 each target is tried for so long instead of some hundred times, and what is found is
/// kept in Findings/, where every run tries it again; EXCHANGE_FUZZ_TARGETS="events focus" tries those alone.
/// </summary>
public class Fuzzing
{
    private const int FewTries = 100; // Of a reader that does much, as all that publishing checks, in so many seconds.
    private const long MostBytes = 256L << 20;
    private static readonly int Tries = Draws.Count(few: 600, many: 10_000);
    private static readonly int SecondsOfMany = Draws.AreLong ? 20 : 2;
    private static readonly TimeSpan MostTime = TimeSpan.FromSeconds(5);

    public static TheoryData<string> Names { get; } =
    [
        .. Targets.All.Select(target => target.Name)
            .Where(name => Environment.GetEnvironmentVariable("EXCHANGE_FUZZ_TARGETS") is not { } some ||
                some.Split(' ').Contains(name)),
    ];

    [Theory, MemberData(nameof(Names))]
    public void Drawn_bytes_bring_nothing_but_refusals(string name)
    {
        var target = Targets.All.Single(one => one.Name == name);
        var seconds = Environment.GetEnvironmentVariable("EXCHANGE_FUZZ_SECONDS") is { } told
            ? int.Parse(told, CultureInfo.InvariantCulture) : 0;
        var seed = seconds > 0 ? Environment.TickCount : 20_261_128 + Draws.First;
        var mutations = new Mutations(target.Seeds, new(seed));
        var watch = Stopwatch.StartNew();
        var tries = 0;
        var found = new Dictionary<string, byte[]>();
        for (; seconds > 0 ? watch.Elapsed.TotalSeconds < seconds
            : tries < Tries && (tries < FewTries || watch.Elapsed.TotalSeconds < SecondsOfMany); tries++)
        {
            var input = mutations.Next();
            if (Tried(target, input) is { } wrong)
            {
                Keep(name, input, isNew: found.TryAdd(wrong, input) && seconds > 0);
            }
        }

        TestContext.Current.SendDiagnosticMessage($"{name}: {tries} tries, {found.Count} kinds of findings");
        Assert.True(found.Count == 0, string.Join('\n', found.Select(one =>
            $"{one.Key}\n  seed {seed}, base64: {Convert.ToBase64String(one.Value[..Math.Min(one.Value.Length, 3_000)])}")));
    }

    [Theory, MemberData(nameof(Names))]
    public void What_is_right_is_taken_and_what_was_found_once_is_mended(string name)
    {
        var target = Targets.All.Single(one => one.Name == name);
        Assert.NotEmpty(target.Seeds);
        Assert.All(target.Seeds, seed => Assert.Null(Tried(target, seed)));
        var folder = Product.File($"tests/Fuzz.Tests/Findings/{name}");
        if (Directory.Exists(folder))
        {
            Assert.All(Directory.GetFiles(folder), file => Assert.Null(Tried(target, File.ReadAllBytes(file))));
        }
    }

    /// <summary>What went wrong with these bytes: null for nothing, or for a refusal.</summary>
    private static string? Tried(Target target, byte[] input)
    {
        var (watch, before) = (Stopwatch.StartNew(), GC.GetAllocatedBytesForCurrentThread());
        var worked = Environment.CpuUsage.TotalTime; // On a busy machine the time that passes says nothing of a reader.
        try
        {
            target.Try(input);
        }
        catch (RefusedException e) when (e.Refusal.Code.Length > 0 && e.Refusal.Message.Length > 0)
        {
        }
#pragma warning disable CA1031 // Whatever it is, it is what was looked for.
        catch (Exception e)
#pragma warning restore CA1031
        {
            var at = e.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("Exchange.", StringComparison.Ordinal))?.Trim();
            return $"{e.GetType().Name}: {e.Message.Split('\n')[0]} {at}";
        }

        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        return bytes > MostBytes ? $"took {bytes >> 20} MiB"
            : watch.Elapsed > MostTime && Environment.CpuUsage.TotalTime - worked > MostTime ? $"took {watch.Elapsed}"
            : null;
    }

    private static void Keep(string name, byte[] input, bool isNew)
    {
        if (isNew)
        {
            var folder = Directory.CreateDirectory(Product.File($"tests/Fuzz.Tests/Findings/{name}")).FullName;
            File.WriteAllBytes(Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(input))[..16]), input);
        }
    }
}
