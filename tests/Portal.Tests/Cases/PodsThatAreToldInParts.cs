using System.Net;
using System.Web;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests.Cases;

/// <summary>
/// A Prometheus that has a part, that answers so much and no more, and whose labels change: what pods are billed is the
/// same however it was told. 4 cores and 16 GiB are 4 SU at 0.013.
/// </summary>
public sealed class PodsThatAreToldInParts
{
    private const string OfNerc = "--landlord nerc --cluster ocp-prod --format prometheus";

    /// <summary>12 h of a V100 at 1.214 are 14.57, 12 h of an H100 at 4 are 48.00, cut at any hour and in any order.</summary>
    [Theory]
    [InlineData]
    [InlineData(12)]
    [InlineData(5, 17)]
    [InlineData(11, 13, 20)]
    public async Task A_node_that_gets_other_GPUs_at_noon(params int[] cuts)
    {
        var day = new Answers()
            .Pod("lab-before", 0, 12, 8, 32, ("nvidia.com/gpu", 1, null))
            .Pod("lab-after", 12, 24, 8, 32, ("nvidia.com/gpu", 1, null))
            .NodeLabel("label_nvidia_com_gpu_product", "Tesla-V100-PCIE-32GB", 0, 12)
            .NodeLabel("label_nvidia_com_gpu_product", "NVIDIA-H100-80GB-HBM3", 12, 24);
        int[] edges = [0, .. cuts, 24];
        using var exchange = await PricedExchange.Start();
        await exchange.Ingest(OfNerc, [.. edges.Zip(edges.Skip(1), day.Text).Reverse()]);
        Assert.Equal(["lab-after 48.00", "lab-before 14.57"], await exchange.Charges());
        Assert.Empty(await exchange.Waiting());
    }

    /// <summary>24 h of 4 SU are 96 SU-hours, 1.248, for each of two namespaces in two stores.</summary>
    [Fact]
    public async Task A_store_that_is_away_is_a_gap_until_it_is_back()
    {
        using var exchange = await PricedExchange.Start();
        exchange.Clock.Now = Answers.Midnight + Duration.FromHours(25);
        await using var querier = new Querier(Answers.Midnight + Duration.FromHours(24)) { IsStoreAway = true };
        var yaml = Yaml(exchange, querier, "2026-10-05T00:00:00Z", "15m", "6h");
        var away = await exchange.Line($"collect run --collectors {yaml}");
        Assert.Equal(1, away.Exit);
        Assert.Empty(await exchange.Charges());
        querier.IsStoreAway = false;
        Assert.Equal(0, (await exchange.Line($"collect run --collectors {yaml}")).Exit);
        Assert.Equal(["lab-one 1.25", "lab-two 1.25"], await exchange.Charges());

        // One that does not know the question for whole answers says a warning beside what it has.
        querier.Warns = true;
        exchange.Clock.Now += Duration.FromHours(24);
        querier.End += Duration.FromHours(24);
        Assert.Equal(1, (await exchange.Line($"collect run --collectors {yaml}")).Exit);
        Assert.Equal(["lab-one 1.25", "lab-two 1.25"], await exchange.Charges());
        querier.Warns = false;
        Assert.Equal(0, (await exchange.Line($"collect run --collectors {yaml}")).Exit);
        Assert.Equal(["lab-one 2.50", "lab-two 2.50"], await exchange.Charges());
    }

