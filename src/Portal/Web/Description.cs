using System.Collections.Concurrent;
using System.Text;
using Exchange.Portal.Web.Components;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Exchange.Portal.Web;

/// <summary>
/// The OpenAPI description, made once: to make it takes a third of a second of a processor, and whoever asks for it
/// has shown nothing yet. It says the same to everybody.
/// </summary>
internal sealed class Description(IServiceProvider services)
{
    private readonly ConcurrentDictionary<string, Lazy<Task<OpenApiDocument>>> _made = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<byte[]>>> _written = new(StringComparer.Ordinal);
    private Task<KeptText>? _drawn;

    /// <summary>The versions of answers that are described, each as a document.</summary>
    public static IReadOnlyList<string> Names { get; } = ["v1", "v2"];

    public Task<OpenApiDocument> Of(string name) =>
        _made.GetOrAdd(name, _ => new(() => Make(name))).Value;

    /// <summary>What is drawn of the first version; twice at worst, where two ask for it at once.</summary>
    public Task<KeptText> Drawn(Func<OpenApiDocument, KeptText> draw) => _drawn ??= Draw(draw);

    public static void Map(IEndpointRouteBuilder app) =>
        app.MapGet("/openapi/{documentName}.json", Get).AllowAnonymous().ExcludeFromDescription();

    private static async Task<IResult> Get(string documentName, Description description) => Names.Contains(documentName)
        ? Results.Bytes(
            await description._written.GetOrAdd(
                documentName, _ => new(() => description.Write(documentName))).Value,
            "application/json;charset=utf-8")
        : Problem.Of(new(
            "request/no-such-page", $"There is no such description. There are {string.Join(" and ", Names)}."),
            StatusCodes.Status404NotFound);

    private async Task<KeptText> Draw(Func<OpenApiDocument, KeptText> draw) => draw(await Of("v1"));

    private async Task<OpenApiDocument> Make(string name)
    {
        using var scope = services.CreateScope();
        var document = await scope.ServiceProvider.GetRequiredKeyedService<IOpenApiDocumentProvider>(name)
            .GetOpenApiDocumentAsync(CancellationToken.None);
        document.Servers = [new() { Url = "/" }]; // Where it was asked for, whatever that is called.
        return document;
    }

    private async Task<byte[]> Write(string name) => Encoding.UTF8.GetBytes(
        await (await Of(name)).SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1));
}
