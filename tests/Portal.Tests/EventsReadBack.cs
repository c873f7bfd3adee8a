using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Whatever an event can hold comes back from the journal as it went in: every type of event of every module, found by
/// its stored name, of drawn extremes. An event that nobody thought of is among them.
/// </summary>
public sealed class EventsReadBack
{
    private const int Draws = 60;

    /// <summary>Values in their text forms; each type takes those that it can read.</summary>
    private static readonly string[] Forms =
    [
        "2026-10", "0001-01", "9999-12", "12.34 USD", "-92233720368547758.08 USD", "92233720368547758.07 USD", "0.00 USD",
        "744 SU-hour", "0.0000000000000000000000000001 hour", "-79228162514264337593543950335 GiB", "0.013 USD/SU-hour",
        "0.0000000000000000000000000001 USD/hour", "SU-hour", "2026-10-01T00:00:00Z/2026-11-01T00:00:00Z", "ada@bu.edu",
        "nerc/stack/vm/vm-1", "nerc/stack/pod/a/b/c", "a", "0", "1", "-1", "12.5%", "2026-10-05", "pi:ada@bu.edu", "👩‍🚀", "%2F",
    ];

    private static readonly string[] Odd =
    [
        "", "a", "\u0001", "\0", "é", "\uFFFD", "\u2028", "𝔘", "👩‍🚀", "\u202Eabc", "a/b", "'", "\"", "\\", "%", " x ", "\r\n", "$type",
        "2026-10-01T00:00:00Z", "null", new('x', 70_000), "{\"$type\":\"a/1\"}", "p-00112233445566778899@erased.invalid",
    ];

    private static readonly NullabilityInfoContext Nullability = new();

    [Fact]
    public void Every_type_of_event_of_drawn_extremes()
    {
        var (random, tried, wrong) = (new Random(7), 0, new List<string>());
        foreach (var (root, happened) in Events())
        {
            for (var draw = 0; draw < Draws; draw++)
            {
                var value = Drawn(happened, random, 0);
                var text = JsonSerializer.Serialize(value, root, Text.Json);
                var again = JsonSerializer.Serialize(JsonSerializer.Deserialize(text, root, Text.Json), root, Text.Json);
                tried++;
                if (text != again)
                {
                    wrong.Add($"{root.Name}.{happened.Name}: {Hostile.Start(text)} came back as {Hostile.Start(again)}");
                    break;
                }
            }
        }

        Assert.True(tried > 100 * Draws, $"Only {tried} events were drawn.");
        Assert.Equal("", string.Join('\n', wrong));
    }

