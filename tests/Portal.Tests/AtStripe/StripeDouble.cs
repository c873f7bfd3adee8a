using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Exchange.Portal.Tests.AtStripe;

/// <summary>
/// Stripe on loopback, as far as the exchange speaks to it: it refuses what Stripe would refuse, and can lose answers.
/// </summary>
internal sealed class StripeDouble : IAsyncDisposable
{
    public const string Key = "sk_test_double";

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, (string Asked, int Status, string Body)> _answered = new();
    private readonly Lock _one = new();

    private StripeDouble()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _app = builder.Build();
        _app.MapFallback("{*path}", Answer);
    }

    public StripeState State { get; } = new();

    /// <summary>How many answers get lost on their way after what was asked for was done.</summary>
    public int Lost { get; set; }

    /// <summary>After how many more calls it is away for good; null for never.</summary>
    public int? AwayAfter { get; set; }
    public List<string> Calls { get; } = [];
    public Uri Address => new(_app.Urls.First());

    public static async Task<StripeDouble> Start()
    {
        var stripe = new StripeDouble();
        await stripe._app.StartAsync(TestContext.Current.CancellationToken);
        return stripe;
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task Answer(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var asked = http.Request.Method == "GET" ? http.Request.QueryString.Value ?? ""
            : await reader.ReadToEndAsync(http.RequestAborted);
        var (status, body, isLost) = (0, "", false);
        lock (_one)
        {
            if (AwayAfter is { } left)
            {
                AwayAfter = left - 1;
                isLost = left <= 0;
            }

            if (!isLost)
            {
                (status, body) = Once(http.Request, asked);
                isLost = http.Request.Method == "POST" && Lost > 0 && Lost-- > 0;
            }
        }

        if (isLost)
        {
            http.Abort();
            return;
        }

        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        await http.Response.WriteAsync(body, http.RequestAborted);
    }

    private (int Status, string Body) Once(HttpRequest request, string asked)
    {
        if (request.Headers.Authorization != $"Bearer {Key}")
        {
            return Error(401, "invalid_request_error", null, null, "Invalid API Key provided: sk_****");
        }

        if (!request.Headers.TryGetValue("Stripe-Version", out _) || (request.Method == "POST" &&
            request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.Ordinal) != true))
        {
            return Error(400, "invalid_request_error", null, null, "No version, or not a form.");
        }

        var key = request.Headers["Idempotency-Key"].ToString();
        if (request.Method == "POST" && key.Length is 0 or > 255)
        {
            return Error(400, "idempotency_error", null, null, "A call that changes something needs a key here.");
        }

        var call = $"{request.Method} {request.Path} {asked}";
        if (request.Method == "POST" && _answered.TryGetValue(key, out var before))
        {
            return before.Asked == call ? (before.Status, before.Body) : Error(
                400, "idempotency_error", null, null, "Keys can only be used with the same parameters.");
        }

        var answer = Do(request.Method, request.Path.Value!["/v1/".Length..], asked);
        Calls.Add($"{request.Method} {request.Path.Value["/v1/".Length..]}");
        if (request.Method == "POST")
        {
            _answered[key] = (call, answer.Status, answer.Body);
        }

        return answer;
    }

    private (int Status, string Body) Do(string method, string path, string asked)
    {
        var given = QueryHelpers.ParseQuery(asked)
            .SelectMany(of => of.Value.Select(value => KeyValuePair.Create(of.Key, value ?? ""))).ToList();
        var steps = path.Split('/');
        var call = $"{method} {steps[0]}{(steps.Length > 1 ? "/*" : "")}{(steps.Length > 2 ? $"/{steps[2]}" : "")}";
        if (StripeParameters.Wrong(call, given) is { } wrong)
        {
            return Error(
                wrong.Code == "url_invalid" ? 404 : 400, "invalid_request_error", wrong.Code, wrong.Param,
                $"{wrong.Code}: {wrong.Param}");
        }

        try
        {
            var fields = given.ToDictionary(g => g.Key, g => g.Value, StringComparer.Ordinal);
            return (200, State.Do(call, steps.Length > 1 ? steps[1] : "", fields).ToJsonString());
        }
        catch (StripeState.RefusedException e)
        {
            return Error(e.Status, "invalid_request_error", e.Code, null, e.Message);
        }
    }

    private static (int, string) Error(int status, string type, string? code, string? param, string message) => (
        status, new JsonObject
        {
            ["error"] = new JsonObject
            {
                ["type"] = type,
                ["code"] = code,
                ["param"] = param,
                ["message"] = message,
            },
        }.ToJsonString());
}
