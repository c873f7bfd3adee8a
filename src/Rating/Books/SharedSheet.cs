using YamlDotNet.RepresentationModel;

namespace Exchange.Rating;

/// <summary>
/// A sheet as everybody may see it: without what was agreed with single customers and suppliers. Its two parties and
/// finance see all of it.
/// </summary>
public static class SharedSheet
{
    private static readonly string[] Private = ["commitments", "reservations", "wholesale", "below_wholesale"];

    public static string Of(PublishedSheet sheet)
    {
        if (GuardedYaml.ReadPublished(sheet.Yaml, sheet.Id) is not { } root)
        {
            return sheet.Yaml;
        }

        var left = Leave(root);
        using var text = new StringWriter { NewLine = "\n" };
        new YamlStream(new YamlDocument(root)).Save(text, assignAnchors: false);
        return left == 0
            ? sheet.Yaml
            : "# Agreements with single customers and suppliers are left out, and so are examples of them.\n" + text;
    }

    private static int Leave(YamlNode root)
    {
        if (root is not YamlMappingNode map)
        {
            return 0;
        }

        var left = 0;
        foreach (var sku in Items(map, "skus").OfType<YamlMappingNode>())
        {
            left += Private.Count(key => sku.Children.Remove(new YamlScalarNode(key)));
        }

        if (left > 0 && map.Children.TryGetValue(new YamlScalarNode("examples"), out var found) &&
            found is YamlSequenceNode examples)
        {
            foreach (var example in examples.Children.Where(IsOfSomebody).ToList())
            {
                examples.Children.Remove(example);
            }
        }

        return left;
    }

    /// <summary>An example that names a project shows what was agreed with it.</summary>
    private static bool IsOfSomebody(YamlNode example) => example is YamlMappingNode map &&
        Items(map, "usage").OfType<YamlMappingNode>().Any(usage =>
            usage.Children.ContainsKey(new YamlScalarNode("project")));

    private static IEnumerable<YamlNode> Items(YamlMappingNode map, string key) =>
        map.Children.TryGetValue(new YamlScalarNode(key), out var value) && value is YamlSequenceNode list
            ? list.Children
            : [];
}
