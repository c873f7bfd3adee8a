using System.Globalization;
using System.Text.Json;
using Exchange.Journal;
using Exchange.Market.Commands;
using Exchange.Market.Orders;
using Exchange.Portal.Keys;
using Exchange.Portal.Webhooks;
using Exchange.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.OpenApi;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>The OpenAPI description is valid, whole, and true: every operation of it is driven.</summary>
public class TheDescription
{
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

    /// <summary>
    /// Every operation is asked with its own example. Two programs of others judge: one says that the description is
    /// valid, the other that each answer is as it says.
    /// </summary>
    [Theory]
    [InlineData("v1", null)]
    [InlineData("v2", "application/json;v=2")]
    public async Task Is_valid_to_others_and_every_operation_answers_its_example_as_it_says(
        string version, string? accept)
    {
        const string Script = """
            const parser = require('@apidevtools/swagger-parser');
            const Ajv = require('ajv/dist/2020').default;
            const [description, answers] = process.argv.slice(2);
            parser.validate(description).then(api => {
              const unchecked = [];
              for (const { Path, Method, Status, Type, Body } of require(answers)) {
                const told = api.paths[Path][Method].responses[String(Status)];
                const schema = told && told.content && (told.content[Type] || {}).schema;
                if (!Type.endsWith('json')) continue;
                if (!schema) { unchecked.push(`${Method} ${Path}`); continue; }
                const check = new Ajv({ strict: false, allErrors: true, validateFormats: false }).compile(schema);
                if (!check(JSON.parse(Body))) {
                  throw new Error(`${Method} ${Path}: ${JSON.stringify(check.errors)}\n${Body.slice(0, 2000)}`);
                }
              }
              if (unchecked.length) throw new Error(`Without a schema: ${unchecked}`);
            }).catch(e => { console.error(e.message); process.exit(1); });
            """;

        var npm = Component.Find("npm", "npm", "/usr/bin/npm");
        var node = Component.Find("npm", "node", "/usr/bin/node");
        var folder = Product.File("artifacts/openapi-validator");
        if (!Directory.Exists(Path.Combine(folder, "node_modules", "ajv")))
        {
            Directory.CreateDirectory(folder);
            await Component.Run(npm, folder, "install", "--prefix", folder, "--no-save", "--ignore-scripts",
                "--no-audit", "--no-fund", "@apidevtools/swagger-parser@12.1.0", "openapi-types@12.1.3");
        }

        await using var serving = await UsedMonth.Start();
        using var anyone = serving.Anonymous();
        var text = await anyone.GetStringAsync(new Uri($"/openapi/{version}.json", UriKind.Relative), Serving.Ct);
        await File.WriteAllTextAsync(Path.Combine(folder, $"{version}.json"), text, Serving.Ct);
        await File.WriteAllTextAsync(
            Path.Combine(folder, $"answers-{version}.json"),
            JsonSerializer.Serialize(await Drive(serving, version, accept)), Serving.Ct);
        await File.WriteAllTextAsync(Path.Combine(folder, "check.js"), Script, Serving.Ct);
        await Component.Run(node, folder, "check.js", $"{version}.json", $"./answers-{version}.json");
    }

    /// <summary>What an operation answered to the request that its description asks for.</summary>
    private sealed record Answered(string Path, string Method, int Status, string Type, string Body);

