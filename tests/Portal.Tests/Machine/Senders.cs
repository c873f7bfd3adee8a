using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Exchange.Metering.Bench;
using Exchange.Testing;

namespace Exchange.Portal.Tests;

/// <summary>
/// Clients that send readings and repeat each batch until it is answered, and remember everything they were told.
/// </summary>
internal sealed class Senders(Uri address, string key, Senders.Numbers numbers)
{
    private const int ReadingsABatch = 50;

    private readonly ConcurrentDictionary<string, int> _told = new(StringComparer.Ordinal);
    private readonly UsageLoad _load = new(2_000);
    private Task[] _running = [];
    private bool _isOver;
    private long _slowest;

    /// <summary>Which batches were sent to an exchange so far, by all who ever sent to it.</summary>
    internal sealed class Numbers
    {
        private int _batches;

        public int Next() => Interlocked.Increment(ref _batches) - 1;

        public long Readings => Volatile.Read(ref _batches) * (long)ReadingsABatch;
    }

    /// <summary>How often each answer came: '202', '503 world/database-away', 'no answer'.</summary>
    public IReadOnlyDictionary<string, int> Told => _told;

    public TimeSpan Slowest => TimeSpan.FromTicks(Volatile.Read(ref _slowest));

    public void Start(int clients) => _running =
        [.. Enumerable.Range(0, clients).Select(_ => Task.Run(() => Send(Serving.Ct)))];

    /// <summary>Each ends once the batch that it has begun was taken.</summary>
    public async Task End()
    {
        Volatile.Write(ref _isOver, true);
        await Task.WhenAll(_running);
    }

    /// <summary>Waits until so many more batches were taken.</summary>
    public async Task Taken(int more)
    {
        var until = _told.GetValueOrDefault("202") + more;
        await Waiting.For(() => _told.GetValueOrDefault("202") >= until, () => $"Nothing is taken: {this}");
    }

    /// <summary>Waits until somebody was told one of these.</summary>
    public Task Hear(params string[] answers) => Waiting.For(
        () => _told.Keys.Any(answers.Contains), () => $"Nobody heard {string.Join(" or ", answers)}: {this}");

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{string.Join(", ", _told.OrderBy(of => of.Key).Select(of => $"{of.Key}: {of.Value}"))}; slowest {Slowest.TotalSeconds:0.0} s");

    private async Task Send(CancellationToken ct)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(100) };
        http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        var body = new byte[ReadingsABatch * UsageLoad.MaxLineLength];
        while (!Volatile.Read(ref _isOver))
        {
            var (batch, length) = (numbers.Next(), 0);
            for (var i = 0; i < ReadingsABatch; i++)
            {
                length += _load.Line((batch * ReadingsABatch) + i, body.AsSpan(length));
            }

            while (await Ask(http, body.AsMemory(0, length), ct) != "202")
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), ct);
            }
        }
    }

    private async Task<string> Ask(HttpClient http, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        var start = Stopwatch.GetTimestamp();
        var told = await Answer(http, body, ct);
        _told.AddOrUpdate(told, 1, (_, count) => count + 1);
        var took = Stopwatch.GetElapsedTime(start).Ticks;
        for (var slowest = Volatile.Read(ref _slowest); took > slowest;)
        {
            slowest = Interlocked.CompareExchange(ref _slowest, took, slowest);
        }

        return told;
    }

    private async Task<string> Answer(HttpClient http, ReadOnlyMemory<byte> body, CancellationToken ct)
    {
        try
        {
            using var content = new ReadOnlyMemoryContent(body);
            content.Headers.ContentType = new("application/x-ndjson");
            using var answer = await http.PostAsync(new Uri(address, "/v1/usage"), content, ct);
            var text = await answer.Content.ReadAsStringAsync(ct);
            return answer.StatusCode == HttpStatusCode.Accepted ? "202" : $"{(int)answer.StatusCode} {CodeOf(text)}";
        }
        catch (Exception e) when (
            e is HttpRequestException or IOException or TaskCanceledException && !ct.IsCancellationRequested)
        {
            return "no answer";
        }
    }

    private static string CodeOf(string problem)
    {
        try
        {
            return JsonDocument.Parse(problem).RootElement.GetProperty("code").GetString() ?? "without a code";
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException)
        {
            return $"without a code: {Hostile.Start(problem)}";
        }
    }
}
