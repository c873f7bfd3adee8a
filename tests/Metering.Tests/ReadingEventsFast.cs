using System.Text;
using System.Text.Json;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>The reader of the usual forms and the reader of all forms say the same of every event.</summary>
public sealed class ReadingEventsFast
{
    private static readonly Instant Now = Instant.FromUtc(2025, 7, 1, 0, 0);
    private static readonly RawShapes Shapes = new();
    private static readonly string[] Types = ["interval", "state", "sample", "count"];
    private static readonly string[] Odd =
    [
        "null", "\"\"", "\" \"", "7", "-1", "\"a/b\"", "\"a\\u0041\"", "\"\\ud800\"", "\"é ü\"", "[]",
        "{\"a\":{\"b\":[1]}}", "true",
        "1e3", "1e400", "\"NaN\"", "0.0000001", "\"12.50\"", "123456789012", "1234567890123",
        "\"2025-06-31T00:00:00Z\"",
        "\"2025-06-01T00:00:00.1234567Z\"", "\"2025-06-01T02:00:00+02:00\"", "\"2025-06-01T00:00:00+00:00\"",
        "\"0000-01-01T00:00:00Z\"", "\"9999-12-31T23:59:59Z\"", "\"1999-12-31T23:59:59Z\"", "\"2025-07-01T00:04:59Z\"",
        "\"2025-07-01T00:05:01Z\"", "\"running\"", "\"deleted\"", "{\"vcpu\":\"4.0\",\"gpu_model\":\"a100\",\"x\":1.5}",
        "{\"vcpu\":\"many\"}", "{\"ram_mib\":-1}", "\"other\"",
        "\"exchange.usage.sample.v1\"", "\"exchange.usage.sample.v2\"",
    ];

    [Fact]
    public async Task Whatever_stands_in_a_field()
    {
        var fields = Fields("interval", 0).Select(f => f.Key).Concat(
            ["data.step_seconds", "data.meter", "data.quantity", "unknown", "data.unknown"]).ToArray();
        foreach (var type in Types)
        {
            foreach (var field in fields)
            {
                foreach (var value in Odd)
                {
                    await Same(Event(type, 1, new() { [field] = value }));
                }

                await Same(Event(type, 1, new() { [field] = null! }));
            }
        }
    }

    [Fact]
    public async Task Whatever_stands_in_several_fields_and_in_whatever_pieces_it_comes()
    {
        var random = new Random(5);
        var fields = Fields("interval", 0).Select(f => f.Key).Concat(["data.step_seconds", "data.quantity"]).ToArray();
        var events = Enumerable.Range(0, 500).Select(i => Event(
            Types[random.Next(4)], i, Enumerable.Range(0, random.Next(3)).Select(_ => random.GetItems(fields, 1)[0])
                .Distinct().ToDictionary(f => f, _ => random.GetItems(Odd, 1)[0]))).ToList();
        var expected = events.Select(e => Told(Slow(e))).ToList();
        Assert.Equal(expected, Told(await Fast(string.Join('\n', events), 1 << 20)));
        Assert.Equal(expected, Told(await Fast($"[{string.Join(',', events)}]", 700)));
        Assert.Equal(expected, Told(await Fast($" [{string.Join(" , ", events)}]\n", 64)));
        Assert.Equal(expected, Told(await Fast(string.Join("\r\n", events), 1)));
    }

    [Fact]
    public async Task Whatever_stands_in_a_field_after_events_that_are_written_the_same_way()
    {
        var fields = Fields("interval", 0).Select(f => f.Key).Concat(
            ["data.step_seconds", "data.meter", "data.quantity", "unknown", "data.unknown"]).ToArray();
        string[] values = [.. Odd, "007", "00", "1.", "1.5.", ".5", "5", "0", "0.5", "\"2\"", "{}", "{\"vcpu\":4}"];
        var known = new EventLayouts();
        foreach (var type in Types)
        {
            foreach (var field in fields)
            {
                foreach (var value in values.Where(IsJson))
                {
                    var odd = Event(type, 1, new() { [field] = value });
                    List<string> events = [Event(type, 2, []), odd, Event("count", 3, []), odd, Event(type, 4, [])];
                    var expected = events.Select(e => Told(Slow(e)));
                    Assert.Equal(expected, Told(await Fast(string.Join("\n", events) + "\r\n", 1 << 20, known)));
                }
            }
        }
    }

