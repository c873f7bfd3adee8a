using System.Net;
using System.Text.Json;
using Exchange.Portal.Keys;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>The OpenAPI description is valid, whole, and true: every operation of it is driven.</summary>
public class TheDescription
{
    private static readonly Dictionary<string, string> Known = new()
    {
        ["month"] = "2026-10",
        ["number"] = "PI-2026-0001",
        ["landlord"] = "nerc",
        ["report"] = "nerc",
        ["at"] = "2026-10-05T00:00:00Z",
        ["limit"] = "5",
        ["asOf"] = "2026-10-05",
    };

    [Fact]
    public async Task Is_valid_and_names_every_route_for_programs()
    {
        await using var serving = await Serving.Start();
        using var anyone = serving.Anonymous();
        var text = await anyone.GetStringAsync(new Uri("/openapi/v1.json", UriKind.Relative), Serving.Ct);
        var read = OpenApiDocument.Parse(text, "json");
        Assert.Empty(read.Diagnostic!.Errors);
        var described = read.Document!.Paths.SelectMany(p => p.Value.Operations!.Keys.Select(m =>
            $"{m.Method} {p.Key}")).Order().ToList();
        var routes = ((IEndpointRouteBuilder)serving.App).DataSources.SelectMany(s => s.Endpoints)
            .OfType<RouteEndpoint>().Where(e => e.RoutePattern.RawText!.StartsWith("/v1/", StringComparison.Ordinal))
            .SelectMany(e => e.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Select(m =>
                $"{m} {e.RoutePattern.RawText}")).Order().ToList();
        Assert.Equal(routes, described.Where(d => d.Contains("/v1/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Tells_the_truth_about_every_operation()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.UseMuch(serving);
        await UsedMonth.Close(serving);
        using var reader = await serving.WithKey(KeyScope.Read, null);
        using var publisher = await serving.WithKey(KeyScope.Prices, Serving.Nerc);
        using var meter = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        var document = await TheApi.Json(reader, "/openapi/v1.json");
        var charge = (await TheApi.Json(reader, "/v1/charges?month=2026-10&project=p-ada")).GetProperty("items")[0]
            .GetProperty("id").GetString()!;
        var sheet = (await TheApi.Json(reader, "/v1/prices?limit=1")).GetProperty("items")[0].GetProperty("sheet")
            .GetString()!;
        var driven = 0;
        foreach (var path in document.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject()
                .Where(o => o.Name is "get" or "post" or "put" or "delete"))
            {
                var url = Fill(path.Name, operation.Value, path.Name switch
                {
                    "/v1/explain" => charge,
                    "/v1/price-sheets" => sheet,
                    _ => "p-ada",
                });
                using var request = new HttpRequestMessage(new HttpMethod(operation.Name),
                    new Uri(url, UriKind.Relative));
                if (operation.Name is "post" or "put")
                {
                    request.Content = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
                }

                var client = path.Name switch
                {
                    "/v1/usage" => meter,
                    "/v1/prices" when operation.Name == "post" => publisher,
                    _ => reader,
                };
                using var answer = await client.SendAsync(request, Serving.Ct);
                var responses = operation.Value.GetProperty("responses");
                var status = ((int)answer.StatusCode).ToString(provider: null);
                Assert.True(
                    responses.TryGetProperty(status, out var told),
                    $"{operation.Name} {url} answers {status}: {await answer.Content.ReadAsStringAsync(Serving.Ct)}");
                var type = answer.Content.Headers.ContentType?.MediaType;
                Assert.True(
                    told.GetProperty("content").EnumerateObject()
                        .Any(c => c.Name == type || c.Name == "application/octet-stream"),
                    $"{operation.Name} {url} answers with {type}");
                Assert.True(operation.Name != "get" || answer.StatusCode == HttpStatusCode.OK ||
                    path.Name.Contains("export", StringComparison.Ordinal), $"{url}: {status}");
                driven++;
            }
        }

        Assert.True(driven >= 18, $"{driven} operations were driven.");
    }

    private static string Fill(string path, JsonElement operation, string id)
    {
        var query = new List<string>();
        foreach (var parameter in operation.TryGetProperty("parameters", out var all) ? all.EnumerateArray() : [])
        {
            var name = parameter.GetProperty("name").GetString()!;
            var value = name == "id" ? id
                : name == "number" && path.Contains("party", StringComparison.Ordinal) ? "IN-2026-0001"
                : Known.GetValueOrDefault(name);
            if (parameter.GetProperty("in").GetString() == "path")
            {
                path = path.Replace($"{{{name}}}", value, StringComparison.Ordinal);
            }
            else if (parameter.GetProperty("in").GetString() == "query" && value is not null && name != "landlord")
            {
                query.Add($"{name}={Uri.EscapeDataString(value)}");
            }
        }

        return query.Count > 0 ? $"{path}?{string.Join('&', query)}" : path;
    }
}