    private static async Task<IReadOnlyList<Answered>> Drive(Serving serving, string version, string? accept)
    {
        await UsedMonth.UseMuch(serving);
        await UsedMonth.Close(serving);
        using var reader = await serving.WithKey(KeyScope.Read, null);
        using var publisher = await serving.WithKey(KeyScope.Prices, Serving.Nerc);
        using var meter = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        using var finance = await serving.WithKey(KeyScope.Finance, null);
        var document = await TheApi.Json(reader, $"/openapi/{version}.json");
        var charge = (await TheApi.Json(reader, "/v1/charges?month=2026-10&project=p-ada")).GetProperty("items")[0]
            .GetProperty("id").GetString()!;
        var sheet = (await TheApi.Json(reader, "/v1/prices?limit=1&landlord=nerc")).GetProperty("items")[0]
            .GetProperty("sheet").GetString()!;
        var webhook = (await serving.Exchange.Do(new RegisterWebhook(
                serving.Exchange.Database, "https://books.example.org/", null, [], false, "test"))).Id;
        var quote = await QuotesAreKept.Save(serving);
        await AwardsOfSponsors.Enter(serving);
        await KnownPeer.Add(serving);
        var order = await OrdersOnPages.Approved(serving);
        await serving.Exchange.Do(new EndAgreement( // So that the example is at list and can be quoted.
            (await serving.Exchange.Journal.State(Order.Fold, order, Serving.Ct)).Needed().Quote, null, null, "test"));
        var leases = await LeasesOnPages.ForEachAct(serving);
        var agreements = await AgreementsOnPages.ForEachAct(serving);
        var auctions = await AuctionsAreSealed.ForEachAct(serving);
        var answers = new List<Answered>();
        foreach (var (path, method, operation) in
            from path in document.GetProperty("paths").EnumerateObject()
            from operation in path.Value.EnumerateObject()
            where operation.Name is not ("parameters" or "servers" or "summary" or "description")
            orderby operation.Name == "delete", path.Name != "/v1/voids" // What it issues again is acted upon.
            select (path.Name, operation.Name, operation.Value))
        {
            // An example cannot know what was made in this world; everything else is sent as it is described.
            var id = path switch
            {
                "/v1/explain" => charge,
                "/v1/price-sheets" => sheet,
                "/v1/quotes/saved/{id}" => quote,
                "/v1/orders/{id}/fulfilled" => order,
                "/v1/leases/{id}" => leases["accept"],
                "/v1/agreements/{id}" => agreements["accept"],
                _ when path.StartsWith("/v1/agreements/{id}/", StringComparison.Ordinal) =>
                    agreements[path.Split('/')[^1]],
                _ when path.StartsWith("/v1/leases/", StringComparison.Ordinal) => leases[path.Split('/')[^1]],
                "/v1/auctions/{id}/clear" => auctions.Closed,
                _ when path.StartsWith("/v1/auctions", StringComparison.Ordinal) => auctions.Open,
                _ when path.StartsWith("/v1/webhooks", StringComparison.Ordinal) => webhook,
                _ => "p-ada",
            };
            var seen = path.StartsWith("/v1/adjustments", StringComparison.Ordinal)
                ? await UsedMonth.CameLate(serving) : "";
            using var request = Request(path, method, operation, id, (quote, auctions.Bid, seen));
            if (accept is not null)
            {
                request.Headers.TryAddWithoutValidation("Accept", accept);
            }

            var client = path switch
            {
                "/v1/usage" => meter,
                "/v1/prices" or "/v1/outages" or "/v1/outages/withdraw" or "/v1/levels" or
                    "/v1/orders/{id}/fulfilled" when method == "post" => publisher,
                "/v1/awards" when method == "post" => finance,
                "/v1/quotes/saved" or "/v1/orders" when method == "post" => finance,
                _ when method == "post" && (path.StartsWith("/v1/leases", StringComparison.Ordinal) ||
                    path.StartsWith("/v1/agreements", StringComparison.Ordinal) ||
                    path.StartsWith("/v1/mandates", StringComparison.Ordinal) ||
                    path.StartsWith("/v1/auctions", StringComparison.Ordinal)) => finance,
                _ when IsFinance(path) => finance,
                _ => reader,
            };
            using var answer = await client.SendAsync(request, Serving.Ct);
            var body = await answer.Content.ReadAsStringAsync(Serving.Ct);
            var type = answer.Content.Headers.ContentType?.MediaType ?? "";
            var said = $"{method} {request.RequestUri} answers {(int)answer.StatusCode} with '{type}': {body}";
            Assert.True(answer.IsSuccessStatusCode, said);
            Assert.True(operation.GetProperty("responses").TryGetProperty(
                ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture), out var told), said);
            Assert.True(
                (type.Length == 0 && !told.TryGetProperty("content", out _)) || told.GetProperty("content")
                    .EnumerateObject().Any(c => c.Name == type || c.Name == "application/octet-stream"), said);
            answers.Add(new(path, method, (int)answer.StatusCode, type, body));
        }

        return answers;
    }

    private static bool IsFinance(string path) =>
        ((string[])["/v1/settings", "/v1/accounts", "/v1/payments", "/v1/payouts", "/v1/peers", "/v1/write-offs",
            "/v1/ledger", "/v1/adjustments", "/v1/people", "/v1/voids", "/v1/credit-notes", "/v1/refunds"])
            .Any(start => path.StartsWith(start, StringComparison.Ordinal));

    /// <summary>
    /// The request that an operation describes; without an example of something it takes, this fails.
    /// </summary>
    private static HttpRequestMessage Request(
        string path, string method, JsonElement operation, string id, (string Quote, string Bid, string Seen) made)
    {
        var query = new List<string>();
        var headers = new List<(string Name, string Value)>();
        foreach (var parameter in operation.TryGetProperty("parameters", out var all) ? all.EnumerateArray() : [])
        {
            var name = parameter.GetProperty("name").GetString()!;
            if (name == "cursor")
            {
                continue; // Only an answer gives one out.
            }

            Assert.True(
                parameter.TryGetProperty("example", out var example), $"'{name}' of {method} {path} has no example.");
            var value = name switch
            {
                "id" => id,
                "project" => "p-ada",
                "which" => made.Bid,
                "Idempotency-Key" => $"{example} {method} {path}", // A new one for a new request.
                _ => example.ToString(),
            };
            switch (parameter.GetProperty("in").GetString())
            {
                case "path":
                    path = path.Replace($"{{{name}}}", Uri.EscapeDataString(value), StringComparison.Ordinal);
                    break;
                case "query" when example.ValueKind == JsonValueKind.Array:
                    query.AddRange(example.EnumerateArray().Select(one => $"{name}={one}"));
                    break;
                case "query":
                    query.Add($"{name}={Uri.EscapeDataString(value)}");
                    break;
                default:
                    headers.Add((name, value));
                    break;
            }
        }

        var request = new HttpRequestMessage(
            new HttpMethod(method), new Uri($"{path}?{string.Join('&', query)}", UriKind.Relative));
        headers.ForEach(header => request.Headers.TryAddWithoutValidation(header.Name, header.Value));
        if (operation.TryGetProperty("requestBody", out var body))
        {
            var (type, content) = body.GetProperty("content").EnumerateObject().Select(c => (c.Name, c.Value)).First();
            Assert.True(content.TryGetProperty("example", out var example), $"{method} {path} shows no body.");
            var text = example.ValueKind == JsonValueKind.String ? example.GetString()! : example.GetRawText();
            request.Content = Serving.Json(text
                .Replace("Q-7F3K2M9Q", made.Quote, StringComparison.Ordinal)
                .Replace("5A0C2D9F31B7E684", made.Seen, StringComparison.Ordinal), type);
        }

        return request;
    }
}
