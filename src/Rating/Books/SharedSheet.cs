using YamlDotNet.RepresentationModel;

namespace Exchange.Rating;

/// <summary>
/// A sheet as everybody may see it: without what was agreed with single customers and suppliers, and without what is
/// offered to others. Its two parties and finance see all of it.
/// </summary>
public static class SharedSheet
{
    private static readonly string[] Private = ["commitments", "reservations", "wholesale", "below_wholesale"];

    /// <param name="isOffered">Whether a SKU is offered to whoever reads.</param>
    public static string Of(PublishedSheet sheet, Func<SkuId, bool> isOffered)
    {
        if (GuardedYaml.ReadPublished(sheet.Yaml, sheet.Id) is not { } root)
        {
            return sheet.Yaml;
        }

        var others = sheet.Sheet.Skus.Select(sku => sku.Id).Where(sku => !isOffered(sku))
            .Select(sku => sku.Value).ToHashSet(StringComparer.Ordinal);
        var left = Leave(root, others);
        using var text = new StringWriter { NewLine = "\n" };
        new YamlStream(new YamlDocument(root)).Save(text, assignAnchors: false);
        return left == 0
            ? sheet.Yaml
            : $"# {(others.Count > 0 ? "What is offered to others, and agreements" : "Agreements")} with single " +
                "customers and suppliers are left out, and so are examples of them.\n" + text;
    }

    /// <param name="others">SKUs that are offered to others; what an example of them comes to says their price.</param>
    private static int Leave(YamlNode root, HashSet<string> others)
    {
        if (root is not YamlMappingNode map)
        {
            return 0;
        }

        var left = Remove(List(map, "skus"), sku => others.Contains(Word(sku, "name")));
        foreach (var sku in Items(map, "skus").OfType<YamlMappingNode>())
        {
            left += Remove(sku.Children, Private);
        }

        if (left > 0)
        {
            Remove(List(map, "examples"), example => others.Count > 0 || IsOfSomebody(example));
        }

        return left;
    }

    private static int Remove(YamlSequenceNode? list, Func<YamlNode, bool> which)
    {
        var gone = list?.Children.Where(which).ToList() ?? [];
        gone.ForEach(one => list!.Children.Remove(one));
        return gone.Count;
    }

    /// <summary>By the names as they are read: a name in quotes, or with a tag, is the same name.</summary>
    private static int Remove(IDictionary<YamlNode, YamlNode> map, string[] names)
    {
        var gone = map.Keys.Where(key => key is YamlScalarNode { Value: { } name } && names.Contains(name)).ToList();
        gone.ForEach(key => map.Remove(key));
        return gone.Count;
    }

    /// <summary>An example that names a project shows what was agreed with it.</summary>
    private static bool IsOfSomebody(YamlNode example) => example is YamlMappingNode map &&
        Items(map, "usage").OfType<YamlMappingNode>().Any(usage => Value(usage, "project") is not null);

    private static IEnumerable<YamlNode> Items(YamlMappingNode map, string key) => List(map, key)?.Children ?? [];

    private static YamlSequenceNode? List(YamlMappingNode map, string key) => Value(map, key) as YamlSequenceNode;

    private static string Word(YamlNode of, string key) =>
        of is YamlMappingNode map && Value(map, key) is YamlScalarNode { Value: { } word } ? word : "";

    private static YamlNode? Value(YamlMappingNode map, string key) =>
        map.Children.FirstOrDefault(pair => pair.Key is YamlScalarNode one && one.Value == key).Value;
}
