using System.Net;
using System.Text.Json;
using Exchange.Journal;
using Exchange.Portal.Audit;
using Exchange.Portal.Web;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>What somebody without a key or session can make the server read, keep or write is bounded.</summary>
public class StrangersUseUpNothing
{
    private const int Large = 59 << 20;

    [Theory]
    [InlineData("/sign-in", "application/x-www-form-urlencoded")]
    [InlineData("/sign-in", "multipart/form-data; boundary=x")]
    [InlineData("/sign-out", "application/x-www-form-urlencoded")]
    [InlineData("/finance/close", "application/x-www-form-urlencoded")]
    [InlineData("/landlord/sheets/new", "application/x-www-form-urlencoded")]
    [InlineData("/subsidy/enrol", "application/x-www-form-urlencoded")]
    [InlineData("/v1/usage", "application/x-ndjson")]
    [InlineData("/v1/prices", "application/yaml")]
    [InlineData("/v1/webhooks", "application/json")]
    [InlineData("/there-is-nothing", "application/json")]
    public async Task A_large_body_is_not_read_before_it_is_known_who_sends_it(string path, string type)
    {
        await using var serving = await Serving.Start();
        using var nobody = serving.Anonymous();
        var body = new Counted(Large);
        using var content = new StreamContent(body, 16 << 10);
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        try
        {
            using var answer = await nobody.PostAsync(new Uri(path, UriKind.Relative), content, Serving.Ct);
            Assert.InRange((int)answer.StatusCode, 400, 499);
        }
        catch (HttpRequestException)
        {
            // The server closed the connection while the client was still sending.
        }

        // The server throws away what comes after its answer, up to what the route takes; the rest lies in sockets.
        Assert.InRange(body.Sent, 0, path == "/v1/usage" ? 28 << 20 : 14 << 20);
    }

    /// <summary>Seen to fail: each request made it anew, for a third of a second of CPU, with its host in it.</summary>
    [Fact]
    public async Task The_description_is_made_once_and_says_the_same_to_everybody()
    {
        await using var serving = await Serving.Start();
        using var nobody = serving.Anonymous();
        var made = serving.App.Services.GetRequiredService<Description>();
        foreach (var path in (string[])["/openapi/v1.json", "/openapi/v2.json", "/docs"])
        {
            var usual = await nobody.GetByteArrayAsync(new Uri(path, UriKind.Relative), Serving.Ct);
            var before = await made.Of("v1");
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(path, UriKind.Relative));
            request.Headers.Host = "localhost:81";
            using var answer = await nobody.SendAsync(request, Serving.Ct);
            Assert.Equal(usual, await answer.Content.ReadAsByteArrayAsync(Serving.Ct));
            Assert.Same(before, await made.Of("v1"));
        }