    [Fact]
    public async Task What_is_no_json_is_refused_also_after_events_that_are_written_the_same_way()
    {
        foreach (var type in Types)
        {
            var good = Event(type, 2, []);
            string[] broken =
            [
                good[..^1], $"{good}}}", $"{good},", good.Replace("2025", "20\n25", StringComparison.Ordinal),
                good.Replace("\"vm\"", "\"v\\m\"", StringComparison.Ordinal),
                good.Replace("\"vm\"", "vm", StringComparison.Ordinal),
                good.Replace("3600", "03600", StringComparison.Ordinal).Replace(
                    "\"2.5\"", "02.5", StringComparison.Ordinal) + (type is "sample" or "count" ? "" : "?"),
                good.Replace("\"data\":{", "\"data\":{,", StringComparison.Ordinal),
            ];
            foreach (var bad in broken)
            {
                var error = await Assert.ThrowsAnyAsync<JsonException>(
                    () => Fast($"{good}\n{good}\n{good}\n{bad}\n{good}", 1 << 20));
                Assert.Matches("LineNumber: [345] ", error.Message);
            }
        }
    }

    /// <summary>
    /// Whatever is there twice, before or behind, alike or not, with its name escaped or not, known or not: neither
    /// counts, and it is said what it is. Seen before: the last counted, without a word.
    /// </summary>
    [Fact]
    public async Task What_is_said_twice_in_one_event_counts_in_no_way()
    {
        foreach (var type in Types)
        {
            var good = Event(type, 1, []);
            foreach (var (field, value) in Fields(type, 1).Append(new("foo", "1")).Append(new("data.foo", "{}")))
            {
                var isData = field.StartsWith("data.", StringComparison.Ordinal);
                var (name, start) = (field[(isData ? 5 : 0)..], isData ? "\"data\":{" : "{\"specversion");
                var escaped = $"\\u{(int)name[0]:x4}{name[1..]}";
                var again = name == "foo" ? $"\"foo\":{value},\"foo\"" : $"\"{name}\"";
                List<string> odd =
                [
                    good.Replace(start, isData
                        ? $"{start}{again}:{value},"
                        : $"{{{again}:{value},\"specversion", StringComparison.Ordinal),
                    good.Replace(start, isData
                        ? $"{start}{again}:\"x\",\"{escaped}\":{value},"
                        : $"{{{again}:\"x\",\"{escaped}\":{value},\"specversion", StringComparison.Ordinal),
                    isData ? $"{good[..^2]},{again}:null}}}}" : $"{good[..^1]},{again}:null}}",
                ];
                var known = new EventLayouts();
                foreach (var twice in odd)
                {
                    Assert.Equal("reading/key-twice", Slow(twice).Misfit!.Reason);
                    Assert.Contains($"{name}'", Slow(twice).Misfit!.Why, StringComparison.Ordinal);
                    Assert.Equal(
                        [Told(Slow(good)), Told(Slow(twice)), Told(Slow(good))],
                        Told(await Fast($"{good}\n{twice}\n{good}", 1 << 20, known)));
                }
            }
        }
    }

    [Theory]
    [InlineData("\"shape\":{\"vcpu\":4,\"ram_mib\":1,\"vcpu\":4}")]
    [InlineData("\"shape\":{\"vcpu\":4,\"\\u0076cpu\":8}")]
    [InlineData("\"shape\":{\"vcpu\":4,\"x\":1,\"x\":2}")]
    [InlineData("\"more\":[{\"a\":{\"b\":1,\"b\":1}}],\"shape\":{}")]
    public async Task What_is_said_twice_in_an_object_inside_of_it_neither(string said)
    {
        var odd = Event("sample", 1, []).Replace(
            "\"shape\":{\"vcpu\":4,\"ram_mib\":16384}", said, StringComparison.Ordinal);
        Assert.Equal("reading/key-twice", Slow(odd).Misfit!.Reason);
        await Same(odd);
    }

