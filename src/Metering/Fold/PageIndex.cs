using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Exchange.Metering;

/// <summary>
/// Under which projects, landlords and clusters pages are to be found, as a step of the fold adds them.
/// </summary>
internal sealed class PageIndex
{
    private readonly SortedDictionary<(char Kind, string Name), List<int>> _pages = [];

    /// <summary>Adds what was found of one page.</summary>
    public void Add(int page, IEnumerable<(char Kind, string Name)> found)
    {
        foreach (var place in found)
        {
            if (!_pages.TryGetValue(place, out var pages))
            {
                _pages[place] = pages = [];
            }

            pages.Add(page);
        }
    }

    public async Task Write(NpgsqlConnection connection, CancellationToken ct)
    {
        const string Copy = "copy metering.place (kind, name, pages) from stdin (format binary)";
        await using var writer = await connection.BeginBinaryImportAsync(Copy, ct);
        foreach (var ((kind, name), pages) in _pages)
        {
            await writer.StartRowAsync(ct);
            await writer.WriteAsync(new[] { (byte)kind }, NpgsqlDbType.Bytea, ct); // "char" is one byte.
            await writer.WriteAsync(name, NpgsqlDbType.Text, ct);
            await writer.WriteAsync(pages.ToArray(), ct);
        }

        await writer.CompleteAsync(ct);
    }

    /// <summary>Under which names a page is to be found once these rows are in it, and was not before.</summary>
    public static List<(char Kind, string Name)> Of(Page page, ReadOnlySpan<FoldRow> rows, Names names)
    {
        var found = new List<(char, string)>();
        var projects = page.Contents.Select(c => c.Project).Concat(page.Totals.Keys.Select(t => t.Project)).ToHashSet();
        var resources = page.Totals.Keys.Select(t => t.Place).ToHashSet();
        HashSet<string>? owners = null;
        foreach (ref readonly var row in rows)
        {
            if (projects.Add(row.Project))
            {
                found.Add(('p', Readings.Text(names, row.Project)));
            }

            if (page[row.Resource % Page.Resources].Count == 0 && resources.Add(row.Resource % Page.Resources))
            {
                owners ??= OwnersIn(page, row.Resource / Page.Resources, names);
                AddOwners(owners, names[row.Resource], found);
            }
        }

        return found;
    }

    private static HashSet<string> OwnersIn(Page page, int number, Names names)
    {
        var owners = new HashSet<string>(StringComparer.Ordinal);
        var totals = page.Totals.Keys.Select(t => t.Place);
        foreach (var place in Enumerable.Range(0, Page.Resources).Where(p => page[p].Count > 0).Concat(totals))
        {
            AddOwners(owners, names[(number * Page.Resources) + place], []);
        }

        return owners;
    }

    /// <summary>Adds the landlord and the cluster of a resource, without a string where they are known.</summary>
    private static void AddOwners(HashSet<string> owners, ReadOnlySpan<byte> name, List<(char, string)> found)
    {
        Span<char> room = stackalloc char[name.Length];
        ReadOnlySpan<char> text = room[..Encoding.UTF8.GetChars(name[1..], room)];
        var landlord = text.IndexOf('/');
        var cluster = landlord + 1 + text[(landlord + 1)..].IndexOf('/');
        var known = owners.GetAlternateLookup<ReadOnlySpan<char>>();
        if (known.Add(text[..cluster]))
        {
            found.Add(('c', text[(landlord + 1)..cluster].ToString()));
        }

        if (known.Add(text[..landlord]))
        {
            found.Add(('l', text[..landlord].ToString()));
        }
    }
}
