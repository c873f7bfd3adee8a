using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Web;
using Exchange.Metering.Collectors;
using Exchange.Metering.Collectors.Live;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests.Collectors.Live;

/// <summary>
/// A Prometheus that has only a part, or cannot answer so much at once. A part that is taken for all is never read
/// again, so it is not taken. Seen to bill one of two namespaces while warnings were passed over.
/// </summary>
public class AnsweringInPart
{
    private static readonly Instant Midnight = Instant.FromUtc(2026, 10, 5, 0, 0);
    private static readonly Duration Step = Duration.FromMinutes(15);
    private static readonly Period Day = new(Midnight, Midnight + Duration.FromHours(24));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static Instant At(int hour) => Midnight + Duration.FromHours(hour);

    private static PrometheusCollector Collector(HttpClient http, Duration? window = null) => PrometheusCollector.OfPods(
        new("pods", "prometheus", new("nerc"), new("ocp-prod"), Step), http, new(new("http://prometheus/")),
        new(Midnight, Step, window ?? Duration.FromHours(6), Duration.FromHours(1), Duration.FromMinutes(5)));

    [Theory]
    [InlineData("true", true)]
    [InlineData("\"true\"", true)]
    [InlineData("1", true)]
    [InlineData("false", false)]
    [InlineData("null", false)]
    public void A_file_that_says_it_is_a_part_is_refused(string isPartial, bool refused)
    {
        var text = $$$"""{"status":"success","isPartial":{{{isPartial}}},"data":{"resultType":"matrix","result":[]}}""";
        List<Collected> Read() => [.. PrometheusAnswers.Read(Input.Text(text), Input.Context())];
        if (refused)
        {
            Assert.Equal("prometheus/partial-answer", Assert.Throws<RefusedException>(Read).Refusal.Code);
        }
        else
        {
            Assert.Empty(Read());
        }
    }

    /// <summary>
    /// Every sign that something is missing, wherever it stands and whoever writes it; of what is taken, none. Before,
    /// all but 'warnings' in a list and 'isPartial' were taken for all.
    /// </summary>
    [Theory]
    [InlineData("prometheus/partial-answer", "partial_response", "true")]
    [InlineData("prometheus/partial-answer", "partialResponse", "true")]
    [InlineData("prometheus/partial-answer", "partial", "\"True\"")]
    [InlineData("prometheus/partial-answer", "is_partial", "1")]
    [InlineData("prometheus/partial-answer", "incomplete", "true")]
    [InlineData("prometheus/partial-answer", "truncated", "true")]
    [InlineData("prometheus/partial-answer", "isComplete", "false")]
    [InlineData("prometheus/partial-answer", "partialStores", """["store-2"]""")]
    [InlineData("prometheus/partial-answer", "partial-failures", """{"store-2":"deadline exceeded"}""")]
    [InlineData("prometheus/partial-answer", "warnings", "\"store 2 is away\"")]
    [InlineData("prometheus/partial-answer", "warnings", """{"0":"store 2 is away"}""")]
    [InlineData("prometheus/partial-answer", "warning", """["store 2 is away"]""")]
    [InlineData("prometheus/failed-query", "errors", """[{"message":"no such store"}]""")]
    [InlineData(null, "partial_response", "false")]
    [InlineData(null, "partial", "[]")]
    [InlineData(null, "incomplete", "\"\"")]
    [InlineData(null, "isComplete", "true")]
    [InlineData(null, "warnings", "[]")]
    [InlineData(null, "error", "\"\"")]
    [InlineData(null, "partialResponseStrategy", "\"WARN\"")]
    [InlineData(null, "deny_partial_response", "true")]
    [InlineData(null, "infos", """["metric might not be a counter, name does not end in _total"]""")]
    [InlineData(null, "stats", """{"seriesFetched":"2","executionTimeMsec":3}""")]
    [InlineData(null, "trace", """{"duration_msec":0.1,"message":"x","children":[]}""")]
    public void A_sign_of_a_part_is_refused_by_its_name(string? code, string name, string value)
    {
        foreach (var text in (string[])
        [
            $$$"""{"status":"success","data":{"resultType":"matrix","result":[]},"{{{name}}}":{{{value}}}}""",
            $$$"""{"{{{name}}}":{{{value}}},"data":{"resultType":"matrix","result":[]}}""",
            $$$"""{"status":"success","data":{"{{{name}}}":{{{value}}},"result":[]}}""",
            $$$"""{"data":{"result":[]}}{"data":{"result":[],"{{{name}}}":{{{value}}}}}""",
        ])
        {
            List<Collected> Read() => [.. PrometheusAnswers.Read(Input.Text(text), Input.Context())];
            if (code is null)
            {
                Assert.Empty(Read());
            }
            else
            {
                Assert.Equal(code, Assert.Throws<RefusedException>(Read).Refusal.Code);
            }
        }
    }

