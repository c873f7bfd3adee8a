using System.Text;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests;

/// <summary>
/// What was sent can be taken back or replaced, in any order and any number of times, and what it comes to is what the
/// readings would come to that hold in the end.
/// </summary>
public sealed class CorrectingReadings
{
    private static readonly Instant Start = Instant.FromUtc(2025, 6, 1, 0, 0);
    private static readonly UsageQuery June = new(new(Start, Start + Duration.FromDays(30)));
    private static readonly LandlordId Nerc = new("nerc");
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Drawn_histories_come_to_what_holds_in_the_end()
    {
        foreach (var seed in Draws.Seeds(few: 6, many: 100))
        {
            var random = new Random(seed);
            var history = new History(random);
            await using var database = await KnowingReadings.Database();
            var meter = new Meter(database, SystemClock.Instance, readingsInMemory: random.Next(2) == 0 ? 20 : 10_000);
            var sent = history.All.Concat(random.GetItems(history.All.ToArray(), 20)).ToArray();
            random.Shuffle(sent);
            var outcome = new IngestOutcome(0, 0, 0);
            foreach (var batch in sent.Chunk(random.Next(1, 30)))
            {
                outcome += await meter.Ingest(batch, Ct);
                switch (random.Next(6))
                {
                    case 0:
                        await meter.Fold(Ct);
                        break;
                    case 1:
                        meter = new(database, SystemClock.Instance, readingsInMemory: random.Next(10, 200));
                        break;
                    case 2 when random.Next(4) == 0:
                        await meter.Replay(Ct);
                        break;
                }
            }

            Assert.Equal(new(history.All.Count, 20, 0), outcome);
            await using var plain = await KnowingReadings.Database();
            var expected = new Meter(plain, SystemClock.Instance);
            await expected.Ingest(history.Holds(), Ct);
            await Same(expected, meter, seed);
            Assert.Empty(await meter.Verify(Ct));
            await meter.Replay(Ct);
            await Same(expected, meter, seed);
            Assert.Empty(await meter.Verify(Ct));
        }
    }

