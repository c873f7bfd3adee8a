using System.Text.Json.Nodes;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Exchange.Portal.Web;

/// <summary>
/// The OpenAPI description at /openapi/v1.json: every route for programs, and how they show their key.
/// </summary>
internal static class Describe
{
    /// <summary>Whether what is described is sent to the exchange: that is text in every version.</summary>
    private static readonly AsyncLocal<bool> IsSent = new();

    public static void AddTo(IServiceCollection services)
    {
        services.AddSingleton<Description>();
        services.AddOpenApi("v1", options => Whole(options, "1"));
        services.AddOpenApi("v2", options => Whole(options, "2"));
    }

    /// <param name="version">In which form amounts, quantities and rates are described.</param>
    private static void Whole(OpenApiOptions options, string version)
    {
        options.ShouldInclude = api => api.RelativePath is { } path &&
            (path.StartsWith("v1/", StringComparison.Ordinal) || path.StartsWith("health/", StringComparison.Ordinal) ||
             path == "metrics");
        options.AddDocumentTransformer((document, _, _) =>
        {
            Title(document, version);
            return Task.CompletedTask;
        });
        options.AddSchemaTransformer((schema, context, _) =>
        {
            Shape(schema, context, version);
            return Task.CompletedTask;
        });
        options.AddOperationTransformer(async (operation, context, ct) =>
        {
            var marks = context.Description.ActionDescriptor.EndpointMetadata;
            if (context.Description.RelativePath?.StartsWith("v1/", StringComparison.Ordinal) == true)
            {
                operation.Security =
                    [new() { [new OpenApiSecuritySchemeReference("key", context.Document)] = [] }];
            }

            if (marks.OfType<Takes>().FirstOrDefault() is { } takes)
            {
                operation.RequestBody = await Body(takes, context, ct);
            }

            AddHeaders(operation, marks);
            foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
            {
                parameter.Example = ParameterExamples.Of(parameter.Name!, context.Description.RelativePath!);
                parameter.Required &= parameter.Schema?.Type != JsonSchemaType.Array; // A list may be left out.
            }
        });
    }

    private static void Title(OpenApiDocument document, string version)
    {
        document.Info = new OpenApiInfo
        {
            Title = "The Exchange",
            Version = version,
            Description = "Marketplace, meter and bill of shared research clouds." + (version == "2"
                ? $" Answers as they are to whoever sends 'Accept: {ApiVersion.SecondType}'." : ""),
        };
        document.Components ??= new();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes["key"] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "An API key of the exchange: 'exchange keys create' makes one.",
        };
    }

    private static void Shape(OpenApiSchema schema, OpenApiSchemaTransformerContext context, string version)
    {
        var type = Nullable.GetUnderlyingType(context.JsonTypeInfo.Type) ?? context.JsonTypeInfo.Type;
        if (Texts(type) is { } text)
        {
            schema.Type = JsonSchemaType.String;
            schema.Properties = null;
            schema.Description ??= text;
            if (version == "2" && !IsSent.Value && Beside(type) is { } beside)
            {
                schema.Type = JsonSchemaType.Object;
                schema.Properties = ((string[])["amount", .. beside]).ToDictionary(
                    name => name, _ => (IOpenApiSchema)new OpenApiSchema { Type = JsonSchemaType.String });
                schema.Required = new HashSet<string>(schema.Properties.Keys, StringComparer.Ordinal);
                schema.Description = $"An amount as a decimal in text, with its {string.Join(" and ", beside)}.";
            }
        }

        if (type.IsEnum)
        {
            schema.Type = null;
            schema.Enum = [.. ListedWord.All(type).Select(word => (JsonNode)word)];
        }

        // What is null is left out of an answer.
        foreach (var member in context.JsonTypeInfo.Properties.Where(member => member.IsGetNullable))
        {
            schema.Required?.Remove(member.Name);
        }
    }

    private static async Task<OpenApiRequestBody> Body(
        Takes takes, OpenApiOperationTransformerContext context, CancellationToken ct)
    {
        IsSent.Value = true;
        var schema = takes.Json is { } json
            ? await context.GetOrCreateSchemaAsync(json, null, ct)
            : new OpenApiSchema { Type = JsonSchemaType.Object };
        IsSent.Value = false;
        return new()
        {
            Required = true,
            Description = takes.What,
            Content = takes.Types.Zip(takes.Example).ToDictionary(of => of.First, of => new OpenApiMediaType
            {
                Schema = schema,
                Example = of.First is "application/yaml" or "application/x-ndjson"
                    ? JsonValue.Create(of.Second) : JsonNode.Parse(of.Second),
            }),
        };
    }

    private static void AddHeaders(OpenApiOperation operation, IList<object> marks)
    {
        if (marks.OfType<IdempotencyFilter.Marked>().Any())
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = IdempotencyFilter.Header,
                In = ParameterLocation.Header,
                Description = "Sent again with the same key within a day, the request is answered as the first time.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String, MaxLength = 200 },
            });
        }

        if (marks.OfType<IfMatch.Marked>().Any(mark => mark.Edits))
        {
            operation.Parameters ??= [];
            operation.Parameters.Add(new OpenApiParameter
            {
                Name = "If-Match",
                In = ParameterLocation.Header,
                Required = true,
                Description = "The 'version' of the thing as it was read, in quotes, or '*' for whatever it is.",
                Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            });
        }
    }

    /// <summary>What stands beside the amount in version 2; null for what is text in every version.</summary>
    private static string[]? Beside(Type type) => (Nullable.GetUnderlyingType(type) ?? type) switch
    {
        var money when money == typeof(Money) => ["currency"],
        var quantity when quantity == typeof(Quantity) => ["unit"],
        var rate when rate == typeof(Rate) => ["currency", "unit"],
        _ => null,
    };

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
}