    [Fact]
    public void An_error_without_a_word_of_it_is_one() => Assert.Equal("prometheus/failed-query",
        Assert.Throws<RefusedException>(() => PrometheusAnswers.Read(
            Input.Text("""{"status":"error","data":{"result":[]}}"""), Input.Context()).Count()).Refusal.Code);

    private static async Task<List<string>> Hours(LiveMeter live) => [.. (await live.Segments(Day)).Select(s =>
        $"{s.Resource.Subject} {s.Period.Start:HH:mm}-{s.Period.End:HH:mm} {s.Shape.VCpu} {s.Shape.RamMib} {s.Shape.Gpu}")];

    [Theory]
    [InlineData("warnings", "partial_response=false")]
    [InlineData("partial_response", "partial_response=false")]
    [InlineData("206", "partial_response=false")]
    [InlineData("isPartial", "deny_partial_response=1")] // VictoriaMetrics. Seen to bill one of two namespaces.
    public async Task A_success_that_is_a_part_makes_the_window_a_gap_until_it_is_whole(string says, string asks)
    {
        await using var live = await LiveMeter.New(At(12));
        var source = new Pods { Warns = at => at == At(0), Says = says };
        using var http = new HttpClient(source);
        var refusal = await Assert.ThrowsAsync<RefusedException>(() => live.Runner.Once(Collector(http), Ct));
        Assert.Equal("prometheus/partial-answer", refusal.Refusal.Code);
        Assert.Equal([new Period(At(0), At(6))], (await live.State("pods")).Gaps.Select(gap => gap.Period));
        Assert.All(source.Asked, question => Assert.Contains(asks, question, StringComparison.Ordinal));

        source.Warns = _ => false;
        await live.Runner.Once(Collector(http), Ct);
        Assert.Empty((await live.State("pods")).Gaps);
        Assert.Equal(["one/p 00:00-11:45 4 1024 0", "two/p 00:00-11:45 4 1024 1"], await Hours(live));
    }

