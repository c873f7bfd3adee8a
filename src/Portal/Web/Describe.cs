using Microsoft.OpenApi;

namespace Exchange.Portal.Web;

/// <summary>
/// What a route takes as its body. It only describes: the route itself answers whoever sends something else, so that
/// nobody learns anything from a route before they showed their key.
/// </summary>
/// <param name="Json">The type that its JSON is read as; null when it is not JSON of one type.</param>
internal sealed record Takes(string What, IReadOnlyList<string> Types, Type? Json = null);

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
        options.AddSchemaTransformer((schema, context, _) =>
        {
            if (Texts(Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type) is { } text)
            {
                schema.Type = JsonSchemaType.String;
                schema.Properties = null;
                schema.Description ??= text;
            }

            return Task.CompletedTask;
        });
        options.AddOperationTransformer(async (operation, context, ct) =>
        {
            if (context.Description.RelativePath?.StartsWith("v1/", StringComparison.Ordinal) == true)
            {
                operation.Security =
                    [new() { [new OpenApiSecuritySchemeReference("key", context.Document)] = [] }];
            }

            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<Takes>().FirstOrDefault() is { } takes)
            {
                var schema = takes.Json is { } json
                    ? await context.GetOrCreateSchemaAsync(json, null, ct)
                    : new OpenApiSchema { Type = JsonSchemaType.Object };
                operation.RequestBody = new OpenApiRequestBody
                {
                    Required = true,
                    Description = takes.What,
                    Content = takes.Types.ToDictionary(type => type, _ => new OpenApiMediaType { Schema = schema }),
                };
            }

            if (context.Description.ActionDescriptor.EndpointMetadata.OfType<Api.Once.Marked>().Any())
            {
                operation.Parameters ??= [];
                operation.Parameters.Add(new OpenApiParameter
                {
                    Name = Api.Once.Header,
                    In = ParameterLocation.Header,
                    Description = "Sent again with the same key within a day, the request is answered as the first " +
                        "time.",
                    Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 200 },
                });
            }
        });
    });

    /// <summary>Values that are written as text, and how.</summary>
    private static string? Texts(Type type) =>
        type == typeof(Money) ? "Dollars and cents with the currency, as '12.48 USD'."
        : type == typeof(BillingMonth) ? "A month in UTC, as '2026-10'."
        : type == typeof(NodaTime.Instant) ? "An instant in UTC, as '2026-10-01T00:00:00Z'."
        : type == typeof(NodaTime.LocalDate) ? "A day, as '2026-10-01'."
        : type == typeof(decimal) ? "A decimal as text, as '0.013'."
        : type.Namespace?.StartsWith("Exchange", StringComparison.Ordinal) == true && !type.IsEnum &&
            type.GetInterfaces().Any(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IParsable<>))
            ? $"A {type.Name} as text."
            : null;

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapOpenApi("/openapi/{documentName}.json").AllowAnonymous();
}
