using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using Exchange.Portal.Commands;
using Exchange.Portal.Keys;

namespace Exchange.Portal.Demo;

/// <summary>The collectors of the demonstration: each landlord's sends its readings with a key of its own.</summary>
internal sealed class DemoCollectors : IAsyncDisposable
{
    private const int ReadingsABatch = 1_000;
    private readonly Composition _exchange;
    private readonly HttpClient _http;
    private readonly Dictionary<LandlordId, KeyRing.New> _keys = [];

    private DemoCollectors(Composition exchange, Uri address) => (_exchange, _http) =
        (exchange, new() { BaseAddress = address });

    /// <summary>What became of everything that was sent so far.</summary>
    public DemoOutcome Sent { get; private set; } = new(0, 0, 0, []);

    public static async Task<DemoCollectors> Open(Composition exchange, Uri address, CancellationToken ct)
    {
        var collectors = new DemoCollectors(exchange, address);
        foreach (var landlord in Landlords.All)
        {
            collectors._keys[landlord] = await exchange.Commands.Execute(
                new CreateKey($"collector of {landlord}", landlord, KeyScope.Usage, "demo"), Actors.Local("demo"), ct);
        }

        return collectors;
    }

    public async Task Send(IEnumerable<UsageEvent> events, CancellationToken ct)
    {
        foreach (var batch in events.GroupBy(e => e.Landlord).SelectMany(own => own.Chunk(ReadingsABatch)))
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/usage") { Content = Packed(batch) };
            request.Headers.Authorization = new("Bearer", _keys[batch[0].Landlord].Key);
            using var answer = await _http.SendAsync(request, ct);
            answer.EnsureSuccessStatusCode();
            var took = (await answer.Content.ReadFromJsonAsync<Took>(ct))!;
            Sent = Sent with
            {
                Accepted = Sent.Accepted + took.Accepted,
                Duplicate = Sent.Duplicate + took.Duplicate,
                Quarantined = Sent.Quarantined + took.Quarantined,
            };
        }
    }

    /// <summary>What the meter answers to a batch.</summary>
    internal sealed record Took(long Accepted, long Duplicate, long Quarantined);

    private static ByteArrayContent Packed(UsageEvent[] batch)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.UTF8.GetBytes(string.Join('\n', batch.Select(e => e.Line))));
        }

        var content = new ByteArrayContent(packed.ToArray());
        content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    /// <summary>Revokes the keys: nobody has them but this program.</summary>
    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        foreach (var key in _keys.Values)
        {
            _ = await _exchange.Commands.Execute(
                new RevokeKey(_exchange.Keys, key.Id, "demo"), Actors.Local("demo"), CancellationToken.None);
        }
    }
}
