using System.Text.Json.Serialization;
using Exchange.Testing;
using NodaTime;
using Npgsql;
using Xunit;

namespace Exchange.Journal.Tests;

/// <summary>What every journal must do. Each implementation is one small subclass.</summary>
public abstract class JournalContract
{
    private static int _streams;

    protected abstract IJournal Journal { get; }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;
    private static string NewStream => $"counter-{Interlocked.Increment(ref _streams)}";

    [Fact]
    public async Task Reads_back_what_was_appended_in_order()
    {
        var stream = NewStream;
        await Append(stream, 0, new Counted.Up(1), new Counted.Up(2));
        await Append(stream, 2, new Counted.Up(3));

        Assert.Equal([new Counted.Up(1), new Counted.Up(2), new Counted.Up(3)], await Journal.Read<Counted>(stream, Ct));
    }

    [Fact]
    public async Task Refuses_a_writer_who_has_not_read_the_latest()
    {
        var stream = NewStream;
        await Append(stream, 0, new Counted.Up(1));

        await Assert.ThrowsAsync<ConflictException>(() => Append(stream, 0, new Counted.Up(9)));
    }

    [Fact]
    public async Task Refuses_a_writer_who_claims_to_have_read_more_than_there_is() =>
        await Assert.ThrowsAsync<ConflictException>(() => Append(NewStream, 1, new Counted.Up(9)));

    [Fact]
    public async Task An_unknown_stream_is_empty() => Assert.Empty(await Journal.Read<Counted>(NewStream, Ct));

    [Fact]
    public async Task Appends_to_many_streams_together_or_to_none()
    {
        var (first, second) = (NewStream, NewStream);
        await Append(second, 0, new Counted.Up(1));

        await Assert.ThrowsAsync<ConflictException>(() => Journal.Append(
            [StreamAppend.Of<Counted>(first, 0, [new Counted.Up(1)]), StreamAppend.Of<Counted>(second, 0, [new Counted.Up(2)])], Ct));
        Assert.Empty(await Journal.Read<Counted>(first, Ct));
    }

    /// <summary>More streams than travel to the database at once, some of events that are text only when asked for.</summary>
    [Fact]
    public async Task An_append_of_very_many_streams_is_one_append()
    {
        var streams = Enumerable.Range(0, 700).Select(_ => NewStream).ToArray();
        StreamAppend[] appends =
        [
            .. streams.Select((stream, n) => n % 2 == 0
                ? StreamAppend.Of<Counted>(stream, 0, [new Counted.Up(n), new Counted.Up(-n)])
                : StreamAppend.Later<Counted>(stream, 0, [new Counted.Up(n)])),
        ];
        await Append(streams[650], 0, new Counted.Up(1));
        Assert.Contains(streams[650], (await Assert.ThrowsAsync<ConflictException>(
            () => Journal.Append(appends, Ct))).Message, StringComparison.Ordinal);
        Assert.Empty(await Journal.Read<Counted>(streams[0], Ct));

        appends[650] = StreamAppend.Of<Counted>(streams[650], 1, [new Counted.Up(2)]);
        var before = (await Journal.ReadAll(0, int.MaxValue, Ct)).Count;
        await Journal.Append(appends, Ct);
        Assert.Equal(
            appends.SelectMany(append => append.Events.Select((e, i) => (append.Stream, append.ExpectedVersion + i, e))),
            (await Journal.ReadAll(before, int.MaxValue, Ct)).Select(e => (e.Stream, e.Version, e.Event)));
        await Positions_have_no_gaps_and_hashes_form_a_chain();
    }

    [Fact]
    public async Task Refuses_an_append_of_nothing() =>
        await Assert.ThrowsAsync<ArgumentException>(() => Append(NewStream, 0));

    [Fact]
    public async Task Positions_have_no_gaps_and_hashes_form_a_chain()
    {
        await Append(NewStream, 0, new Counted.Up(1), new Counted.Up(2));
        await Append(NewStream, 0, new Counted.Up(3));

        var all = await Journal.ReadAll(0, int.MaxValue, Ct);

        Assert.Equal(Enumerable.Range(1, all.Count).Select(i => (long)i), all.Select(e => e.Position));
        var before = Chain.Genesis;
        foreach (var e in all)
        {
            Assert.Equal(Chain.Link(before.Span, e), e.Hash.ToArray());
            before = e.Hash;
        }
    }

    [Fact]
    public async Task Reads_on_from_a_position()
    {
        await Append(NewStream, 0, new Counted.Up(1), new Counted.Up(2), new Counted.Up(3));
        var all = await Journal.ReadAll(0, int.MaxValue, Ct);

        var rest = await Journal.ReadAll(all[^3].Position, 1, Ct);

        Assert.Equal(all[^2].Position, Assert.Single(rest).Position);
    }

    [Fact]
    public async Task Old_events_are_read_as_their_successors()
    {
        var stream = NewStream;
        await Journal.Append([new(stream, 0, [new("step/1", """{"$type":"step/1","amount":7}""")])], Ct);

        Assert.Equal([new Counted.Up(7)], await Journal.Read<Counted>(stream, Ct));
    }