    [Fact]
    public async Task Data_beside_its_other_form_and_what_that_says_twice_count_in_no_way()
    {
        string Packed(string data) => $"\"data_base64\":\"{Convert.ToBase64String(Encoding.UTF8.GetBytes(data))}\"";
        var good = Event("state", 1, []);
        var at = good.IndexOf("\"data\":", StringComparison.Ordinal);
        var data = good[(at + 7)..^1];
        var alone = $"{good[..at]}{Packed(data)}}}";
        Assert.Equal(Told(Slow(good)), Told(Slow(alone)));
        foreach (var odd in (string[])
            [
                $"{good[..^1]},{Packed(data)}}}", $"{{{Packed(data)},{good[1..]}", $"{good[..^1]},\"data_base64\":null}}",
                $"{good[..at]}\"data\":null,{Packed(data)}}}",
                $"{good[..at]}{Packed(data.Replace("{\"landlord", "{\"kind\":\"vm\",\"landlord", StringComparison.Ordinal))}}}",
            ])
        {
            Assert.Equal("reading/key-twice", Slow(odd).Misfit!.Reason);
            await Same(odd);
        }
    }

    [Fact]
    public async Task A_correction_that_says_something_twice_is_none()
    {
        const string Good = """
            {"specversion":"1.0","id":"c","source":"s","type":"exchange.usage.correction.v1","time":"2025-06-01T01:00:00Z",
            "data":{"landlord":"nerc","corrects":"a","reason":"wrong","replacement":{"type":"exchange.usage.state.v1",
            "data":{"landlord":"nerc","cluster":"c","project":"p","kind":"vm","state":"running","shape":{"vcpu":4}}}}}
            """;
        Assert.NotNull(Slow(Good).Correction);
        foreach (var name in (string[])["corrects", "reason", "replacement", "state", "vcpu", "landlord"])
        {
            var odd = Good.Replace($"\"{name}\":", $"\"{name}\":\"1\",\"{name}\":", StringComparison.Ordinal);
            Assert.Equal("reading/key-twice", Slow(odd).Misfit!.Reason);
            await Same(odd);
        }
    }

    [Fact]
    public async Task Events_that_are_written_the_same_way_are_not_read_as_json_again()
    {
        foreach (var type in Types)
        {
            var known = new EventLayouts();
            var events = Enumerable.Range(0, 50).Select(i => Event(type, i, [])).ToList();
            await Fast(string.Join('\n', events), 1 << 20, known);
            var fields = new EventFields();
            Assert.Single(known.Known);
            foreach (var next in events.Select(Encoding.UTF8.GetBytes))
            {
                Assert.Equal(next.Length, known.Known[0].Match(next, Shapes, ref fields));
            }
        }
    }

    [Fact]
    public void The_usual_forms_are_all_read_the_fast_way()
    {
        foreach (var type in Types)
        {
            var fields = new EventFields();
            var json = Encoding.UTF8.GetBytes(Event(type, 1, []));
            var reader = new Utf8JsonReader(json);
            reader.Read();
            Assert.True(fields.Read(ref reader, json) && !fields.IsUnusual);
        }
    }

    private static async Task Same(string json) => Assert.Equal([Told(Slow(json))], Told(await Fast(json, 1 << 20)));

    private static Collected Slow(string json)
    {
        using var document = JsonDocument.Parse(json);
        return Bounds.Check(UsageEvent.Read(document.RootElement), Now);
    }

    private static bool IsJson(string value)
    {
        try
        {
            using var document = JsonDocument.Parse(value);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static async Task<Batch> Fast(string json, int piece, EventLayouts? layouts = null)
    {
        var batch = new Batch(new());
        var parser = new EventParser(Shapes, layouts ?? new(), null, Now);
        using var stream = new Pieces(Encoding.UTF8.GetBytes(json), piece);
        var read = await EventStream.Read(stream, parser, batch, long.MaxValue, null, CancellationToken.None);
        read!.Resolve(new());
        return read;
    }

    private static IEnumerable<string> Told(Batch batch)
    {
        var misfit = 0;
        for (var row = 0; row <= batch.Count; row++)
        {
            for (; misfit < batch.Misfits.Count && batch.Misfits[misfit].After == row; misfit++)
            {
                yield return Told((Collected)batch.Misfits[misfit].Misfit);
            }

            if (row < batch.Count)
            {
                yield return Told(Readings.Of(batch.Rows[row], batch.Names));
            }
        }
    }

    private static string Told(Collected collected) =>
        collected.Reading is { } reading ? reading.ToLine() : $"{collected.Misfit}";

    private static Dictionary<string, string> Fields(string type, int number) => new()
    {
        ["specversion"] = "\"1.0\"",
        ["id"] = $"\"{number:00000000}-aaaa-4bbb-8ccc-0123456789ab\"",
        ["source"] = "\"urn:test\"",
        ["type"] = $"\"exchange.usage.{type}.v1\"",
        ["subject"] = $"\"vm-{number % 7}\"",
        ["time"] = "\"2025-06-01T01:00:00Z\"",
        ["data.landlord"] = "\"nerc\"",
        ["data.cluster"] = "\"stack\"",
        ["data.project"] = "\"p-1\"",
        ["data.kind"] = "\"vm\"",
        ["data.from"] = "\"2025-06-01T00:00:00Z\"",
        ["data.to"] = "\"2025-06-01T01:00:00Z\"",
        ["data.state"] = "\"running\"",
        ["data.shape"] = "{\"vcpu\":4,\"ram_mib\":16384}",
    };

    private static string Event(string type, int number, Dictionary<string, string> changed)
    {
        var fields = Fields(type, number);
        if (type == "sample")
        {
            fields["data.step_seconds"] = "3600";
        }

        if (type == "count")
        {
            fields["data.meter"] = "\"egress\"";
            fields["data.quantity"] = "\"2.5\"";
        }

        foreach (var (field, value) in changed)
        {
            fields[field] = value;
        }

        string Object(bool ofData) => string.Join(',', fields
            .Where(f => f.Value is not null && f.Key.StartsWith("data.", StringComparison.Ordinal) == ofData)
            .Select(f => $"\"{f.Key[(ofData ? 5 : 0)..]}\":{f.Value}"));
        return $"{{{Object(false)},\"data\":{{{Object(true)}}}}}";
    }

    /// <summary>A stream that gives at most so many bytes at once.</summary>
    private sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(piece, buffer.Length)], cancellationToken);
    }
}
