using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace Exchange.Invoicing;

/// <summary>A picture as Cairo embedded it once, to be put into many documents.</summary>
internal sealed class PlainImage
{
    private const int MaxKept = 16;
    private static readonly ConcurrentDictionary<string, PlainImage?> Kept = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<int, IReadOnlyList<byte[]>> _numbered = [];
    private readonly CairoObjects _objects;
    private readonly int _root;

    private PlainImage(CairoObjects objects, int root)
    {
        (_objects, _root) = (objects, root);
        Width = objects.Numbers(root, "Width").Single();
        Height = objects.Numbers(root, "Height").Single();
        Count = From(1).Count;
    }

    public int Width { get; }

    public int Height { get; }

    /// <summary>Of how many objects it is: its colors, and its shape where it is not whole.</summary>
    public int Count { get; }

    /// <returns>Null where Cairo embeds it in another way.</returns>
    /// <exception cref="RefusedException">It is no PNG that Cairo reads.</exception>
    public static PlainImage? Of(byte[] png)
    {
        var hash = Convert.ToHexString(SHA256.HashData(png));
        if (Kept.TryGetValue(hash, out var known))
        {
            return known;
        }

        if (Kept.Count >= MaxKept)
        {
            Kept.Clear(); // An exchange has one logo, or one for each issuer.
        }

        return Kept[hash] = Make(png);
    }

    /// <summary>Its objects, itself first, numbered from a number on.</summary>
    public IReadOnlyList<byte[]> From(int first) =>
        _numbered.GetOrAdd(first, static (number, of) => of._objects.From(of._root, number), this);

    private static PlainImage? Make(byte[] png)
    {
        const double Side = 100;
        using var canvas = new Canvas(Side, Side, "", "");
        canvas.Picture(png, "", 0, 0, Side, Side);
        canvas.NextPage();
        var made = new CairoObjects(canvas.Finish());
        var all = made.With("/Subtype /Image");
        var whole = all.Count == 1 ? all : [.. all.Intersect(made.With("/SMask"))];
        return whole is [var root] ? new(made, root) : null;
    }
}
