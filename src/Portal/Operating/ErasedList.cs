using Exchange.Journal;
using Exchange.Portal.Commands;
using Npgsql;

namespace Exchange.Portal;

/// <summary>
/// Who was erased, as lines of token, salt and hash: by it the same people are found, and erased under the same tokens,
/// in a copy of the journal of before. It holds no address; whoever guesses one can tell whether it is in it.
/// </summary>
internal static class ErasedList
{
    private const string Heading = "token,salt,hash";
    private const int PageSize = 2_000;

    public static async Task<string> Write(NpgsqlDataSource database, CancellationToken ct)
    {
        const string Sql = """
            select token || ',' || encode(salt, 'hex') || ',' || encode(hash, 'hex')
            from journal.erased
            order by at, token
            """;
        return $"{Heading}\n{string.Concat((await database.Texts(Sql, [], ct)).Select(line => $"{line}\n"))}";
    }

    /// <returns>How many people were found, and erased.</returns>
    /// <exception cref="RefusedException">It is no such list.</exception>
    public static async Task<int> Apply(
        Composition exchange, string text, string file, string because, string by, CancellationToken ct)
    {
        var listed = Parse(text, file);
        var erased = (await exchange.Database.Texts("select token from journal.erased", [], ct)).ToHashSet();
        var found = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var address in await Addresses(exchange.Journal, ct))
        {
            if (listed.Find(one => !erased.Contains(one.Token) &&
                ErasedToken.Hash(one.Salt, address).AsSpan().SequenceEqual(one.Hash)) is { } entry)
            {
                found[address] = entry.Token;
            }
        }

        var people = 0;
        while (found.Count > 0)
        {
            var done = await exchange.Commands.Execute(
                new ErasePerson(exchange, new(found.Keys.First()), [], because, by, false) { Known = found },
                Actors.Local(by), ct);
            found = found.Where(one => !done.Tokens.Contains(one.Value)).ToDictionary(StringComparer.Ordinal);
            people++;
        }

        return people;
    }

    private sealed record Entry(string Token, byte[] Salt, byte[] Hash);

    private static List<Entry> Parse(string text, string file)
    {
        var lines = text.TrimStart('\ufeff').Split(
            '\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var entries = lines.Skip(1).Select(line => line.Split(',')).ToList();
        try
        {
            return lines is [Heading, ..] && entries.All(cells => cells.Length == 3 && ErasedToken.IsOne(cells[0]))
                ? [.. entries.Select(cells => new Entry(
                    cells[0], Convert.FromHexString(cells[1]), Convert.FromHexString(cells[2])))]
                : throw new FormatException();
        }
        catch (FormatException)
        {
            throw new RefusedException(new(
                "people/no-list",
                $"This is no list of 'exchange people erased --out': it begins with '{Heading}'.", file));
        }
    }

    /// <summary>Whatever may be an address in the journal, in lower case.</summary>
    private static async Task<HashSet<string>> Addresses(PostgresJournal journal, CancellationToken ct)
    {
        var found = new HashSet<string>(StringComparer.Ordinal);
        for (var position = 0L; ;)
        {
            var page = await journal.ReadAll(position, PageSize, ct);
            foreach (var recorded in page)
            {
                found.UnionWith(ErasedToken.Addresses(recorded.Event.Json));
                position = recorded.Position;
            }

            if (page.Count < PageSize)
            {
                return found;
            }
        }
    }
}
