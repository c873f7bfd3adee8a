using System.Net;
using System.Text;
using Exchange.Metering.Collectors.Live;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests.Collectors.Live;

/// <summary>
/// A Prometheus is a landlord's: one that goes silent within its answer, or never ends it, is told as one that fails.
/// Seen before: the first was waited for for ever by a thread, the second filled the memory.
/// </summary>
public class AnsweringWithoutEnd
{
    private static readonly Period Hour = new(Instant.FromUtc(2026, 10, 1, 0, 0), Instant.FromUtc(2026, 10, 1, 1, 0));
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", HttpStatusCode.OK)]
    [InlineData("""{"status":"success","data":{"result":[""", HttpStatusCode.OK)]
    [InlineData("It is late", HttpStatusCode.NotFound)]
    public async Task Is_not_waited_for(string start, HttpStatusCode status)
    {
        var refusal = await Ask(new(start, ""), TimeSpan.FromMilliseconds(50), PrometheusApi.MaxBytes, status);
        Assert.Equal("prometheus/failed-query", refusal.Code);
        Assert.Contains("does not end within", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"status":"success","data":{"result":[""", """{"metric":{"pod":"p","resource":"cpu"},"values":[[1790812800,"2"]]},""")]
    [InlineData("""{"status":"success","data":{"result":[{"metric":{"pod":"p","resource":"cpu"},"values":[""", """[1790812800,"2"],""")]
    [InlineData("", " ")]
    [InlineData("", "{} ")]
    public async Task Is_read_so_far_and_no_further(string start, string again)
    {
        var body = new Endless(start, again);
        var refusal = await Ask(body, TimeSpan.FromMinutes(5), 4 << 20);
        Assert.Equal("prometheus/failed-query", refusal.Code);
        Assert.Contains("longer than 4 MiB", refusal.Message, StringComparison.Ordinal);
        Assert.InRange(body.Written, 4 << 20, 5 << 20);
    }

    private static async Task<Refusal> Ask(Endless body, TimeSpan patience, long most, HttpStatusCode status = HttpStatusCode.OK)
    {
        using var http = new HttpClient(new Answering(body, status));
        var prometheus = new PrometheusApi(http, new(new Uri("http://prometheus.example/")), patience, most);
        return (await Assert.ThrowsAsync<RefusedException>(() => prometheus.Range(
            "up", Hour, Duration.FromMinutes(15), Input.Context(), Ct).WaitAsync(TimeSpan.FromMinutes(5), Ct))).Refusal;
    }

    private sealed class Answering(Endless body, HttpStatusCode status) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Task.FromResult(new HttpResponseMessage(status) { Content = new StreamContent(body) });
    }

    /// <summary>The start of a body, and then the same again and again; nothing at all where that is empty.</summary>
    private sealed class Endless(string start, string again) : ForwardStream
    {
        private readonly byte[] _again = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(again, 1_000)));
        private ReadOnlyMemory<byte> _left = Encoding.UTF8.GetBytes(start);

        public long Written { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_left.IsEmpty && _again.Length == 0)
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
            }

            _left = _left.IsEmpty ? _again : _left;
            var count = Math.Min(buffer.Length, _left.Length);
            _left[..count].CopyTo(buffer);
            _left = _left[count..];
            Written += count;
            return count;
        }
    }
}
