using System.Text;
using System.Text.Json;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>
/// Whatever is accepted can be read again for ever: each form of stored bytes gives back what was written, whatever a
/// value can be. Seen to fail with the sign of a zero beside its scale, which made a block unreadable.
/// </summary>
public sealed class ReadingBackWhatIsStored
{
    private const int Draws = 300;
    private static readonly long Earliest = Instant.FromUtc(2000, 1, 1, 0, 0).ToUnixTimeTicks() / 10;
    private static readonly uint[] Words = [0, 1, 2, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
    private static readonly string[] Odd =
    [
        "a", "\u0001", "\0", "é", "\uFFFD", "\u2028", "𝔘", "👩‍🚀", "\u202Eabc", "a/b", "'", "\"", "\\", "%", " x",
        "ﬀ", "K", new('x', 200), string.Concat(Enumerable.Repeat("𝔘", 100)),
    ];

    [Fact]
    public void Every_decimal_of_every_scale_and_sign()
    {
        foreach (var (low, mid, high) in Words.SelectMany(low =>
            Words.SelectMany(mid => Words.Select(high => (low, mid, high)))))
        {
            for (byte scale = 0; scale <= 28; scale++)
            {
                Same(new(unchecked((int)low), unchecked((int)mid), unchecked((int)high), false, scale));
                Same(new(unchecked((int)low), unchecked((int)mid), unchecked((int)high), true, scale));
            }
        }

        Same(decimal.MaxValue);
        Same(decimal.MinValue);
    }

    [Fact]
    public void A_zero_below_zero_that_was_stored_once_is_zero()
    {
        var writer = new BytesWriter();
        foreach (var scale in (ulong[])[0, 1, 28])
        {
            writer.Number(0x8000 | scale); // As it was written before: the sign beside the scale.
            writer.Number(0);
            writer.Number(0);
        }

        var reader = new BytesReader(writer.Written);
        for (var i = 0; i < 3; i++)
        {
            var zero = reader.Decimal();
            Assert.Equal((0m, false), (zero, decimal.IsNegative(zero)));
        }
    }

    [Fact]
    public void Blocks_of_whatever_a_row_can_hold()
    {
        var random = new Random(1);
        for (var draw = 0; draw < Draws; draw++)
        {
            var names = new Names();
            foreach (var text in Odd)
            {
                names.FindOrAdd([Names.Project, .. Encoding.UTF8.GetBytes(text)]);
            }

            var rows = Enumerable.Range(0, 1 + random.Next(40)).Select(_ => Drawn(random)).ToArray();
            var block = Block.Pack(long.MaxValue, rows, names, 0, new());
            Row[] room = [];
            Assert.Equal(rows.Select(Told), block.Unpack(ref room).ToArray().Select(Told));
            var read = new Names();
            block.AddNames(read);
            Assert.Equal(names.Count, read.Count);
            foreach (var number in Enumerable.Range(1, names.Count))
            {
                Assert.True(names[number].SequenceEqual(read[number]));
            }
        }
    }

    [Fact]
    public void Pages_of_whatever_a_row_can_hold()
    {
        var random = new Random(2);
        for (var draw = 0; draw < Draws; draw++)
        {
            var page = new Page();
            foreach (var row in Enumerable.Range(0, random.Next(60)).Select(_ => Drawn(random)))
            {
                page.Add(FoldRow.Of(row));
            }

            var read = Page.Unpack(page.Pack());
            Assert.Equal(page.Contents, read.Contents);
            Assert.Equal(page.Totals, read.Totals);
            for (var place = 0; place < Page.Resources; place++)
            {
                Assert.Equal(page[place], read[place]);
            }
        }
    }

    [Fact]
    public void Words_of_runs_whatever_the_trace_and_the_block()
    {
        var random = new Random(3);
        for (var draw = 0; draw < Draws; draw++)
        {
            var trace = draw == 0 ? 0 : draw == 1 ? (1UL << 51) - 1 : (ulong)random.NextInt64(1L << 51);
            var block = draw % 3 == 0 ? 0 : draw % 3 == 1 ? SortedRun.MaxBlocks - 1
                : random.NextInt64(SortedRun.MaxBlocks);
            foreach (var bits in (int[])[0, 1, 7])
            {
                Assert.Equal(
                    (trace, block), SortedRun.Read(SortedRun.Page(trace, bits), bits, SortedRun.Word(trace, block)));
            }
        }
    }

    [Fact]
    public async Task Events_of_whatever_can_be_accepted_are_folded_verified_and_known_after_a_restart()
    {
        await using var database = await KnowingReadings.Database();
        var random = new Random(4);
        var sent = Encoding.UTF8.GetBytes(string.Join('\n', Enumerable.Range(0, 2_000).Select(i => Event(random, i))));
        var first = await Send(new(database, SystemClock.Instance, readingsInMemory: 150), sent);
        Assert.True(first.Accepted > 300 && first.Quarantined > 300, $"{first}");
        var meter = new Meter(database, SystemClock.Instance, readingsInMemory: 150);
        Assert.Equal(first with { Accepted = 0, Duplicate = first.Accepted }, await Send(meter, sent));
        var always = new UsageQuery(new(Instant.FromUtc(2000, 1, 1, 0, 0), Instant.FromUtc(2030, 1, 1, 0, 0)));
        foreach (var total in await meter.Totals(always, Ct))
        {
            Assert.False(decimal.IsNegative(total.Quantity));
        }

        await foreach (var segment in meter.Segments(always, Ct))
        {
            Assert.False(decimal.IsNegative(segment.Shape.VCpu));
            Assert.NotEmpty(await meter.ReadingsBehind(segment.Resource, segment.Period, Ct));
        }

        Assert.Empty(await meter.Verify(Ct));
        await meter.Replay(Ct);
        Assert.Empty(await meter.Verify(Ct));
    }

    [Fact]
    public async Task What_a_collector_made_and_could_not_be_read_back_is_set_aside()
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance);
        foreach (var (id, cluster, reason) in ((string, string, string)[])
            [
                ("a\ud800", "b", "reading/not-text"), ("\udc00", "b", "reading/not-text"),
                ("a\0", "b", "reading/bad-name"), ("", "b", "reading/bad-name"), ("a", "b/c", "reading/bad-name"),
            ])
        {
            var bad = KnowingReadings.Hour(0) with
            {
                Id = id,
                Resource = new(new("nerc"), new(cluster), "vm", "1"),
            };
            Assert.Equal(1, (await KnowingReadings.Ingest(meter, [KnowingReadings.Hour(1), bad])).Quarantined);
            Assert.Contains(await meter.Quarantine(9, Ct), misfit => misfit.Reason == reason);
        }

