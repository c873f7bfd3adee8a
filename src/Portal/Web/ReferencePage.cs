using Exchange.Portal.Web.Components;
using Microsoft.OpenApi;

namespace Exchange.Portal.Web;

/// <summary>
/// GET /docs — the reference of the API as a page: drawn from the same description as /openapi/v1.json, without
/// script and from this server alone.
/// </summary>
public sealed partial class ReferencePage
{
    /// <summary>What programs can ask, in parts that belong together.</summary>
    public sealed record Reference(string? Description, IReadOnlyList<Part> Parts);

    /// <summary>What can be asked about one thing.</summary>
    public sealed record Part(string Name, IReadOnlyList<Operation> Operations);

    /// <summary>What can be asked at an address.</summary>
    public sealed record Operation(
        string Name, string Method, string Path, string? Summary, ITable Parameters, Body? Sent, ITable Answers);

    /// <summary>What is sent, with an example of each kind.</summary>
    public sealed record Body(string? Description, IReadOnlyList<(string Kind, string Example)> Examples);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/docs", Get).AllowAnonymous().ExcludeFromDescription();

    private static async Task<IResult> Get(HttpContext http, Description description) => Layout.Page(
        http, "API reference", Cell.Of<Kept>(nameof(Kept.Of), await description.Drawn(
            document => KeptText.Of(Cell.Of<ReferencePage>(nameof(Of), ReferenceOf(document))))));

    private static Reference ReferenceOf(OpenApiDocument document) => new(document.Info.Description,
    [
        .. from path in document.Paths
           from operation in path.Value.Operations ?? []
           group OperationOf(path.Key, operation.Key.Method, operation.Value)
           by operation.Value.Tags?.FirstOrDefault()?.Name ?? "other" into tag
           orderby tag.Key
           select new Part(tag.Key, [.. tag]),
    ]);

    private static Operation OperationOf(string path, string method, OpenApiOperation operation) => new(
        operation.OperationId ?? path, method.ToUpperInvariant(), path, operation.Summary,
        new TableOf<IOpenApiParameter>("Parameters", [.. operation.Parameters ?? []],
        [
            Column<IOpenApiParameter>.Words("Name", p => p.Name ?? ""),
            Column<IOpenApiParameter>.Words("In", p => $"{p.In}".ToLowerInvariant()),
            Column<IOpenApiParameter>.Words("Required", p => p.Required ? "yes" : ""),
            Column<IOpenApiParameter>.Words("Example", p => p.Example?.ToString() ?? ""),
            Column<IOpenApiParameter>.Words("What", p => p.Description ?? p.Schema?.Description ?? ""),
        ], ""),
        operation.RequestBody is { } body ? new(body.Description,
        [
            .. (body.Content ?? new Dictionary<string, OpenApiMediaType>()).Select(
                content => (content.Key, content.Value.Example?.ToString() ?? "")),
        ]) : null,
        new TableOf<KeyValuePair<string, IOpenApiResponse>>("Answers", [.. operation.Responses ?? []],
        [
            Column<KeyValuePair<string, IOpenApiResponse>>.Words("Status", r => r.Key),
            Column<KeyValuePair<string, IOpenApiResponse>>.Words("What", r => r.Value.Description ?? ""),
            Column<KeyValuePair<string, IOpenApiResponse>>.Words(
                "As", r => string.Join(", ", r.Value.Content?.Keys ?? [])),
        ], ""));
}
