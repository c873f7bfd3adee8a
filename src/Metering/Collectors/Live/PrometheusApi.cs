using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using NodaTime;

namespace Exchange.Metering.Collectors.Live;

/// <summary>Where a Prometheus or Thanos answers, and what it wants to be shown.</summary>
/// <param name="TokenFile">A file with a bearer token, read for each question; null when none is needed.</param>
public sealed record PrometheusAddress(Uri Url, string? TokenFile = null);

/// <summary>Asks a Prometheus range queries, again when it fails, in halves when it is too much for it.</summary>
/// <param name="patience">How long an answer may take; as long as is usual, without it.</param>
/// <param name="most">How many bytes an answer may have.</param>
internal sealed class PrometheusApi(
    HttpClient http, PrometheusAddress address, TimeSpan? patience = null, long most = PrometheusApi.MaxBytes)
{
    public const long MaxBytes = 512 << 20; // Series are in memory, and take about as much.
    private const int Attempts = 4;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    /// <summary>The series of a query at each step of a window.</summary>
    /// <exception cref="RefusedException">It answers with an error, or not at all.</exception>
    public async Task<List<MetricSeries>> Range(
        string query, Period window, Duration step, CollectorContext context, CancellationToken ct)
    {
        using var answer = await Ask(query, window, step, ct);
        if (MayBeTooMuch(answer.StatusCode) && window.Length >= step + step)
        {
            var steps = (long)window.Length.TotalSeconds / (long)step.TotalSeconds;
            var middle = window.Start + (step * (steps / 2));
            return [.. await Range(query, new(window.Start, middle), step, context, ct),
                .. await Range(query, new(middle, window.End), step, context, ct)];
        }

        if (answer.StatusCode == HttpStatusCode.PartialContent)
        {
            throw new RefusedException(new(PrometheusAnswers.Partial,
                "Prometheus answered 206, which is a part only. Nothing of it is taken; it is asked again.",
                Shown));
        }

        await using var body = new AnswerBody(
            await answer.Content.ReadAsStreamAsync(ct), patience ?? Patience, most, Refused, ct);
        if (!answer.IsSuccessStatusCode)
        {
            throw Refused($"{(int)answer.StatusCode} {answer.ReasonPhrase}: {await Start(body, ct)}");
        }

        return [.. PrometheusAnswers.Series(body, context)];
    }

    private async Task<HttpResponseMessage> Ask(string query, Period window, Duration step, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                using var question = Question(query, window, step);
                var answer = await http.SendAsync(question, HttpCompletionOption.ResponseHeadersRead, ct);
                if (attempt == Attempts || !IsPassing(answer.StatusCode))
                {
                    return answer;
                }

                answer.Dispose();
            }
            catch (Exception e) when (
                e is HttpRequestException or TaskCanceledException && !ct.IsCancellationRequested)
            {
                if (attempt == Attempts)
                {
                    throw Refused($"it does not answer ({e.Message})");
                }
            }

            await Task.Delay(TimeSpan.FromMilliseconds(250 << attempt), ct);
        }
    }

    private HttpRequestMessage Question(string query, Period window, Duration step)
    {
        var question = new HttpRequestMessage(HttpMethod.Post, new Uri(address.Url, "api/v1/query_range"))
        {
            Content = new FormUrlEncodedContent(
            [
                new("query", query),
                new("start", Seconds(window.Start)),
                new("end", Seconds(window.End - step)), // Prometheus counts the last moment in; periods do not.
                new("step", ((long)step.TotalSeconds).ToString(CultureInfo.InvariantCulture)),
                new("partial_response", "false"), // Thanos: what a store lacks is an error, not an answer.
                new("deny_partial_response", "1"), // The same of VictoriaMetrics.
            ]),
        };
        if (address.TokenFile is { } file)
        {
            question.Headers.Authorization = new AuthenticationHeaderValue("Bearer", File.ReadAllText(file).Trim());
        }

        return question;
    }

    private static string Seconds(Instant at) => at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>
    /// Prometheus says 400 for too many points and 422 for too many samples, others 413; they tell it in words only.
    /// What is wrong in itself is wrong in the halves too, which is found out in as many questions as halvings.
    /// </summary>
    private static bool MayBeTooMuch(HttpStatusCode status) => status is HttpStatusCode.BadRequest
        or HttpStatusCode.UnprocessableEntity or HttpStatusCode.RequestEntityTooLarge;

    private static bool IsPassing(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout || (int)status >= 500;

    private static async Task<string> Start(Stream body, CancellationToken ct)
    {
        using var text = new StreamReader(body);
        var start = new char[500];
        var length = await text.ReadBlockAsync(start, ct);
        return new string(start, 0, length).ReplaceLineEndings(" ");
    }

    private RefusedException Refused(string why) => new(new("prometheus/failed-query",
        $"Prometheus: {why}. It is asked again; check the address, the token and the query.",
        Shown));

    /// <summary>The address without what somebody may have written before its host, which others read.</summary>
    private string Shown => address.Url.GetComponents(UriComponents.HttpRequestUrl, UriFormat.UriEscaped);
}
