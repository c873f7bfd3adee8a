using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FsCheck;
using Microsoft.FSharp.Core;

namespace Exchange.Testing;

/// <summary>
/// How much of what could be drawn is drawn. <c>./test</c> takes little of it and always the same, so that nothing fails
/// by chance; <c>./test --long</c> (EXCHANGE_TESTS=long) takes all. EXCHANGE_SEED=N begins at another seed, and
/// EXCHANGE_DRAWS=N draws that many seeds, which is for one class at a time.
/// </summary>
public static class Draws
{
    /// <summary>Whether all is drawn.</summary>
    public static bool AreLong { get; } = Environment.GetEnvironmentVariable("EXCHANGE_TESTS") switch
    {
        "long" => true,
        null or "" or "short" => false,
        var other => throw new InvalidOperationException($"EXCHANGE_TESTS is '{other}' and should be short or long."),
    };

    /// <summary>The seed to begin with.</summary>
    public static int First { get; } = Number("EXCHANGE_SEED") ?? 0;

    /// <summary>Few in a short run, many in a long one.</summary>
    public static int Count(int few, int many) => Number("EXCHANGE_DRAWS") ?? (AreLong ? many : few);

    /// <summary>The seeds to draw with, one after the other.</summary>
    public static IEnumerable<int> Seeds(int few, int many) => Enumerable.Range(First, Count(few, many));

    /// <summary>
    /// All of them in a long run; else as many as <paramref name="few"/> says, spread over all and chosen by a name, so
    /// that what is drawn for different names is different, and for one name always the same.
    /// </summary>
    public static IReadOnlyList<T> Of<T>(IReadOnlyList<T> all, string name, int few = 1) =>
        AreLong || all.Count == 0 ? all : Chosen(all, name, few);

    /// <summary>
    /// For properties: <c>.Check(Draws.Properties())</c> tries each with the same values, in a long run with more.
    /// </summary>
    public static Config Properties(int few = 100, int many = 1_000) => Config.QuickThrowOnFailure
        .WithMaxTest(Count(few, many)).WithReplay(new(new(new Rnd((ulong)First), FSharpOption<int>.None)));

    private static IReadOnlyList<T> Chosen<T>(IReadOnlyList<T> all, string name, int few)
    {
        var start = BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes($"{name} {First}"))) % (uint)all.Count;
        return [.. Enumerable.Range(0, Math.Min(few, all.Count))
            .Select(i => all[(int)((start + ((long)i * all.Count / few)) % all.Count)])];
    }

    private static int? Number(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } told
        ? int.Parse(told, NumberStyles.None, CultureInfo.InvariantCulture) : null;
}