    /// <summary>9 days by the minute are 12,960 points; it answers 11,000. 216 h of 4 SU are 864, 11.232.</summary>
    [Theory]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.UnprocessableEntity)]
    public async Task A_window_of_more_points_than_it_answers_is_asked_for_in_halves(HttpStatusCode refusal)
    {
        using var exchange = await PricedExchange.Start();
        exchange.Clock.Now = Answers.Midnight + Duration.FromDays(9) + Duration.FromHours(1);
        await using var querier = new Querier(Answers.Midnight + Duration.FromDays(9)) { MaxPoints = 11_000, Refusal = refusal };
        var run = await exchange.Line(
            $"collect run --collectors {Yaml(exchange, querier, "2026-10-05T00:00:00Z", "1m", "9d")}");
        Assert.True(run.Exit == 0, run.Errors);
        Assert.Equal(["lab-one 11.23", "lab-two 11.23"], await exchange.Charges());
        Assert.Empty(await exchange.Waiting());
    }

    private static string Yaml(PricedExchange exchange, Querier querier, string from, string step, string window) =>
        exchange.File("collectors.yaml", "collectors:\n" +
            $"  - {{name: pods, kind: prometheus, landlord: nerc, cluster: ocp-prod, url: \"{querier.Url}\", " +
            $"from: {from}, step: {step}, window: {window}, overlap: 1h, settle: 5m, every: 15m}}\n");

    /// <summary>A Thanos querier in front of two stores, of which one may be away, that answers so many points.</summary>
    private sealed class Querier : IAsyncDisposable
    {
        private readonly HttpListener _listener = new();
        private readonly Task _answering;

        public Querier(Instant end)
        {
            End = end;
            Url = $"http://127.0.0.1:{Ports.Free()}/";
            _listener.Prefixes.Add(Url);
            _listener.Start();
            _answering = Task.Run(AnswerAll);
        }

        public string Url { get; }
        public Instant End { get; set; }
        public bool IsStoreAway { get; set; }
        public bool Warns { get; set; }
        public int MaxPoints { get; init; } = int.MaxValue;
        public HttpStatusCode Refusal { get; init; }

        public async ValueTask DisposeAsync()
        {
            _listener.Close();
            await _answering;
        }

        private async Task AnswerAll()
        {
            while (_listener.IsListening)
            {
                try
                {
                    var context = await _listener.GetContextAsync();
                    using var reader = new StreamReader(context.Request.InputStream);
                    var (status, text) = Answer(HttpUtility.ParseQueryString(await reader.ReadToEndAsync()));
                    context.Response.StatusCode = (int)status;
                    await context.Response.OutputStream.WriteAsync(System.Text.Encoding.UTF8.GetBytes(text));
                    context.Response.Close();
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
                {
                    return; // It was closed.
                }
            }
        }

        private (HttpStatusCode Status, string Text) Answer(System.Collections.Specialized.NameValueCollection asked)
        {
            var (start, end, step) = (Number(asked["start"]), Number(asked["end"]), Number(asked["step"]));
            if (IsStoreAway && asked["partial_response"] == "false")
            {
                return (HttpStatusCode.ServiceUnavailable, """{"status":"error","error":"store 2 is away"}""");
            }

            if ((end - start) / step >= MaxPoints)
            {
                return (Refusal, """{"status":"error","errorType":"bad_data","error":"exceeded maximum resolution"}""");
            }

            var value = asked["query"]!.Contains("\"cpu\"", StringComparison.Ordinal) ? "4"
                : asked["query"]!.Contains("\"memory\"", StringComparison.Ordinal) ? $"{16L << 30}" : null;
            var resource = value == "4" ? "cpu" : "memory";
            var warned = Warns ? ""","warnings":["store 2: context deadline exceeded"]""" : "";
            var series = (value is null ? [] : (string[])["lab-one", "lab-two"]).Take(Warns ? 1 : 2).Select(project =>
                $"{{\"metric\":{{\"__name__\":\"kube_pod_resource_request\",\"namespace\":\"{project}\",\"pod\":\"p\"," +
                $"\"node\":\"n1\",\"resource\":\"{resource}\"}},\"values\":[" + string.Join(',', Moments(start, end, step)
                    .Select(at => $"[{at},\"{value}\"]")) + "]}");
            return (HttpStatusCode.OK, "{\"status\":\"success\",\"data\":{\"resultType\":\"matrix\",\"result\":[" +
                $"{string.Join(',', series)}]}}{warned}}}");
        }

        private IEnumerable<long> Moments(long start, long end, long step)
        {
            for (var at = start; at <= end && at < End.ToUnixTimeSeconds(); at += step)
            {
                yield return at;
            }
        }

        private static long Number(string? text) =>
            (long)double.Parse(text!, System.Globalization.CultureInfo.InvariantCulture);
    }
}
