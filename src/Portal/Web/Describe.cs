using Microsoft.OpenApi;

namespace Exchange.Portal.Web;

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

            return Task.CompletedTask;
        });
    });

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
}
