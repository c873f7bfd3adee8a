using System.Xml.Linq;
using Exchange.Journal;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Npgsql;

namespace Exchange.Portal.Web.Access;

/// <summary>
/// The keys that seal sessions, kept in the database: every server on it opens what another sealed, and one that is
/// started elsewhere signs nobody out.
/// </summary>
internal sealed class SessionKeys(NpgsqlDataSource database) : IXmlRepository
{
    public IReadOnlyCollection<XElement> GetAllElements()
    {
        const string Sql = "select xml from exchange.session_key order by created_at, name limit 10000";
        using var command = database.Statement(Sql, []);
        using var rows = command.ExecuteReader();
        var found = new List<XElement>();
        while (rows.Read())
        {
            found.Add(XElement.Parse(rows.GetString(0)));
        }

        return found;
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        const string Sql = """
            insert into exchange.session_key (name, xml) values ($1, $2)
            on conflict (name) do update set xml = excluded.xml
            """;
        using var command = database.Statement(
            Sql, [friendlyName, element.ToString(SaveOptions.DisableFormatting)]);
        command.ExecuteNonQuery();
    }
}