    [Theory]
    [InlineData("cpu")]
    [InlineData("memory")]
    [InlineData("nvidia_com_gpu")]
    public async Task A_series_that_ends_while_its_pod_goes_on_is_a_gap(string resource)
    {
        await using var live = await LiveMeter.New(At(12));
        var source = new Pods { Ends = (resource, At(3)) };
        using var http = new HttpClient(source);
        await live.Runner.Once(Collector(http, Duration.FromHours(12)), Ct);
        Assert.Equal([new Period(At(3), At(11) + (Step * 3))], (await live.State("pods")).Gaps.Select(gap => gap.Period));
        Assert.Equal(["one/p 00:00-11:45 4 1024 0", "two/p 00:00-03:00 4 1024 1"], await Hours(live));

        source.Ends = null;
        await live.Runner.Once(Collector(http, Duration.FromHours(12)), Ct);
        Assert.Empty((await live.State("pods")).Gaps);
        Assert.Equal(["one/p 00:00-11:45 4 1024 0", "two/p 00:00-11:45 4 1024 1"], await Hours(live));
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest)]
    [InlineData(HttpStatusCode.UnprocessableEntity)]
    [InlineData(HttpStatusCode.RequestEntityTooLarge)]
    public async Task A_window_of_too_many_points_is_asked_for_in_parts(HttpStatusCode status)
    {
        await using var live = await LiveMeter.New(At(12));
        var source = new Pods { MaxPoints = 10, TooMany = status };
        using var http = new HttpClient(source);
        await live.Runner.Once(Collector(http, Duration.FromHours(12)), Ct);
        Assert.Equal(["one/p 00:00-11:45 4 1024 0", "two/p 00:00-11:45 4 1024 1"], await Hours(live));
        Assert.Empty((await live.State("pods")).Gaps);
    }

    [Fact]
    public async Task A_query_that_is_wrong_is_found_out_in_a_few_questions()
    {
        await using var live = await LiveMeter.New(At(12));
        var source = new Pods { MaxPoints = 0 };
        using var http = new HttpClient(source);
        await Assert.ThrowsAsync<RefusedException>(() => live.Runner.Once(Collector(http, Duration.FromHours(12)), Ct));
        Assert.InRange(source.Asked.Count, 1, 10);
    }

    /// <summary>Two namespaces of one pod each, all day; one of them has a GPU.</summary>
    private sealed class Pods : HttpMessageHandler
    {
        public Func<Instant, bool> Warns { get; set; } = _ => false;
        public string Says { get; init; } = "warnings";
        public (string Resource, Instant At)? Ends { get; set; }
        public int MaxPoints { get; init; } = int.MaxValue;
        public HttpStatusCode TooMany { get; init; } = HttpStatusCode.BadRequest;
        public List<string> Asked { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var body = await request.Content!.ReadAsStringAsync(cancellationToken);
            Asked.Add(body);
            var asked = HttpUtility.ParseQueryString(body);
            long Number(string name) => long.Parse(asked[name]!, CultureInfo.InvariantCulture);
            var (start, end, step) = (Number("start"), Number("end"), Number("step"));
            if ((end - start) / step >= MaxPoints)
            {
                return new(TooMany) { Content = new StringContent("""{"status":"error","errorType":"bad_data","error":"exceeded maximum resolution of 11,000 points per timeseries."}""") };
            }

            var warns = Warns(Instant.FromUnixTimeSeconds(start));
            return new(warns && Says == "206" ? HttpStatusCode.PartialContent : HttpStatusCode.OK)
            {
                Content = new StringContent(JsonSerializer.Serialize(new
                {
                    status = "success",
                    data = new { resultType = "matrix", result = Result(asked["query"]!, start, end, step, warns) },
                    isPartial = warns && Says == "isPartial",
                    partial_response = warns && Says == "partial_response",
                    warnings = warns && Says == "warnings" ? ["store 2 is away"] : (string[])[],
                })),
            };
        }

        private List<object> Result(string query, long start, long end, long step, bool warns) =>
        [
            .. from pod in ((string Namespace, string Resource, string Value)[])
               [
                   ("one", "cpu", "4"), ("one", "memory", "1073741824"), ("two", "cpu", "4"), ("two", "memory", "1073741824"),
                   ("two", "nvidia_com_gpu", "1"),
               ]
               where query.Contains("kube_pod_resource_request", StringComparison.Ordinal) && !(warns && pod.Namespace == "two")
               where pod.Resource is "cpu" or "memory"
                   ? query.Contains($"resource=\"{pod.Resource}\"", StringComparison.Ordinal)
                   : query.Contains("resource!~", StringComparison.Ordinal)
               let until = pod.Namespace == "two" && Ends is { } ends && ends.Resource == pod.Resource
                   ? long.Min(end, ends.At.ToUnixTimeSeconds() - step)
                   : end
               where until >= start
               select new
               {
                   metric = new Dictionary<string, string>
                   {
                       ["__name__"] = "kube_pod_resource_request",
                       ["namespace"] = pod.Namespace,
                       ["pod"] = "p",
                       ["node"] = "n1",
                       ["uid"] = pod.Namespace,
                       ["resource"] = pod.Resource,
                   },
                   values = Enumerable.Range(0, (int)((until - start) / step) + 1)
                       .Select(n => new object[] { start + (n * step), pod.Value }).ToArray(),
               },
        ];
    }
}
