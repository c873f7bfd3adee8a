using System.Security.Cryptography;

namespace Exchange.Portal.Web;

/// <summary>
/// Style sheets, scripts and pictures, served from the program itself under names that change with their content.
/// </summary>
internal static class Assets
{
    private const string Prefix = "assets/";

    private static readonly Dictionary<string, (string Hash, byte[] Bytes)> All = Load();

    public static string Path(string name) => $"/assets/{All[name].Hash}/{name}";

    /// <summary>Whether the program was built with it: the chart library may not have come.</summary>
    public static bool Has(string name) => All.ContainsKey(name);

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/assets/{hash}/{name}", Get)
        .AllowAnonymous().ExcludeFromDescription();

    private static IResult Get(string hash, string name, HttpContext http)
    {
        if (!All.TryGetValue(name, out var asset) || asset.Hash != hash)
        {
            return Results.NotFound();
        }

        http.Response.Headers.CacheControl = "public, max-age=31536000, immutable";
        return Results.Bytes(asset.Bytes, System.IO.Path.GetExtension(name) switch
        {
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            _ => "image/svg+xml",
        });
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
