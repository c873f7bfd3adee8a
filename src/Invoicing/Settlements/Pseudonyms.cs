using System.Globalization;
using Exchange.Invoicing.Closing;
using Exchange.Journal;
using Npgsql;

namespace Exchange.Invoicing.Settlements;

/// <summary>
/// The names under which a landlord knows its customers when it may not know them: 'customer-0007', by the order in
/// which they first bought of it. They stay the same from month to month and say nothing of anyone.
/// </summary>
public sealed class Pseudonyms
{
    private readonly Dictionary<string, string> _names;

    private Pseudonyms(Dictionary<string, string> names) => _names = names;

    public static async Task<Pseudonyms> Of(NpgsqlDataSource database, LandlordId landlord, CancellationToken ct)
    {
        const string Sql = """
            select l.account
            from invoicing.line l
            join invoicing.invoice i on i.id = l.invoice
            where l.landlord = $1
            group by l.account
            order by min(i.month), md5($1 || ':' || l.account)
            """;

        await using var command = database.Statement(Sql, [landlord.Value]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        while (await rows.ReadAsync(ct))
        {
            names[rows.GetString(0)] = Name(names.Count + 1);
        }

        return new(names);
    }

    /// <summary>A customer of whom nothing was billed yet gets the next name.</summary>
    public string Of(Account account)
    {
        if (!_names.TryGetValue(account.Name, out var name))
        {
            _names[account.Name] = name = Name(_names.Count + 1);
        }

        return name;
    }

    private static string Name(int place) => string.Create(CultureInfo.InvariantCulture, $"customer-{place:0000}");
}
