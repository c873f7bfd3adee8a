using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using Exchange.Metering.Bench;
using Exchange.Portal.Commands;
using Exchange.Portal.Keys;
using NodaTime;

namespace Exchange.Portal.Bench;

/// <summary>
/// Readings at a steady rate, while the server, its database, or both are killed every so often. Clients repeat what
/// was not answered. At the end every reading must be there exactly once, or there is no result.
/// </summary>
internal static class SoakBench
{
    private const int Vms = 20_000;
    private const int ReadingsABatch = 500;

    private const int FewestKills = 3; // One of each kind.

    /// <param name="Seconds">For how long, at least.</param>
    /// <param name="Rate">So many readings a second, of all clients together.</param>
    /// <param name="KillEvery">How many seconds lie between two kills, somewhat more or less.</param>
    public sealed record Options(int Seconds, int Rate, int KillEvery, int Clients, int Seed = 1);

    /// <summary>What was sent and answered, and how it was to come back.</summary>
    public sealed record Result(
        int Readings, int Kills, int Repeated, decimal Seconds, decimal PerSecond, decimal SlowestRestart,
        decimal? P50Ms, decimal? P99Ms);

    public static async Task<Result> Run(Composition exchange, Options options, CancellationToken ct)
    {
        var made = await exchange.Commands.Execute(
            new CreateKey("soak", UsageLoad.Landlord, KeyScope.Usage, "soak"), Actors.Local("soak"), ct);
        await using var server = await KilledServer.Start(exchange, ct);
        var load = new Load(server.Address, made.Key, options);
        var start = Stopwatch.GetTimestamp();
        var clients = Enumerable.Range(0, options.Clients)
            .Select(_ => Task.Run(() => load.Send(start, ct), ct)).ToArray();
        var restarts = await Kill(server, options, start, ct);
        load.End();
        await Task.WhenAll(clients);
        var took = (decimal)Stopwatch.GetElapsedTime(start).TotalSeconds;
        await Check(exchange, load.Readings, ct);
        load.Milliseconds.Sort();
        return new(
            load.Readings, restarts.Count, load.Repeated, decimal.Round(took, 1, MidpointRounding.ToZero),
            decimal.Round(load.Readings / took, 0, MidpointRounding.ToZero),
            decimal.Round((decimal)restarts.Max().TotalSeconds, 2, MidpointRounding.ToZero), load.At(50), load.At(99));
    }

    private static async Task<List<TimeSpan>> Kill(
        KilledServer server, Options options, long start, CancellationToken ct)
    {
        var random = new Random(options.Seed);
        var restarts = new List<TimeSpan>();
        while (true)
        {
            await Task.Delay(TimeSpan.FromSeconds(options.KillEvery * (0.5 + random.NextDouble())), ct);
            if (Stopwatch.GetElapsedTime(start).TotalSeconds > options.Seconds &&
                restarts.Count >= FewestKills)
            {
                return restarts;
            }

            restarts.Add(await server.Kill(restarts.Count % 3 != 1, restarts.Count % 3 != 0, ct));
        }
    }

    /// <summary>Every reading once: in the blocks, in what they come to, and in a chain that is whole.</summary>
    private static async Task Check(Composition exchange, int readings, CancellationToken ct)
    {
        await using var command = exchange.Database.CreateCommand("select sum(readings) from metering.block");
        var stored = (long)(await command.ExecuteScalarAsync(ct))!;
        var hours = Duration.Zero;
        var all = new Period(UsageLoad.Start, UsageLoad.Start + Duration.FromDays(1000));
        await foreach (var segment in exchange.Meter.Segments(new(all), ct))
        {
            hours += segment.Period.Length;
        }

        if (stored != readings || hours != Duration.FromHours(readings) ||
            (await exchange.Meter.Verify(ct)) is { Count: > 0 })
        {
            throw new InvalidOperationException($"Of {readings} readings {stored} are stored; they come to {hours}.");
        }
    }

    /// <summary>What clients send: each batch of readings until it is answered.</summary>
    private sealed class Load(Uri address, string key, Options options)
    {
        private readonly UsageLoad _load = new(Vms);
        private readonly Lock _adding = new();
        private int _batches;
        private int _repeated;
        private bool _isOver;

        public int Readings => _batches * ReadingsABatch;
        public int Repeated => _repeated;
        public List<decimal> Milliseconds { get; } = [];

        public decimal? At(int percent) => Milliseconds.Count == 0
            ? null
            : decimal.Round(Milliseconds[Milliseconds.Count * percent / 100], 2, MidpointRounding.ToZero);

        /// <summary>Every client ends after the batch that it has begun.</summary>
        public void End() => Volatile.Write(ref _isOver, true);

        public async Task Send(long start, CancellationToken ct)
        {
            using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(30) };
            http.DefaultRequestHeaders.Authorization = new("Bearer", key);
            var body = new byte[ReadingsABatch * UsageLoad.MaxLineLength];
            while (!Volatile.Read(ref _isOver))
            {
                var batch = Interlocked.Increment(ref _batches) - 1;
                var length = 0;
                for (var i = 0; i < ReadingsABatch; i++)
                {
                    length += _load.Line((batch * ReadingsABatch) + i, body.AsSpan(length));
                }

                var due = TimeSpan.FromSeconds(batch * (double)ReadingsABatch / options.Rate);
                if (due - Stopwatch.GetElapsedTime(start) is { Ticks: > 10_000 } early)
                {
                    await Task.Delay(early, ct);
                }

                var asked = Stopwatch.GetTimestamp();
                while (!await Answered(http, body.AsMemory(0, length), ct))
                {
                    Interlocked.Increment(ref _repeated);
                    await Task.Delay(TimeSpan.FromMilliseconds(50), ct);
                    asked = Stopwatch.GetTimestamp();
                }

                lock (_adding)
                {
                    Milliseconds.Add((decimal)Stopwatch.GetElapsedTime(asked).TotalMilliseconds);
                }
            }
        }

        private async Task<bool> Answered(HttpClient http, ReadOnlyMemory<byte> body, CancellationToken ct)
        {
            try
            {
                using var content = new ReadOnlyMemoryContent(body);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
                using var answer = await http.PostAsync(new Uri(address, "/v1/usage"), content, ct);
                return answer.StatusCode switch
                {
                    HttpStatusCode.Accepted => true,
                    HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError => false,
                    _ => throw new InvalidOperationException($"The server answered {answer.StatusCode}."),
                };
            }
            catch (Exception e) when (
                e is HttpRequestException or IOException or TaskCanceledException && !ct.IsCancellationRequested)
            {
                return false;
            }
        }
    }
}
