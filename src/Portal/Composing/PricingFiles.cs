using System.CommandLine;
using Exchange.Invoicing.Published;
using Exchange.Rating;

namespace Exchange.Portal;

/// <summary>Reads files of pricing/ that a command line names, and all files of the folders that it names.</summary>
internal static class PricingFiles
{
    public static Argument<string[]> Argument() => new("file")
    {
        Description = "Price sheets, outages or public prices; of a folder all its *.yaml files.",
        Arity = ArgumentArity.OneOrMore,
    };

    /// <summary>
    /// Who can be paid by sheets that are checked without a database: landlords and owners of hardware of the lists
    /// among them, and those that the product ships with.
    /// </summary>
    public static async Task<IReadOnlyList<LandlordId>> Landlords(IEnumerable<string> paths, CancellationToken ct)
    {
        var texts = new List<PricingText>(await Read(paths, ct));
        if (DataLocation.Pricing is { } shipped)
        {
            texts.AddRange(await Read([shipped], ct));
        }

        var known = new List<LandlordId>();
        foreach (var text in texts)
        {
            try
            {
                if (YamlMap.Read(text.Yaml, text.File).Has("landlords"))
                {
                    known.AddRange(PriceStanding.Payees(Invoicing.Settlements.Landlords.Parse(text.Yaml, text.File)));
                }
                else if (text.Kind() == PricingKind.Sheet)
                {
                    known.Add(SheetReader.Read(text.Yaml, text.File).Landlord);
                }
            }
            catch (RefusedException)
            {
                continue; // The check says what is wrong with it.
            }
        }

        return known;
    }

    /// <exception cref="RefusedException">There is no such file, or a folder holds none.</exception>
    public static async Task<IReadOnlyList<PricingText>> Read(IEnumerable<string> paths, CancellationToken ct)
    {
        var texts = new List<PricingText>();
        foreach (var path in paths)
        {
            var files = Directory.Exists(path)
                ? Directory.EnumerateFiles(path, "*.yaml", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
                    .ToList()
                : [path];
            if (files.Count == 0)
            {
                throw new RefusedException(new(
                    "file/unreadable", "The folder holds no *.yaml files. Check the path.", path));
            }

            foreach (var file in files)
            {
                texts.Add(new(file, await Files.Read(file, ct)));
            }
        }

        return texts;
    }
}
