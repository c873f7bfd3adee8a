using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Exchange.Metering;
using Exchange.Metering.Bench;

namespace Exchange.Portal.Bench;

/// <summary>
/// One of the clients: sends its part of the batches over one connection, one after the other. The next is written
/// while one is under way, as a reporter does that has its readings at hand.
/// </summary>
internal sealed class UsageClient(UsageLoad load, IngestBench.Options options, int number, long start)
{
    private const int Lag = 20;
    private byte[] _body = new byte[options.Batch * UsageLoad.MaxLineLength];
    private byte[] _next = new byte[options.Batch * UsageLoad.MaxLineLength];

    public IngestOutcome Outcome { get; private set; } = new(0, 0, 0);
    public long Sent { get; private set; }
    public List<decimal> Milliseconds { get; } = [];

    public async Task<UsageClient> Run(Uri address, string key, CancellationToken ct)
    {
        using var http = new HttpClient();
        http.DefaultRequestHeaders.Authorization = new("Bearer", key);
        await SendAll(http, address, ct);
        return this;
    }

    private async Task SendAll(HttpClient http, Uri address, CancellationToken ct)
    {
        var sending = Task.CompletedTask;
        foreach (var batch in Batches())
        {
            (_body, _next) = (_next, _body);
            var (length, readings) = Write(batch);
            await sending;
            await Pace(ct);
            sending = Send(http, address, _body.AsMemory(0, length), readings, ct);
        }

        await sending;
    }

    /// <summary>The batches of this client in order, some of them again some batches later.</summary>
    private IEnumerable<int> Batches()
    {
        var again = new Queue<int>();
        var batches = (options.Readings + options.Batch - 1) / options.Batch;
        var repeated = 0m;
        for (var batch = number; batch < batches; batch += options.Clients)
        {
            yield return batch;
            repeated += options.Duplicates;
            if (repeated >= 1)
            {
                repeated--;
                again.Enqueue(batch);
            }

            if (again.Count > Lag)
            {
                yield return again.Dequeue();
            }
        }

        while (again.TryDequeue(out var batch))
        {
            yield return batch;
        }
    }

    private (int Length, int Readings) Write(int batch)
    {
        var length = 0;
        var (first, end) = (batch * options.Batch, Math.Min((batch + 1) * options.Batch, options.Readings));
        for (var i = first; i < end; i++)
        {
            length += load.Line(options.First + i, _body.AsSpan(length));
        }

        return (length, end - first);
    }

    private async Task Send(
        HttpClient http, Uri address, ReadOnlyMemory<byte> body, int readings, CancellationToken ct)
    {
        var asked = Stopwatch.GetTimestamp();
        while (true)
        {
            using var content = new ReadOnlyMemoryContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
            using var answer = await http.PostAsync(address, content, ct);
            if (answer.StatusCode == System.Net.HttpStatusCode.TooManyRequests)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(50), ct);
                continue;
            }

            answer.EnsureSuccessStatusCode();
            var said = JsonNode.Parse(await answer.Content.ReadAsByteArrayAsync(ct))!;
            Outcome += new IngestOutcome(
                (long)said["accepted"]!, (long)said["duplicate"]!, (long)said["quarantined"]!);
            break;
        }

        Milliseconds.Add((decimal)Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
        Sent += readings;
    }

    /// <summary>Waits until this batch is due; who is late does not catch up by pausing less.</summary>
    private async Task Pace(CancellationToken ct)
    {
        if (options.Rate > 0)
        {
            var due = TimeSpan.FromSeconds(Sent * (double)options.Clients / options.Rate);
            if (due - Stopwatch.GetElapsedTime(start) is { Ticks: > 10_000 } early)
            {
                await Task.Delay(early, ct);
            }
        }
    }
}

/// <summary>The clients of a bench, which share what is to be sent.</summary>
internal sealed record UsageClients(Uri Address, string Key)
{
    public Task<UsageClient[]> Send(UsageLoad load, IngestBench.Options options, long start, CancellationToken ct) =>
        Task.WhenAll(Enumerable.Range(0, options.Clients)
            .Select(i => Task.Run(() => new UsageClient(load, options, i, start).Run(Address, Key, ct), ct)));
}