    [Fact]
    public async Task A_conflict_names_the_stream_that_moved_on()
    {
        var streams = Enumerable.Range(0, 5).Select(_ => NewStream).ToList();
        await Append(streams[3], 0, new Counted.Up(1));

        var conflict = await Assert.ThrowsAsync<ConflictException>(() => Journal.Append(
            [.. streams.Select(stream => StreamAppend.Of<Counted>(stream, 0, [new Counted.Up(1)]))], Ct));

        Assert.StartsWith($"{streams[3]} has moved on", conflict.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"$type":"odd/1","b":1,"a":2,"b ":"\u00e9 é\u0001 \ud83c\udf0d 🌍"}""")]
    [InlineData("""{ "$type" : "odd/1" ,"n" : 1.50000000000000000000000000001, "e":1E+2, "b":1, "b":2 }""")]
    [InlineData("""{"$type":"odd/1","words":"\\u0000 \\\\u0000"}""")]
    [InlineData("{\"$type\":\"odd/1\",\n\t\"words\":\"\u2028\ufeff\"}")]
    public async Task Keeps_the_bytes_that_were_written(string json)
    {
        var stream = NewStream;
        await Journal.Append([new(stream, 0, [new("odd/1", json)])], Ct);

        Assert.Equal(json, Assert.Single(await All(stream)).Event.Json);
    }

    /// <summary>Before, it was kept, and no table could be built from the event that held it.</summary>
    [Theory]
    [InlineData("""{"$type":"odd/1","words":"a\u0000"}""")]
    [InlineData("""{"$type":"odd/1","a\u0000":1,"words":"\\u0000"}""")]
    [InlineData("""{"$type":"odd/1","words":"\\\u0000"}""")]
    public async Task Refuses_the_one_character_that_no_table_keeps(string json)
    {
        var (stream, other) = (NewStream, NewStream);

        var refused = await Assert.ThrowsAsync<RefusedException>(() => Journal.Append(
            [StreamAppend.Of<Counted>(other, 0, [new Counted.Up(1)]), new(stream, 0, [new("odd/1", json)])], Ct));

        Assert.Equal("text/nul", refused.Refusal.Code);
        Assert.Empty(await All(stream));
        Assert.Empty(await All(other));
    }

    [Fact]
    public async Task Keeps_who_did_it_by_what_and_in_which_request()
    {
        var (said, silent) = (NewStream, NewStream);
        var headers = new EventHeaders("ada@bu.edu", "invoices void", "r-17");
        using (EventHeaders.Use(headers))
        {
            await Append(said, 0, new Counted.Up(1));
            using (EventHeaders.Use(headers with { Command = null, Correlation = null }))
            {
                await Append(said, 1, new Counted.Up(2));
            }
        }

        await Append(silent, 0, new Counted.Up(3));

        Assert.Equal([headers, new("ada@bu.edu")], (await All(said)).Select(recorded => recorded.Headers));
        Assert.Null(Assert.Single(await All(silent)).Headers);
    }

    [Fact]
    public async Task What_is_said_beside_an_event_is_covered_by_its_hash()
    {
        var stream = NewStream;
        using (EventHeaders.Use(new("ada", "close", "r-1")))
        {
            await Append(stream, 0, new Counted.Up(1));
        }

        var recorded = Assert.Single(await All(stream));
        var before = recorded.Position == 1
            ? Chain.Genesis
            : (await Journal.ReadAll(recorded.Position - 2, 1, Ct))[0].Hash;
        byte[] Link(EventHeaders? headers) => Chain.Link(before.Span, recorded with { Headers = headers });
        Assert.Equal(recorded.Hash.ToArray(), Link(new("ada", "close", "r-1")));
        Assert.All(
            (EventHeaders?[])[null, new("ada", "close"), new("bob", "close", "r-1"), new("adac", "lose", "r-1")],
            other => Assert.NotEqual(recorded.Hash.ToArray(), Link(other)));
    }

    private async Task<IReadOnlyList<Recorded>> All(string stream) =>
        [.. (await Journal.ReadAll(0, int.MaxValue, Ct)).Where(recorded => recorded.Stream == stream)];

    protected static Upcasts Upcasts { get; } = new Upcasts().With("step/1", "up/1", old => new() { ["by"] = old["amount"]!.DeepClone() });

    protected Task Append(string stream, long version, params Counted[] events) =>
        Journal.Append([StreamAppend.Of(stream, version, events)], Ct);
}

/// <summary>A stream for tests: it counts.</summary>
[JsonDerivedType(typeof(Up), "up/1")]
public abstract record Counted
{
    public sealed record Up(int By) : Counted;
}

public sealed class MemoryJournalTests : JournalContract
{
    protected override IJournal Journal { get; } = new MemoryJournal(SystemClock.Instance, Upcasts);
}

public sealed class PostgresJournalTests : JournalContract, IAsyncLifetime
{
    private NpgsqlDataSource _database = null!;

    protected override IJournal Journal => new PostgresJournal(_database, SystemClock.Instance, Upcasts);

    public async ValueTask InitializeAsync() => _database = await TestDatabase.New(typeof(PostgresJournal).Assembly);

    public ValueTask DisposeAsync() => _database.DisposeAsync();
}
