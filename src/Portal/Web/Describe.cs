using Microsoft.OpenApi;

namespace Exchange.Portal.Web;

/// <summary>
/// What a route takes as its body. It only describes: the route itself answers whoever sends something else, so that
/// nobody learns anything from a route before they showed their key.
/// </summary>
internal sealed record Takes(string What, IReadOnlyList<string> Types);

/// <summary>
/// The OpenAPI description at /openapi/v1.json: every route for programs, and how they show their key.
/// </summary>
internal static class Describe
{
    public static void AddTo(IServiceCollection services) => services.AddOpenApi("v1", options =>
    {
        options.ShouldInclude = api => api.RelativePath is { } path &&
            (path.StartsWith("v1/", StringComparison.Ordinal) || path.StartsWith("health/", StringComparison.Ordinal) ||
             path == "metrics");
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "The Exchange",
                Version = "1",
                Description = "Marketplace, meter and bill of shared research clouds.",
            };
            document.Components ??= new();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes["key"] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "An API key of the exchange: 'exchange keys create' makes one.",
            };
            return Task.CompletedTask;
        });
        options.AddOperationTransformer((operation, context, _) =>
        {
            if (context.Description.RelativePath?.StartsWith("v1/", StringComparison.Ordinal) == true)
            {
                operation.Security =
                    [new() { [new OpenApiSecuritySchemeReference("key", context.Document)] = [] }];
            }

            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<Takes>().FirstOrDefault() is { } takes)
            {
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Description = takes.What,
                    Content = takes.Types.ToDictionary(type => type, _ => new OpenApiMediaType
                    {
                        Schema = new OpenApiSchema { Type = JsonSchemaType.Object },
                    }),
                };
            }

            return Task.CompletedTask;
        });
    });

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
}