    private static IEnumerable<(Type Root, Type Event)> Events() =>
        from file in Directory.GetFiles(AppContext.BaseDirectory, "Exchange.*.dll")
        where !Path.GetFileName(file).Contains("Tests", StringComparison.Ordinal)
        from root in Assembly.LoadFrom(file).GetTypes()
        from named in root.GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false)
        where root.Name.EndsWith("Event", StringComparison.Ordinal) && !named.DerivedType.ContainsGenericParameters
        select (root, named.DerivedType);

    private static object Drawn(Type type, Random random, int depth) =>
        type == typeof(string) ? Pick(random, Odd)
        : type == typeof(bool) ? random.Next(2) == 0
        : type == typeof(int) ? Pick(random, 0, 1, -1, int.MaxValue, int.MinValue)
        : type == typeof(long) ? Pick(random, 0, 1, -1, long.MaxValue, long.MinValue)
        : type == typeof(Money) ? new Money(Pick(random, 0, 1, -1, 10_000_000_000_000L, -10_000_000_000_000)) // A sum of some is one, too.
        : type == typeof(decimal) ? Pick(random, 0m, -0m, 0.0000000000000000000000000001m, decimal.MaxValue, decimal.MinValue, 1.10m)
        : type == typeof(Instant) ? Pick(random, Instant.MinValue, Instant.MaxValue, NodaConstants.UnixEpoch + Duration.Epsilon)
        : type == typeof(LocalDate) ? Pick(random, new LocalDate(1, 1, 1), new(9999, 12, 31), new(2024, 2, 29))
        : type == typeof(byte[]) ? Pick(random, [], new byte[] { 0, 255 })
        : type == typeof(JsonElement) ? JsonDocument.Parse(Pick(random, "{}", "{\"a\":[1,\"\\u0000\"]}", "7")).RootElement
        : type.IsEnum ? Pick(random, [.. Enum.GetValues(type).Cast<object>()])
        : Nullable.GetUnderlyingType(type) is { } inner ? Drawn(inner, random, depth)
        : IsParsable(type) ? Parsed(type, random)
        : type.GetCustomAttributes<JsonDerivedTypeAttribute>(inherit: false).Select(of => of.DerivedType).ToArray() is { Length: > 0 } cases
            ? Drawn(Pick(random, cases), random, depth)
        : typeof(IEnumerable).IsAssignableFrom(type) ? Several(type, random, depth)
        : Made(type, random, depth);

    private static bool IsParsable(Type type) => type.Namespace?.StartsWith("Exchange", StringComparison.Ordinal) == true &&
        type.GetInterfaces().Any(one => one.IsGenericType && one.GetGenericTypeDefinition() == typeof(IParsable<>));

    private static object Parsed(Type type, Random random)
    {
        var parse = type.GetMethod("Parse", [typeof(string), typeof(IFormatProvider)])!;
        var read = new List<object>();
        foreach (var form in Forms)
        {
            try
            {
                read.Add(parse.Invoke(null, [form, null])!);
            }
            catch (TargetInvocationException e) when (e.InnerException is FormatException or OverflowException or ArgumentException)
            {
                continue; // It is a form of another type.
            }
        }

        return read.Count > 0 ? Pick(random, [.. read]) : throw new InvalidOperationException($"No text form of {type} is known.");
    }

    private static object Several(Type type, Random random, int depth)
    {
        var parts = type.IsArray ? [type.GetElementType()!] : type.GetGenericArguments();
        var element = parts.Length == 1 ? parts[0] : typeof(KeyValuePair<,>).MakeGenericType(parts);
        var list = (IList)Activator.CreateInstance(typeof(List<>).MakeGenericType(element))!;
        var keys = new HashSet<object>();
        for (var left = depth > 3 ? 0 : random.Next(3); left > 0; left--)
        {
            var one = parts.Length == 1 ? Drawn(element, random, depth + 1)
                : Activator.CreateInstance(element, Drawn(parts[0], random, depth + 1), Drawn(parts[1], random, depth + 1))!;
            if (keys.Add(parts.Length == 1 ? one : element.GetProperty("Key")!.GetValue(one)!))
            {
                list.Add(one);
            }
        }

        var name = type.IsArray ? "Array" : type.Name.Split('`')[0];
        var of = name is "ImmutableArray" or "ImmutableList" or "ImmutableHashSet" or "ImmutableSortedSet" or "ImmutableDictionary"
            or "ImmutableSortedDictionary" ? typeof(ImmutableArray).Assembly.GetType($"System.Collections.Immutable.{name}") : null;
        return of is not null
            ? of.GetMethods().Single(m => m.Name == "CreateRange" && m.GetGenericArguments().Length == parts.Length &&
                m.GetParameters() is [{ ParameterType.Name: "IEnumerable`1" }]).MakeGenericMethod(parts).Invoke(null, [list])!
            : name is "Array" ? list.GetType().GetMethod("ToArray")!.Invoke(list, [])!
            : name is "IReadOnlyDictionary" or "Dictionary" or "IDictionary"
                ? Activator.CreateInstance(typeof(Dictionary<,>).MakeGenericType(parts), list)!
            : list;
    }

    private static object Made(Type type, Random random, int depth)
    {
        var constructor = type.GetConstructors().MaxBy(of => of.GetParameters().Length)
            ?? throw new InvalidOperationException($"{type} has no constructor.");
        for (var left = 50; ; left--)
        {
            try
            {
                var made = constructor.Invoke([.. constructor.GetParameters().Select(of => IsLeftOut(
                    Nullability.Create(of).WriteState, random) ? null : Drawn(of.ParameterType, random, depth + 1))]);
                foreach (var property in type.GetProperties().Where(of => of.SetMethod is not null &&
                    of.GetCustomAttribute<JsonIgnoreAttribute>() is null &&
                    !constructor.GetParameters().Any(one => one.Name == of.Name)))
                {
                    property.SetValue(made, IsLeftOut(Nullability.Create(property).WriteState, random)
                        ? null : Drawn(property.PropertyType, random, depth + 1));
                }

                return made;
            }
            catch (TargetInvocationException e) when (left > 0 && e.InnerException is ArgumentException or OverflowException
                or FormatException or RefusedException)
            {
                continue; // Such values do not go together.
            }
        }
    }

    private static bool IsLeftOut(NullabilityState state, Random random) => state == NullabilityState.Nullable && random.Next(3) == 0;

    private static T Pick<T>(Random random, params T[] values) => values[random.Next(values.Length)];
}
