using System.Reflection;

namespace Exchange.Journal;

/// <summary>
/// A numbered step of a module. One that begins with '-- additive' only adds what older versions need not know: they
/// go on beside it.
/// </summary>
internal sealed record SchemaStep(int Number, string File, string Sql)
{
    public bool IsAdditive => Sql.StartsWith("-- additive", StringComparison.Ordinal);

    public static (string Module, List<SchemaStep> Steps) Of(Assembly module)
    {
        var prefix = $"{module.GetName().Name}.Sql.";
        var steps = module.GetManifestResourceNames()
            .Where(resource => resource.StartsWith(prefix, StringComparison.Ordinal))
            .Select(resource => (Resource: resource, File: resource[prefix.Length..]))
            .Where(step => step.File.Length > 4 && int.TryParse(step.File.AsSpan(0, 4), out _))
            .OrderBy(step => step.File, StringComparer.Ordinal)
            .Select((step, place) => new SchemaStep(place + 1, step.File, Read(module, step.Resource)))
            .ToList();
        return (module.GetName().Name!.Split('.')[^1].ToLowerInvariant(), steps);
    }

    private static string Read(Assembly module, string resource)
    {
        using var reader = new StreamReader(module.GetManifestResourceStream(resource)!);
        return reader.ReadToEnd();
    }
}
