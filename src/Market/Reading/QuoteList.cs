using Exchange.Journal;
using Exchange.Market.Quotes;
using NodaTime;
using Npgsql;

namespace Exchange.Market.Reading;

/// <summary>What one place quoted, as a list shows it.</summary>
/// <param name="State">'open', 'lapsed', 'accepted' or 'ended'.</param>
/// <param name="Customer">Instead of the PI, for a landlord that may not know its customers.</param>
public sealed record QuoteRow(
    string Id, int Part, ProjectId Project, PiId? Pi, LandlordId Landlord, ClusterId Cluster, Period Period,
    Instant ValidUntil, Money Total, string State, string? Customer = null)
{
    public bool IsAgreement => State is "accepted" or "ended";
}

/// <summary>Which quotes are asked for.</summary>
/// <param name="Landlord">Only what this landlord quoted.</param>
/// <param name="After">The key of the last one that was seen.</param>
public sealed record QuoteQuery(
    string? Id = null, LandlordId? Landlord = null, ProjectId? Project = null, bool AgreementsOnly = false,
    string After = "", int Limit = 10_000)
{
    /// <summary>Only these; null for whatever else fits.</summary>
    public IReadOnlyCollection<string>? Ids { get; init; }
}

/// <summary>Reads saved quotes and agreements, by number.</summary>
public static class QuoteList
{
    public static string KeyOf(QuoteRow row) => $"{row.Id}\n{row.Part:00000}";

    public static async Task<IReadOnlyList<QuoteRow>> Run(
        NpgsqlConnection connection, QuoteQuery query, Instant now, CancellationToken ct)
    {
        const string Sql = """
            select id, part, project, pi, landlord, cluster, starts, ends, valid_until, cents, accepted_at, ended_from
            from market.quote
            where $1 in ('', id) and $2 in ('', landlord) and $3 in ('', project)
              and (not $4 or accepted_at is not null) and ($7 or id = any($8))
              and id || E'\n' || lpad(part::text, 5, '0') collate "C" > $5
            order by id || E'\n' || lpad(part::text, 5, '0') collate "C"
            limit $6
            """;

        await using var command = connection.Statement(Sql,
        [
            query.Id ?? "", query.Landlord?.Value ?? "", query.Project?.Value ?? "", query.AgreementsOnly, query.After,
            query.Limit, query.Ids is null, (query.Ids ?? []).ToArray(),
        ]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<QuoteRow>();
        while (await rows.ReadAsync(ct))
        {
            var validUntil = rows.GetFieldValue<Instant>(8);
            found.Add(new(
                rows.GetString(0), rows.GetInt32(1), new(rows.GetString(2)),
                rows.IsDBNull(3) ? null : new(rows.GetString(3)), new(rows.GetString(4)), new(rows.GetString(5)),
                new(rows.GetFieldValue<Instant>(6), rows.GetFieldValue<Instant>(7)),
                validUntil, new(rows.GetInt64(9)),
                SavedQuote.State(At(10), At(11), validUntil, now)));
        }

        return found;

        Instant? At(int column) =>
            rows.IsDBNull(column) ? null : rows.GetFieldValue<Instant>(column);
    }
}
