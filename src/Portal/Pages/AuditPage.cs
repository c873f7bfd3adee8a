using Exchange.Journal;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Exchange.Portal.Web.Components;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.WebUtilities;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// GET /operator/audit — who did what to what, from where, when and with what result: newest first, narrowed by any of
/// these, and further back by the position of the last one seen.
/// </summary>
public sealed partial class AuditPage
{
    private const string Path = "/operator/audit";
    private const int Limit = 100;
    private const int MaxInFile = 10_000;
    private const int MaxWordLength = 100;

    private static readonly string[] Words = ["q", "who", "act", "target", "result", "origin"];

    /// <summary>What was asked of the log, and what it has: newest first.</summary>
    /// <param name="Files">Where the same is downloaded, further back than the page shows.</param>
    public sealed record Log(
        IReadOnlyList<Term> Terms, bool IsNarrowed, ITable Notes, string? Older, ListingPage Files);

    /// <summary>A word or day that notes are narrowed by.</summary>
    public sealed record Term(string Name, string Label, string Type, string Asked);

    /// <summary>One note of the audit log.</summary>
    private sealed record AuditRow(
        long Position, Instant At, string Actor, string Act, string Target, string Result, string Origin, int Times);

    public static void Map(IEndpointRouteBuilder app) => app.MapGet(Path, Get)
        .RequireAuthorization(Permissions.SeeAudit).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, Projections projections, View view, long? before, CancellationToken ct)
    {
        await projections.CatchUp(ct);
        var isFile = http.Request.Query.ContainsKey("csv") || http.Request.Query.ContainsKey("json");
        var rows = await Find(http, view, (before ?? long.MaxValue, isFile ? MaxInFile : Limit), ct);
        var table = List(http, rows);
        var file = new Listing<AuditRow>("audit", table.Caption, rows, table.Columns, "");
        var isNarrowed = Words.Concat(["from", "to"]).Any(word => Asked(http, word).Length > 0);
        return file.Answer(http) ?? Page.Of<AuditPage, Log>(http, "Audit log", new(
            Terms(http), isNarrowed || before is not null, table,
            rows.Count == Limit ? Href(http, "before", $"{rows[^1].Position}") : null,
            file.Page(http)));
    }

    private static IReadOnlyList<Term> Terms(HttpContext http)
    {
        return
        [
            Of("q", "Anywhere"), Of("who", "Who"), Of("act", "Did what"), Of("target", "To what"),
            Of("result", "With what result"), Of("origin", "From where"), Of("from", "Since the day", "date"),
            Of("to", "Until the day", "date"),
        ];

        Term Of(string name, string label, string type = "search") => new(name, label, type, Asked(http, name));
    }

    private static TableOf<AuditRow> List(HttpContext http, IReadOnlyList<AuditRow> rows) => new(
        "Acts and refusals, newest first", rows,
        [
            Column<AuditRow>.Time("When", r => r.At),
            new("Who", r => Narrow(http, "who", r.Actor), Plain: r => r.Actor),
            new("Did", r => Narrow(http, "act", r.Act), Plain: r => r.Act),
            new("To", r => Narrow(http, "target", r.Target), Plain: r => r.Target),
            new("Result", r => Cell.Tag(r.Result, good: r.Result == "done"), Plain: r => r.Result),
            new("From", r => Narrow(http, "origin", r.Origin), Plain: r => r.Origin),
            Column<AuditRow>.Number("Times", r => (decimal)r.Times),
        ], "Nothing like that is in the log.");

    /// <summary>A word of a row leads to everything that has it there.</summary>
    private static RenderFragment Narrow(HttpContext http, string name, string word) =>
        word.Length is 0 or > MaxWordLength ? Cell.Words(word) : Cell.Link(Href(http, name, word), word);

    private static string Href(HttpContext http, string name, string value)
    {
        var query = Words.Concat(["from", "to"]).ToDictionary(word => word, word => (string?)Asked(http, word));
        query[name] = value;
        return QueryHelpers.AddQueryString(Path, query.Where(q => q.Value!.Length > 0));
    }

    private static string Asked(HttpContext http, string name)
    {
        var word = http.Request.Query[name].ToString().Replace("\0", "", StringComparison.Ordinal).Trim();
        return word.Length <= MaxWordLength ? word : word[..MaxWordLength];
    }

    private static Instant? Day(HttpContext http, string name, int more) =>
        QueryValue.Day(http, name)?.PlusDays(more).AtMidnight().InUtc().ToInstant();

    private static async Task<IReadOnlyList<AuditRow>> Find(
        HttpContext http, View view, (long Before, int Limit) asked, CancellationToken ct)
    {
        const string Sql = """
            select position, at, actor, act, target, result, origin, times
            from exchange.audit
            where position < $1
              and ($2::timestamptz is null or at >= $2) and ($3::timestamptz is null or at < $3)
              and strpos(lower(actor || ' ' || act || ' ' || target || ' ' || result || ' ' || origin), lower($4)) > 0
              and strpos(lower(actor), lower($5)) > 0 and strpos(lower(act), lower($6)) > 0
              and strpos(lower(target), lower($7)) > 0 and strpos(lower(result), lower($8)) > 0
              and strpos(lower(origin), lower($9)) > 0
            order by position desc
            limit $10
            """;

        await using var command = await view.Command(Sql, ct);
        command.Parameters.Add(new() { Value = asked.Before });
        foreach (var day in (Instant?[])[Day(http, "from", 0), Day(http, "to", 1)])
        {
            command.Parameters.Add(new()
            {
                Value = day is { } at ? (object)at : DBNull.Value,
                DataTypeName = "timestamptz",
            });
        }

        foreach (var word in Words)
        {
            command.Parameters.Add(new() { Value = Asked(http, word) });
        }

        command.Parameters.Add(new() { Value = asked.Limit });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<AuditRow>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                rows.GetInt64(0), rows.GetFieldValue<Instant>(1), rows.GetString(2), rows.GetString(3),
                rows.GetString(4), rows.GetString(5), rows.GetString(6), rows.GetInt32(7)));
        }

        return found;
    }
}
