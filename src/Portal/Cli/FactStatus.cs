using Exchange.Facts;
using Exchange.Invoicing.Published;
using NodaTime;

namespace Exchange.Portal.Cli;

/// <summary>A fact as it was published, and whether its file says the same.</summary>
/// <param name="HoldsFrom">The first day of its last version; null where that holds from the beginning.</param>
/// <param name="State">'published', 'edited, not published', 'new, not published', 'withdrawn' and the like.</param>
internal sealed record FactStatus(
    string Fact, string Name, int Versions, LocalDate? HoldsFrom, string? PublishedBy, Instant? KnownSince,
    string State)
{
    public const string Published = "published";

    /// <summary>Every fact of some kinds, published or only in a file; with files that cannot be read.</summary>
    public static IReadOnlyList<FactStatus> All(DatedFacts facts, IReadOnlyList<string> kinds)
    {
        var (files, rows) = (new List<WrittenFacts>(), new List<FactStatus>());
        foreach (var path in DataLocation.Pricing is { } pricing ? FactFiles.PathsIn(pricing) : [])
        {
            try
            {
                if (FactFiles.Read(File.ReadAllText(path), path) is { } written)
                {
                    files.Add(written);
                }
            }
            catch (RefusedException e)
            {
                rows.Add(new(path, path, 0, null, null, null, $"not published: {e.Message}"));
            }
        }

        var names = facts.Versions.Keys.Concat(files.SelectMany(file => file.Names))
            .Where(name => kinds.Contains(name.Kind)).Distinct()
            .OrderBy(name => name.ToString(), StringComparer.Ordinal);
        return [.. names.Select(name => Of(facts, files, name)), .. rows];
    }

    /// <summary>The state of one fact, for a list that shows something else beside it.</summary>
    public static string StateOf(IReadOnlyList<FactStatus> all, FactName fact) =>
        all.FirstOrDefault(one => one.Fact == fact.ToString())?.State ?? "not in a file";

    private static FactStatus Of(DatedFacts facts, List<WrittenFacts> files, FactName name)
    {
        var last = facts.Versions.GetValueOrDefault(name)?[^1];
        var file = files.Find(one => one.Names.Contains(name));
        return new(
            name.ToString(), name.Name, last?.Number ?? 0,
            last is null || last.From == DatedFacts.Beginning ? null : last.From, last?.By, last?.KnownSince,
            last is null ? $"new, not published: {file!.File}"
            : last.Content is null ? "withdrawn"
            : file is null ? "not in a file"
            : file.IsPublished(facts, name) ? Published
            : $"edited, not published: {file.File}");
    }
}