        using var none = await nobody.GetAsync(new Uri("/openapi/v3.json", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Fact]
    public async Task Twenty_thousand_refusals_are_a_few_notes_and_their_count_is_in_them()
    {
        await using var serving = await Serving.Start();
        using var nobody = serving.Anonymous();
        await Parallel.ForEachAsync(Enumerable.Range(0, 2_000), new ParallelOptions
        {
            MaxDegreeOfParallelism = 16,
            CancellationToken = Serving.Ct,
        }, async (n, ct) =>
        {
            using var request = new HttpRequestMessage(
                new HttpMethod(n % 3 == 0 ? $"M{n}" : "GET"), new Uri($"/v1/charges?n={n}", UriKind.Relative));
            using var answer = await nobody.SendAsync(request, ct);
            Assert.True(answer.StatusCode is HttpStatusCode.Unauthorized or HttpStatusCode.MethodNotAllowed);
        });
        await serving.Exchange.Audit.FlushCounts(Serving.Ct);
        await serving.Exchange.Projections.CatchUp(Serving.Ct);
        var (notes, times) = await Noted(serving);
        Assert.InRange(notes, 2, RefusalCounts.OfStrangers + RefusalCounts.MaxKinds + 1);
        Assert.Equal(2_000 - 667, times); // Every third is no method of this address, which refuses nobody.
    }

    [Fact]
    public void Whoever_goes_on_is_noted_ever_more_rarely_and_nothing_is_lost_from_the_count()
    {
        var ticks = 0L;
        var counts = new RefusalCounts(() => ticks);
        var (told, counted) = (0, 0);
        const int Minutes = 24 * 60;
        for (var minute = 0; minute < Minutes; minute++)
        {
            for (var n = 0; n < 100; n++)
            {
                told += counts.IsTold(Refused($"act {n}", "access/no-key")) ? 1 : 0;
            }

            ticks += System.Diagnostics.Stopwatch.Frequency * 60;
            var taken = counts.Take(Instant.MinValue);
            counted += taken.Sum(t => t.Times);
            told += taken.Count;
            Assert.InRange(taken.Count, 0, RefusalCounts.MaxKinds + 1);
        }

        var last = counts.Take(Instant.MinValue, all: true);
        Assert.InRange(told, 20, 40 * (7 + 24)); // Seven whiles that double up to an hour, and one an hour then.
        Assert.True(counted + last.Sum(t => t.Times) > Minutes * 100 - (RefusalCounts.OfStrangers * 40));
    }

    [Fact]
    public void One_who_goes_on_takes_nothing_from_another_s_notes()
    {
        var counts = new RefusalCounts(() => 0);
        for (var n = 0; n < 10_000; n++)
        {
            counts.IsTold(Refused("loop", "access/not-yours") with { Actor = "key:mallory" });
        }

        Assert.False(counts.IsTold(Refused("loop", "access/not-yours") with { Actor = "key:mallory" }));
        Assert.True(counts.IsTold(Refused("loop", "access/not-yours") with { Actor = "person:ada" }));
        Assert.True(counts.IsTold(Refused("loop", "access/no-key")));
    }

    /// <summary>Of 500 refusals that were counted meanwhile every one is told.</summary>
    [Fact]
    public async Task What_is_counted_while_the_database_is_away_is_noted_when_it_is_back()
    {
        var journal = new AwayJournal { IsAway = true };
        await using var audit = new AuditLog(journal, new StoppedClock(UsedMonth.Now));
        var refused = 0;
        for (var n = 0; n < 500; n++)
        {
            refused++;
            try
            {
                await audit.NoteRefusal(
                    RefusalCounts.Stranger, "GET /", "", "access/no-key", "192.0.2.1", Serving.Ct);
            }
            catch (InvalidOperationException)
            {
                // It could not be noted by itself.
            }
        }

        await Assert.ThrowsAsync<InvalidOperationException>(() => audit.FlushCounts(Serving.Ct));
        journal.IsAway = false;
        await audit.FlushCounts(Serving.Ct);
        Assert.Equal(refused, journal.Times);
    }

    /// <summary>A journal of a database that is away for a while.</summary>
    private sealed class AwayJournal : IJournal
    {
        public bool IsAway { get; set; }
        public int Times { get; private set; }

        public Task<IReadOnlyList<TEvent>> Read<TEvent>(string stream, CancellationToken ct) =>
            IsAway ? throw new InvalidOperationException("away") : Task.FromResult<IReadOnlyList<TEvent>>([]);

        public Task Append(IReadOnlyList<StreamAppend> appends, CancellationToken ct)
        {
            Times += IsAway ? throw new InvalidOperationException("away")
                : appends.SelectMany(one => one.Events).Sum(one => JsonSerializer.Deserialize<JsonElement>(one.Json)
                    .GetProperty("times").GetInt32());
            return Task.CompletedTask;
        }

        public Task<IReadOnlyList<Recorded>> ReadAll(long after, int limit, CancellationToken ct) =>
            Task.FromResult<IReadOnlyList<Recorded>>([]);
    }

    private static AuditEvent.Noted Refused(string act, string result) =>
        new(RefusalCounts.Stranger, act, "", result, "192.0.2.1", 1, Instant.MinValue);

    private static async Task<(long Notes, long Times)> Noted(Serving serving)
    {
        await using var command = serving.Exchange.Database.CreateCommand(
            "select count(*), coalesce(sum(times), 0)::bigint from exchange.audit where result = 'access/no-key'");
        await using var row = await command.ExecuteReaderAsync(Serving.Ct);
        await row.ReadAsync(Serving.Ct);
        return (row.GetInt64(0), row.GetInt64(1));
    }

    /// <summary>A body that says how much of it was taken.</summary>
    private sealed class Counted(int length) : Stream
    {
        public long Sent { get; private set; }

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => length;

        public override long Position
        {
            get => Sent;
            set => throw new NotSupportedException();
        }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, length - Sent);
            Array.Fill(buffer, (byte)'a', offset, read);
            Sent += read;
            return read;
        }

        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
