using Microsoft.OpenApi;

namespace Exchange.Portal.Web;

/// <summary>
/// GET /docs — the reference of the API as a page: drawn from the same description as /openapi/v1.json, without
/// script and from this server alone.
/// </summary>
internal static class ReferencePage
{
    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/docs", Get).AllowAnonymous().ExcludeFromDescription();

    private static async Task<IResult> Get(HttpContext http, Description description) =>
        Layout.Page(http, "API reference", await description.Drawn(Draw));

    private static Html Draw(OpenApiDocument document)
    {
        var operations = (
            from path in document.Paths
            from operation in path.Value.Operations ?? []
            group (Path: path.Key, Method: operation.Key.Method, operation.Value)
            by operation.Value.Tags?.FirstOrDefault()?.Name ?? "other" into tag
            orderby tag.Key
            select tag).ToList();
        return Html.Of($"""
            <p class="lead">{document.Info.Description} Programs send <code>Authorization: Bearer KEY</code>;
            <code>exchange keys create</code> makes a key. The same as a file:
            <a href="/openapi/v1.json">/openapi/v1.json</a>.</p>
            <nav aria-label="Parts of the API"><ul>{Html.Join(operations, tag => Html.Of($"""
            <li><a href="#{tag.Key}">{tag.Key}</a></li>
            """))}</ul></nav>
            {Html.Join(operations, tag => Html.Of($"""
            <h2 id="{tag.Key}">{tag.Key}</h2>
            {Html.Join(tag, one => One(one.Path, one.Method, one.Value))}
            """))}
            """);
    }

    private static Html One(string path, string method, OpenApiOperation operation)
    {
        var parameters = operation.Parameters?.ToList() ?? [];
        return Html.Of($"""
            <section aria-label="{operation.OperationId ?? path}">
            <h3><code>{method.ToUpperInvariant()} {path}</code></h3>
            <p>{operation.Summary}</p>
            {Html.If(parameters.Count > 0, () => Table.Of("Parameters", parameters, [
                Column<IOpenApiParameter>.Words("Name", p => p.Name ?? ""),
                Column<IOpenApiParameter>.Words("In", p => $"{p.In}".ToLowerInvariant()),
                Column<IOpenApiParameter>.Words("Required", p => p.Required ? "yes" : ""),
                Column<IOpenApiParameter>.Words("Example", p => p.Example?.ToString() ?? ""),
                Column<IOpenApiParameter>.Words("What", p => p.Description ?? p.Schema?.Description ?? ""),
            ], ""))}
            {Html.If(operation.RequestBody is not null, () => Body(operation.RequestBody!))}
            {Table.Of("Answers", (operation.Responses ?? []).ToList(), [
                Column<KeyValuePair<string, IOpenApiResponse>>.Words("Status", r => r.Key),
                Column<KeyValuePair<string, IOpenApiResponse>>.Words("What", r => r.Value.Description ?? ""),
                Column<KeyValuePair<string, IOpenApiResponse>>.Words(
                    "As", r => string.Join(", ", r.Value.Content?.Keys ?? [])),
            ], "")}
            </section>
            """);
    }

    private static Html Body(IOpenApiRequestBody body) => Html.Of($"""
        <p>Body: {body.Description}</p>
        {Html.Join(body.Content ?? new Dictionary<string, OpenApiMediaType>(), content => Html.Of($"""
        <p><code>{content.Key}</code></p><pre>{content.Value.Example?.ToString() ?? ""}</pre>
        """))}
        """);
}
