using System.Collections.Immutable;
using Exchange.Facts;
using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Profiles;
using Exchange.Invoicing.Settlements;
using Exchange.Rating;

namespace Exchange.Invoicing.Published;

/// <summary>Reads files of 'pricing/' that say facts, whichever kind they are of.</summary>
public static class FactFiles
{
    /// <summary>Every kind of fact that files say.</summary>
    public static ImmutableArray<string> Kinds { get; } =
    [
        Institution.Facts.Name, Landlord.Facts.Name, Programme.Facts.Name, Nonbillable.Facts.Name,
        IssuerProfile.Facts.Name, CustomerProfile.Facts.Name, ChartOfAccounts.Facts.Name,
    ];

    /// <summary>Whether a kind decides what months come to; who is written on invoices does not.</summary>
    public static bool DecideMoney(string kind) =>
        kind != IssuerProfile.Facts.Name && kind != CustomerProfile.Facts.Name && kind != ChartOfAccounts.Facts.Name;

    /// <summary>The facts that a file says, told by its keys; null for a file of another kind.</summary>
    /// <exception cref="RefusedException">It is of a kind that is known, and wrong.</exception>
    public static WrittenFacts? Read(string yaml, string file)
    {
        var map = YamlMap.Read(yaml, file);
        return map.Has("programme") || map.Has("program")
            ? new WrittenFacts<Programme>(Programme.Facts, [ProgrammeFile.Parse(yaml, file)], file)
            : map.Has("institutions")
                ? new WrittenFacts<Institution>(Institution.Facts, Institutions.Parse(yaml, file).All, file)
            : map.Has("landlords")
                ? new WrittenFacts<Landlord>(Landlord.Facts, Landlords.Parse(yaml, file).All, file)
            : map.Has("nonbillable")
                ? new WrittenFacts<Nonbillable>(Nonbillable.Facts, Nonbillable.Parse(yaml, file), file)
            : map.Has("issuer")
                ? new WrittenFacts<IssuerProfile>(IssuerProfile.Facts, [IssuerProfile.Parse(yaml, file)], file)
            : map.Has("chart")
                ? new WrittenFacts<ChartOfAccounts>(ChartOfAccounts.Facts, [ChartOfAccounts.Parse(yaml, file)], file)
            : map.Has("customers")
                ? new WrittenFacts<CustomerProfile>(CustomerProfile.Facts, CustomerProfile.Parse(yaml, file), file)
            : null;
    }

    /// <summary>All facts that the files of a folder say.</summary>
    /// <exception cref="RefusedException">One of them is wrong.</exception>
    public static IReadOnlyList<WrittenFacts> ReadAll(string pricing) =>
        [.. PathsIn(pricing).Select(path => Read(File.ReadAllText(path), path)).OfType<WrittenFacts>()];

    /// <summary>Where facts are written: a folder's own files, and those of 'programmes' in it.</summary>
    public static IReadOnlyList<string> PathsIn(string pricing)
    {
        var programs = Path.Combine(pricing, "programmes");
        return
        [
            .. Directory.EnumerateFiles(pricing, "*.yaml").Concat(
                    Directory.Exists(programs) ? Directory.EnumerateFiles(programs, "*.yaml") : [])
                .Order(StringComparer.Ordinal),
        ];
    }
}