    [Fact]
    public async Task A_corrected_reading_stays_and_is_shown_with_what_replaced_it_and_why()
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance);
        await Send(meter, Interval("d1", "vm-1", 8), Interval("x1", "vm-x", 4, "p-wrong"));
        await Send(meter,
            Correction("k1", "d1", 1, "half the size", Interval("", "vm-1", 4, envelope: false)),
            Correction("k2", "x1", 1, "a test", null));
        var behind = Assert.Single(await meter.ReadingsBehind(Vm("vm-1"), June.Period, Ct));
        Assert.Equal(("d1", "k1", "half the size"), (behind.Id, behind.Corrected?.Id, behind.Corrected?.Reason));
        Assert.Contains("\\\"vcpu\\\":\\\"8\\\"", behind.Text, StringComparison.Ordinal);
        Assert.Contains("\\\"vcpu\\\":\\\"4\\\"", behind.Corrected!.Now!, StringComparison.Ordinal);
        Assert.Null(Assert.Single(await meter.ReadingsBehind(Vm("vm-x"), June.Period, Ct)).Corrected!.Now);
        Assert.Equal([4m], (await meter.Segments(June, Ct).ToListAsync(Ct)).Select(s => s.Shape.VCpu));
    }

    [Fact]
    public async Task A_correction_is_taken_back_by_a_correction_of_it_and_the_reading_counts_again()
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance);
        await Send(meter, Correction("k3", "k2", 3, "it was right", null), Correction("k2", "k1", 2, "undo", null),
            Correction("k1", "d1", 1, "wrong", null), Interval("d1", "vm-1", 8));
        Assert.Empty(await meter.Segments(June, Ct).ToListAsync(Ct));
        await Send(meter, Correction("k4", "k3", 4, "no", null));
        Assert.Equal([8m], (await meter.Segments(June, Ct).ToListAsync(Ct)).Select(s => s.Shape.VCpu));
        await Send(meter, Correction("a", "b", 1, "each other", null), Correction("b", "a", 1, "each other", null));
        Assert.Equal([8m], (await meter.Segments(June, Ct).ToListAsync(Ct)).Select(s => s.Shape.VCpu));
        Assert.Empty(await meter.Verify(Ct));
    }

    /// <summary>Seen to say that a page differs which nothing is in any more.</summary>
    [Fact]
    public async Task Where_everything_was_taken_back_nothing_is_and_verify_is_content()
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance);
        await Send(meter, Interval("d1", "vm-1", 8));
        await meter.Fold(Ct);
        await Send(meter, Correction("k1", "d1", 1, "a test", null));
        await meter.Fold(Ct);
        Assert.Empty(await meter.Segments(June, Ct).ToListAsync(Ct));
        Assert.Empty(await meter.Verify(Ct));
    }

    /// <summary>
    /// Seen to compute with the square of the length while the database waited: at 5,001 and on a slow machine longer
    /// than the 15 s after which the database gives a transaction up.
    /// </summary>
    [Fact]
    public async Task A_chain_of_thousands_of_corrections_of_each_other_harms_nobody()
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance);
        await Send(meter, [Interval("c0", "vm-1", 8), .. Enumerable.Range(1, 20_001).Select(i =>
            Correction($"c{i}", $"c{i - 1}", 1, "deeper", null))]);
        Assert.Empty(await meter.Segments(June, Ct).ToListAsync(Ct));
        Assert.Empty(await meter.Verify(Ct));
    }

    /// <summary>Two bytes a thing: seen to take minutes and all memory for 64 MiB of them.</summary>
    [Fact]
    public async Task A_request_of_more_things_than_it_could_hold_events_is_too_large()
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance, 1_000) { Misfits = new(1L << 40, 1) };
        string Things(int count) => $"[{Interval("d1", "vm-1", 8)}{string.Concat(Enumerable.Repeat(",{}", count))}]";
        Assert.IsType<Received.TooLarge>(await Receive(meter, Nerc, Things(EventStream.EventsAtOnce), 4 << 20));
        Assert.Empty(await meter.Quarantine(9, Ct));
        Assert.IsType<Received.Done>(await Receive(meter, Nerc, Things(3)));
        Assert.NotEmpty(await meter.Quarantine(9, Ct));
    }

    [Theory]
    [InlineData("\"reason\":\"\"", "\"reason\":\"r\"", "reading/no-reason")]
    [InlineData("\"corrects\":\"\"", "\"corrects\":\"d1\"", "reading/bad-name")]
    [InlineData("\"replacement\":7", "\"replacement\":null", "reading/bad-replacement")]
    [InlineData("\"replacement\":{\"type\":\"exchange.usage.correction.v1\",\"data\":{}}", "\"replacement\":null",
        "reading/bad-replacement")]
    [InlineData("\"replacement\":{\"type\":\"exchange.usage.count.v1\",\"data\":{\"project\":\"p\",\"meter\":\"m\"," +
        "\"quantity\":-1}}", "\"replacement\":null", "reading/negative-quantity")]
    [InlineData("\"time\":\"2999-01-01T00:00:00Z\"", "\"time\":\"2025-06-20T00:00:01Z\"", "reading/in-the-future")]
    public async Task A_correction_that_is_none_is_set_aside(string wrong, string right, string reason)
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance);
        var good = Correction("k1", "d1", 1, "r", null).Replace(
            "\"reason\"", "\"replacement\":null,\"reason\"", StringComparison.Ordinal);
        Assert.Contains(right, good, StringComparison.Ordinal);
        Assert.Equal(new(1, 0, 1), await Send(
            meter, Interval("d1", "vm-1", 8), good.Replace(right, wrong, StringComparison.Ordinal)));
        Assert.Equal(reason, Assert.Single(await meter.Quarantine(9, Ct)).Reason);
        Assert.Equal(new(1, 0, 0), await Send(meter, good));
        Assert.Equal(new(0, 1, 0), await Send(meter, good));
        Assert.Equal(new(0, 0, 1), await Send(meter, good.Replace("\"r\"", "\"s\"", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_correction_of_anothers_reading_is_foreign_and_of_ones_own_id_of_the_same_name_is_ones_own()
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance);
        await Send(meter, Interval("d1", "vm-1", 8));
        var other = new LandlordId("other");
        var foreign = Correction("k1", "d1", 1, "r", null);
        Assert.IsType<Received.Foreign>(await Receive(meter, other, foreign));
        var hidden = Correction("k1", "d1", 1, "r", Interval("", "vm-1", 8, envelope: false))
            .Replace(
                "{\"landlord\":\"nerc\",\"corrects\"", "{\"landlord\":\"other\",\"corrects\"",
                StringComparison.Ordinal);
        Assert.IsType<Received.Foreign>(await Receive(meter, other, hidden));
        Assert.IsType<Received.Done>(await Receive(
            meter, other, foreign.Replace("\"nerc\"", "\"other\"", StringComparison.Ordinal)));
        Assert.Equal([8m], (await meter.Segments(June, Ct).ToListAsync(Ct)).Select(s => s.Shape.VCpu));
    }

    [Theory]
    [InlineData("delete from metering.correction_block", "meter/index-differs")]
    [InlineData("update metering.corrected set block = block + 1", "meter/index-differs")]
    [InlineData("delete from metering.corrected", "meter/index-differs")]
    public async Task What_is_kept_of_corrections_is_compared_and_made_again(string damage, string expected)
    {
        await using var database = await KnowingReadings.Database();
        var meter = new Meter(database, SystemClock.Instance);
        await Send(meter, Interval("d1", "vm-1", 8), Correction("k1", "d1", 1, "r", null));
        await meter.Fold(Ct);
        Assert.Empty(await meter.Verify(Ct));
        await using (var command = database.CreateCommand(damage))
        {
            await command.ExecuteNonQueryAsync(Ct);
        }

        Assert.Contains(await meter.Verify(Ct), found => found.Code == expected);
        await meter.Replay(Ct);
        Assert.Empty(await meter.Verify(Ct));
    }

    private static async Task Same(Meter expected, Meter meter, int seed)
    {
        var (wanted, found) = (await Told(expected), await Told(meter));
        Assert.True(wanted == found, $"seed {seed}\n{wanted}\nbut\n{found}");
    }

    private static async Task<string> Told(Meter meter)
    {
        var told = new StringBuilder();
        await foreach (var segment in meter.Segments(June, Ct))
        {
            told.AppendLine(System.Globalization.CultureInfo.InvariantCulture,
                $"{segment.Resource} {segment.Project} {segment.Period} {segment.State} {segment.Shape}");
        }

        foreach (var total in (await meter.Totals(June, Ct)).Where(total => total.Quantity != 0))
        {
            told.AppendLine($"{total}");
        }

        return told.ToString();
    }

    private static Task<IngestOutcome> Send(Meter meter, params IEnumerable<string> events) =>
        meter.IngestCloudEvents(new MemoryStream(Encoding.UTF8.GetBytes(string.Join('\n', events))), "-", Ct);

    private static Task<Received> Receive(Meter meter, LandlordId landlord, string events, long most = 1 << 20) =>
        meter.Receive(new MemoryStream(Encoding.UTF8.GetBytes(events)), landlord, most, false, Ct);

    private static ResourceId Vm(string name) => new(Nerc, new("stack"), "vm", name);

    private static string Interval(string id, string vm, int vcpu, string project = "p", bool envelope = true) =>
        (envelope ? $"{{\"specversion\":\"1.0\",\"id\":\"{id}\",\"source\":\"urn:t\"," : "{") +
        $"\"type\":\"exchange.usage.interval.v1\",\"subject\":\"{vm}\",\"data\":{{\"landlord\":\"nerc\"," +
        $"\"cluster\":\"stack\",\"project\":\"{project}\",\"kind\":\"vm\",\"from\":\"2025-06-01T00:00:00Z\"," +
        $"\"to\":\"2025-06-11T00:00:00Z\",\"state\":\"running\",\"shape\":{{\"vcpu\":{vcpu}}}}}}}";

    private static string Correction(string id, string corrects, int at, string reason, string? replacement) =>
        $"{{\"specversion\":\"1.0\",\"id\":\"{id}\",\"source\":\"urn:t\",\"type\":\"{UsageCorrection.Type}\"," +
        $"\"time\":\"2025-06-20T00:00:0{at}Z\",\"data\":{{\"landlord\":\"nerc\",\"corrects\":\"{corrects}\"," +
        $"\"reason\":\"{reason}\"{(replacement is null ? "" : $",\"replacement\":{replacement}")}}}}}";

    /// <summary>Readings and corrections of them and of each other; and, in thirty lines, what holds of them.</summary>
    private sealed class History
    {
        private readonly Random _random;
        private readonly List<Reading> _readings = [];
        private readonly List<UsageCorrection> _corrections = [];

        public History(Random random)
        {
            _random = random;
            _readings.AddRange(Enumerable.Range(0, 60).Select(i => Drawn($"r{i}")));
            for (var i = 0; i < 60; i++)
            {
                var kind = random.Next(4);
                _corrections.Add(new()
                {
                    Landlord = Nerc,
                    Source = "urn:t",
                    Id = $"c{i}",
                    Corrects = random.Next(3) == 0 ? $"c{random.Next(60)}" : $"r{random.Next(65)}",
                    Time = Start + Duration.FromDays(20) + Duration.FromSeconds(random.Next(20)),
                    Reason = "drawn",
                    Replacement = kind == 0 ? null : Drawn($"c{i}"),
                    KeepsResource = kind == 1,
                    KeepsTime = false,
                });
            }
        }

        public IReadOnlyList<Collected> All =>
            [.. _readings.Select(r => (Collected)r), .. _corrections.Select(c => (Collected)c)];

        public IEnumerable<Collected> Holds()
        {
            foreach (var reading in _readings)
            {
                var latest = Latest(reading.Id);
                var says = latest is null ? null : Says(latest);
                if (says is not { Replacement: null })
                {
                    yield return says is null ? reading : says.Replacement! with
                    {
                        Id = reading.Id,
                        Resource = says.KeepsResource ? reading.Resource : says.Replacement.Resource,
                    };
                }
            }
        }

        private UsageCorrection? Latest(string id) => _corrections.Where(c => c.Corrects == id && Says(c) is not null)
            .OrderBy(c => c.Time).ThenBy(c => c.Id, StringComparer.Ordinal).LastOrDefault();

        /// <summary>What a correction says in the end; null where it was taken back.</summary>
        private UsageCorrection? Says(UsageCorrection correction)
        {
            if (IsRound(correction))
            {
                return null;
            }

            var latest = Latest(correction.Id);
            return latest is null ? correction : Says(latest) is { Replacement: not null } says ? says : null;
        }

        private bool IsRound(UsageCorrection correction)
        {
            var seen = new HashSet<string>();
            for (var at = correction; at is not null; at = _corrections.Find(c => c.Id == at.Corrects))
            {
                if (!seen.Add(at.Id))
                {
                    return true;
                }
            }

            return false;
        }

        private Reading Drawn(string id)
        {
            var type = (ReadingType)_random.Next(4);
            var from = Start + Duration.FromHours(_random.Next(30));
            return new()
            {
                Source = "urn:t",
                Id = id,
                Type = type,
                Resource = Vm($"vm-{_random.Next(3)}"),
                Project = new($"p{_random.Next(2)}"),
                From = from,
                To = type == ReadingType.State ? from : from + Duration.FromHours(_random.Next(1, 4)),
                State = type == ReadingType.Count ? default : (ResourceState)_random.Next(2),
                Shape = type == ReadingType.Count ? Shape.Empty : Shape.Of([new("vcpu", $"{_random.Next(1, 3)}")]),
                Meter = type == ReadingType.Count ? "m" : null,
                Quantity = type == ReadingType.Count ? _random.Next(5) / 4m : 0,
            };
        }
    }
}
