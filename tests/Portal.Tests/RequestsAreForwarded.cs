using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Exchange.Metering;
using Exchange.Portal.Keys;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Senders choose any server and repeat what was not answered, also to another one; servers die and stand still
/// meanwhile. What all of it comes to is what was sent, each reading once.
/// </summary>
public sealed class RequestsAreForwarded
{
    private const int Readings = 50; // Of a request.
    private static readonly string[] Landlords = ["bu", "nerc", "mit", "harvard"];
    private static readonly Period October = new(
        Instant.FromUtc(2026, 10, 1, 0, 0), Instant.FromUtc(2026, 11, 1, 0, 0));

    [Fact]
    public async Task Each_reading_counts_once_whatever_becomes_of_the_servers_meanwhile()
    {
        await using var lanes = await SharedLanes.Of("north", "east", "west");
        string[] places = ["north", "east", "west", "home"];
        var keys = new Dictionary<string, string>();
        await using (var exchange = await lanes.Open())
        {
            foreach (var (landlord, place) in Landlords.Zip(places))
            {
                keys[landlord] = (await exchange.Do(
                    new CreateKey(landlord, new(landlord), KeyScope.Usage, "test"))).Key;
                if (place != "home")
                {
                    await exchange.Do(new MoveLandlord(exchange.Meter, new(landlord), place, "test"));
                }
            }
        }

        List<ServerProcess> servers = [lanes.Start(), lanes.Start(), lanes.Start()];
        await SharedLanes.Until(() => Owned(servers), owned => owned == 4);
        using var over = new CancellationTokenSource();
        var sent = new ConcurrentDictionary<string, int>();
        var answers = new ConcurrentDictionary<string, int>();
        var sending = Enumerable.Range(0, 3).Select(
            seed => Send(new Random(seed), servers, keys, sent, answers, over.Token)).ToList();

        await Passes(answers, 20);
        await servers[1].Kill();
        await Passes(answers, 20);
        servers[1] = lanes.Start(port: servers[1].Port);
        await SharedLanes.Until(() => Owned(servers), owned => owned == 4);
        await Passes(answers, 20);
        servers[2].Freeze();
        await SharedLanes.Until(() => Owned(servers[..2]), owned => owned == 4);
        await Passes(answers, 20);
        servers[2].Thaw();
        await SharedLanes.Until(() => Owned(servers), owned => owned == 4);
        await Passes(answers, 20);
        await over.CancelAsync();
        await Task.WhenAll(sending);
        TestContext.Current.TestOutputHelper!.WriteLine(JsonSerializer.Serialize(answers));

        await using var reader = await lanes.Open();
        var counted = (await reader.Meter.Totals(new(October), Serving.Ct))
            .GroupBy(total => total.Resource.Landlord.Value)
            .ToDictionary(of => of.Key, of => of.Sum(total => total.Quantity));
        Assert.Equal(sent.OrderBy(one => one.Key).ToDictionary(one => one.Key, one => (decimal)one.Value * Readings),
            counted.OrderBy(one => one.Key).ToDictionary());
        Assert.Empty(await reader.Meter.Verify(Serving.Ct));
    }

    /// <summary>How many lanes have one owner among these; less than none while one has two.</summary>
    private static async Task<int> Owned(IReadOnlyList<ServerProcess> servers)
    {
        var owned = (await Task.WhenAll(servers.Select(server => server.Owned()))).SelectMany(lanes => lanes).ToList();
        return owned.Distinct().Count() == owned.Count ? owned.Count : -1;
    }

    private static Task<TimeSpan> Passes(ConcurrentDictionary<string, int> answers, int many)
    {
        var before = answers.GetValueOrDefault("Accepted");
        return SharedLanes.Until(
            () => Task.FromResult(answers.GetValueOrDefault("Accepted") - before), more => more >= many);
    }

    /// <summary>Sends until told to end; then nothing is left that was not answered.</summary>
    private static async Task Send(
        Random random, List<ServerProcess> servers, Dictionary<string, string> keys,
        ConcurrentDictionary<string, int> sent, ConcurrentDictionary<string, int> answers, CancellationToken over)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(20) };
        var again = new List<(string Landlord, string Body)>();
        while (!over.IsCancellationRequested)
        {
            var landlord = Landlords[random.Next(Landlords.Length)];
            var next = (Landlord: landlord, Body: "");
            if (again.Count > 0 && random.Next(4) == 0)
            {
                next = again[random.Next(again.Count)]; // All of it was taken by some server before.
            }
            else
            {
                next.Body = Body(landlord, sent.AddOrUpdate(landlord, 1, (_, before) => before + 1));
                again.Add(next);
            }

            string said;
            do
            {
                said = await Post(http, servers[random.Next(servers.Count)].Address, next, keys[next.Landlord]);
                answers.AddOrUpdate(said, 1, (_, before) => before + 1);
            }
            while (said != "Accepted");
        }
    }

    private static async Task<string> Post(
        HttpClient http, Uri server, (string Landlord, string Body) sent, string key)
    {
        using var content = new StringContent(sent.Body, Encoding.UTF8, "application/x-ndjson");
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server, "/v1/usage")) { Content = content };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        try
        {
            using var answer = await http.SendAsync(request, Serving.Ct);
            return $"{answer.StatusCode}";
        }
        catch (Exception e) when (
            e is HttpRequestException || (e is TaskCanceledException && !Serving.Ct.IsCancellationRequested))
        {
            await Task.Delay(20, Serving.Ct);
            return "no answer";
        }
    }

    private static string Body(string landlord, int batch) => string.Join('\n', Enumerable.Range(0, Readings).Select(
        i => Count(landlord, $"{batch}-{i}", $"vm-{i}", 1 + (i % 9))));

    /// <summary>An event that counts one.</summary>
    internal static string Count(string landlord, string id, string vm, int day) => JsonSerializer.Serialize(new
    {
        specversion = "1.0",
        id,
        source = "urn:test",
        subject = vm,
        type = "exchange.usage.count.v1",
        time = string.Create(CultureInfo.InvariantCulture, $"2026-10-{day:00}T00:00:00Z"),
        data = new
        {
            landlord,
            cluster = "stack",
            project = "p",
            kind = "vm",
            meter = "requests",
            quantity = "1",
        },
    });
}
