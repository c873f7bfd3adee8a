using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Exchange.Metering;
using Exchange.Metering.Bench;
using Exchange.Portal.Keys;
using Exchange.Portal.Web;
using NodaTime;

namespace Exchange.Portal.Bench;

/// <summary>How many readings a second are taken over HTTP: durable, each once, and folded at the end.</summary>
internal static class IngestBench
{
    /// <summary>So many readings of earlier hours are sent before: a server that has just started compiles.</summary>
    private const int WarmUp = 200_000;

    /// <param name="Readings">How many distinct readings are sent.</param>
    /// <param name="Duplicates">Which part of them is sent twice, the second time some batches later.</param>
    /// <param name="Vms">How many VMs report; each reports once an hour.</param>
    /// <param name="Rate">So many readings a second at most, or 0 for as many as can be.</param>
    public sealed record Options(int Readings, int Clients, decimal Duplicates, int Vms, int Batch, int Rate);

    public static async Task<MeterResult> Run(Composition exchange, Options options, CancellationToken ct)
    {
        var load = new UsageLoad(options.Vms);
        var made = (await exchange.Keys.Create("bench", UsageLoad.Landlord, KeyScope.Usage, "bench", ct)).OrThrow();
        await using var server = Server.Build(exchange, new(["http://127.0.0.1:0"]));
        await server.StartAsync(ct);
        var address = new Uri(new Uri(server.Urls.First()), "/v1/usage");
        var before = await MeterResult.Stored(exchange.Database, ct);
        var warm = options with { Readings = WarmUp, Duplicates = 0, Rate = 0 };
        var earlier = load with { Before = (WarmUp / options.Vms) + 2 };
        await Task.WhenAll(Enumerable.Range(0, options.Clients)
            .Select(i => Task.Run(() => new Client(earlier, warm, i, 0).Run(address, made.Key, ct), ct)));
        await exchange.Meter.Fold(ct);
        var ceiling = await CopyCeiling.Store(exchange.Database, options.Readings / 2, ct);

        var start = Stopwatch.GetTimestamp();
        var clients = await Task.WhenAll(Enumerable.Range(0, options.Clients)
            .Select(i => Task.Run(() => new Client(load, options, i, start).Run(address, made.Key, ct), ct)));
        await exchange.Meter.Fold(ct);
        var took = Stopwatch.GetElapsedTime(start);

        ceiling += await CopyCeiling.Store(exchange.Database, options.Readings - (options.Readings / 2), ct);
        var outcome = clients.Aggregate(new IngestOutcome(0, 0, 0), (sum, c) => sum + c.Outcome);
        var sent = clients.Sum(c => c.Sent);
        await Check(exchange.Meter, options, outcome, sent, ct);
        await server.StopAsync(ct);
        var stored = await MeterResult.Stored(exchange.Database, ct) - before;
        return MeterResult.Of(
            $"{options.Readings} distinct readings of {options.Vms} VMs, {sent} sent by {options.Clients} clients in " +
            $"batches of {options.Batch}",
            sent, took, options.Readings / (decimal)ceiling.TotalSeconds, stored / (decimal)options.Readings,
            [.. clients.SelectMany(c => c.Milliseconds)]);
    }

    /// <summary>A measurement of a wrong result is none.</summary>
    private static async Task Check(
        Meter meter, Options options, IngestOutcome outcome, long sent, CancellationToken ct)
    {
        var hours = Duration.Zero;
        var all = new Period(UsageLoad.Start, UsageLoad.Start + Duration.FromDays(120));
        await meter.Read(new(all), byName: false, segment => hours += segment.Period.Length, _ => { }, ct);

        if (outcome != new IngestOutcome(options.Readings, sent - options.Readings, 0) ||
            hours != Duration.FromHours(options.Readings))
        {
            throw new InvalidOperationException($"Of {options.Readings} readings came {outcome} and {hours}.");
        }
    }

    /// <summary>
    /// One of the clients: sends its part of the batches over one connection, one after the other. The next is written
    /// while one is under way, as a reporter does that has its readings at hand.
    /// </summary>
    private sealed class Client(UsageLoad load, Options options, int number, long start)
    {
        private const int Lag = 20;
        private byte[] _body = new byte[options.Batch * UsageLoad.LongestLine];
        private byte[] _next = new byte[options.Batch * UsageLoad.LongestLine];

        public IngestOutcome Outcome { get; private set; } = new(0, 0, 0);
        public long Sent { get; private set; }
        public List<decimal> Milliseconds { get; } = [];

        public async Task<Client> Run(Uri address, string key, CancellationToken ct)
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
                length += load.Line(i, _body.AsSpan(length));
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
}
