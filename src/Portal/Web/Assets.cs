using System.Security.Cryptography;

namespace Exchange.Portal.Web;

/// <summary>
/// The style sheet and pictures, served from the program itself under names that change with their content.
/// </summary>
internal static class Assets
{
    private const string Prefix = "assets/";

    private static readonly Dictionary<string, (string Hash, byte[] Bytes)> All = Load();

    public static string Path(string name) => $"/assets/{All[name].Hash}/{name}";

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/assets/{hash}/{name}", Get)
        .AllowAnonymous().ExcludeFromDescription();

    private static IResult Get(string hash, string name, HttpContext http)
    {
        if (!All.TryGetValue(name, out var asset) || asset.Hash != hash)
        {
            return Results.NotFound();
        }

        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return Results.Bytes(
            asset.Bytes, name.EndsWith(".css", StringComparison.Ordinal) ? "text/css" : "image/svg+xml");
    }

    private static Dictionary<string, (string, byte[])> Load()
    {
        var assembly = typeof(Assets).Assembly;
        return assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .ToDictionary(name => name[Prefix.Length..], name =>
            {
                using var stream = assembly.GetManifestResourceStream(name)!;
                using var bytes = new MemoryStream();
                stream.CopyTo(bytes);
                return (Convert.ToHexStringLower(SHA256.HashData(bytes.ToArray()).AsSpan(0, 6)), bytes.ToArray());
            }, StringComparer.Ordinal);
    }
}