        Assert.Equal(5, (await meter.Quarantine(9, Ct)).Count);
        Assert.Empty(await meter.Verify(Ct));
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static Task<IngestOutcome> Send(Meter meter, byte[] events) =>
        meter.IngestCloudEvents(new MemoryStream(events), "-", Ct);

    private static void Same(decimal value)
    {
        var writer = new BytesWriter();
        writer.Decimal(value);
        var reader = new BytesReader(writer.Written);
        var read = reader.Decimal();
        Assert.Equal(
            value == 0 ? (0m, false, true) : (value, decimal.IsNegative(value), true),
            (read, decimal.IsNegative(read), reader.AtEnd));
    }

    private static Row Drawn(Random random)
    {
        var type = (ReadingType)random.Next(4);
        var from = Pick(random, Earliest, long.MaxValue / 4, Earliest + random.NextInt64(1L << 50));
        return new()
        {
            Type = type,
            State = type == ReadingType.Count ? default : (ResourceState)random.Next(7),
            From = from,
            To = from + (type == ReadingType.State ? 0
                : Pick(random, 1, long.MaxValue / 4, random.NextInt64(1L << 40))),
            Id = RowId.Of(
                Pick(random, "01234567-89ab-cdef-0123-456789abcdef", Guid.Empty.ToString(), random.GetItems(Odd, 1)[0])),
            Source = Pick(random, 1, int.MaxValue, random.Next()),
            Resource = Pick(random, 1, int.MaxValue, random.Next()),
            Project = Pick(random, 1, int.MaxValue, random.Next()),
            Shape = type == ReadingType.Count ? 0 : Pick(random, 1, int.MaxValue, random.Next()),
            Meter = type == ReadingType.Count ? Pick(random, 1, int.MaxValue, random.Next()) : 0,
            Quantity = type == ReadingType.Count
                ? Bounds.Plain(Pick(random, -0m, 999_999_999_999.999999999999m, random.NextInt64() / 1000m))
                : 0,
        };
    }

    private static T Pick<T>(Random random, params T[] values) => random.GetItems(values, 1)[0];

    private static string Told(Row row) =>
        $"{row.Type} {row.State} {row.From} {row.To} {row.Source} {row.Resource} {row.Project} {row.Shape} " +
        $"{row.Meter} {row.Quantity} {row.Id}";

    /// <summary>An event whose fields are whatever JSON can write, some good.</summary>
    private static string Event(Random random, int number)
    {
        string[] numbers =
        [
            "0", "-0", "\"-0\"", "-0.0", "\"-0.000000000000\"", "0e5", "1e-12", "999999999999.999999999999", "\"1e3\"",
            "-1", "\"-0.5\"", "79228162514264337593543950335", "1e400", "\"+7\"", "2.50",
        ];
        var isCount = random.Next(2) == 0;
        var subject = random.Next(3) == 0 ? "\"\\ud800\"" : JsonSerializer.Serialize(random.GetItems(Odd, 1)[0]);
        var keys = random.Next(4) == 0 ? "{\"\\udfff\":1}"
            : random.Next(9) == 0 ? $"{{{string.Join(',', Enumerable.Range(0, 70).Select(i => $"\"k{i}\":{i}"))}}}"
            : $"{{\"vcpu\":{random.GetItems(numbers, 1)[0]},\"label\":{JsonSerializer.Serialize(Odd[number % 19])}}}";
        var what = isCount
            ? $"\"meter\":\"m\",\"quantity\":{random.GetItems(numbers, 1)[0]}"
            : $"\"state\":\"running\",\"from\":\"2025-06-01T00:00:00Z\",\"to\":\"2025-06-01T01:00:00Z\",\"shape\":{keys}";
        return $"{{\"specversion\":\"1.0\",\"id\":\"{number}\",\"source\":\"urn:t\",\"type\":\"exchange.usage." +
            $"{(isCount ? "count" : "interval")}.v1\",\"subject\":{subject},\"time\":\"2025-06-02T00:00:00Z\"," +
            $"\"data\":{{\"landlord\":\"nerc\",\"cluster\":\"s\",\"project\":\"p\",\"kind\":\"vm\",{what}}}}}";
    }
}
