using System.Text.Json;
using Exchange.Journal;
using NodaTime;

namespace Exchange.Portal.Web;

/// <summary>Something that was done to a thing.</summary>
/// <param name="What">In words, as 'budget set'.</param>
/// <param name="By">Who did it; empty when the exchange itself did.</param>
internal sealed record Change(string What, string By, Instant At);

/// <summary>
/// What was done to a thing so far. How often is its version: whoever changes it says which one they looked at.
/// </summary>
internal sealed record ETag(IReadOnlyList<Change> Changes)
{
    /// <summary>The form field that says which version was looked at.</summary>
    public const string Field = "version";

    public static readonly ETag Untouched = new([]);

    /// <summary>What happens to things without anybody having edited them.</summary>
    private static readonly string[] NoEdits =
        ["budget-passed/1", "fund-used/1", "fund-granted/1", "invoice-drawn/1", "party-invoice-drawn/1",
            "source-silent/1", "source-heard-again/1", "award-passed/1"];

    public string Version => $"{Changes.Count}";

    /// <summary>What was done since a version; null when this is that version.</summary>
    public IReadOnlyList<Change>? Since(string version) => version == Version ? null
        : int.TryParse(version, out var seen) && seen >= 0 && seen < Changes.Count ? [.. Changes.Skip(seen)]
        : [];

    /// <summary>The edition of what some streams tell about together.</summary>
    public static async Task<ETag> Of(
        Composition exchange, IReadOnlyCollection<string> streams, CancellationToken ct) =>
        new([.. (await Each(exchange, streams, ct)).SelectMany(of => of.Value.Changes).OrderBy(c => c.At)]);

    /// <summary>The edition of each stream that somebody wrote to.</summary>
    public static async Task<IReadOnlyDictionary<string, ETag>> Each(
        Composition exchange, IReadOnlyCollection<string> streams, CancellationToken ct)
    {
        // By the names under which streams are stored: to look for those that are shown goes through every event.
        const string Sql = """
            select asked.stream, stored.type, convert_from(coalesce(shown.body, stored.bdata), 'UTF8'), stored.timestamp
            from unnest($1::text[]) as asked (stream)
            join journal.mt_events as stored on stored.stream_id = journal.stored_name(asked.stream)
            left join journal.shown_event as shown using (seq_id)
            where stored.type <> all($2)
            order by asked.stream, stored.version
            limit 100000
            """;

        await using var command = exchange.Database.Statement(Sql, [streams.ToArray(), NoEdits]);
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new Dictionary<string, List<Change>>(StringComparer.Ordinal);
        while (await rows.ReadAsync(ct))
        {
            var change = new Change(
                rows.GetString(1).Split('/')[0].Replace('-', ' '), By(rows.GetString(2)),
                rows.GetFieldValue<Instant>(3));
            if (!found.TryGetValue(rows.GetString(0), out var changes))
            {
                found[rows.GetString(0)] = changes = [];
            }

            changes.Add(change);
        }

        return found.ToDictionary(of => of.Key, of => new ETag(of.Value), StringComparer.Ordinal);
    }

    private static string By(string body)
    {
        using var parsed = JsonDocument.Parse(body);
        return parsed.RootElement.TryGetProperty("by", out var by) && by.ValueKind == JsonValueKind.String
            ? by.GetString()! : "";
    }
}

/// <summary>A form or request that was made from an older version of what it changes.</summary>
/// <param name="Changes">What was done since; empty when it does not say from which.</param>
internal sealed record Stale(IReadOnlyList<Change> Changes, bool IsMissing)
{
    public int Status => IsMissing ? StatusCodes.Status428PreconditionRequired
        : StatusCodes.Status412PreconditionFailed;

    public string Sentence => IsMissing
        ? "This was sent without the version that it changes. Look at it as it is now, then send it again."
        : "Someone changed this since you looked at it. Look at what changed, then send it again.";
}
