using Exchange.Journal;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using Microsoft.AspNetCore.WebUtilities;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>
/// GET /operator/audit — who did what to what, from where, when and with what result: newest first, narrowed by any of
/// these, and further back by the position of the last one seen.
/// </summary>
internal static class AuditPage
{
    private const int Shown = 100;
    private const int MaxWordLength = 100;

    private static readonly string[] Words = ["q", "who", "act", "target", "result", "origin"];

    /// <summary>One note of the audit log.</summary>
    private sealed record AuditRow(
        long Position, Instant At, string Actor, string Act, string Target, string Result, string Origin, int Times);

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/operator/audit", Get)
        .RequireAuthorization(Permissions.SeeAudit).ExcludeFromDescription();

    private static async Task<IResult> Get(
        HttpContext http, Projections projections, View view, long? before, CancellationToken ct)
    {
        await projections.CatchUp(ct);
        var rows = await Find(http, view, before ?? long.MaxValue, ct);
        var isNarrowed = Words.Concat(["from", "to"]).Any(word => Asked(http, word).Length > 0);
        return Layout.Page(http, "Audit log", Html.Of($"""
            <form class="find" method="get" role="search">
            {Field(http, "q", "Anywhere")}
            {Field(http, "who", "Who")}
            {Field(http, "act", "Did what")}
            {Field(http, "target", "To what")}
            {Field(http, "result", "With what result")}
            {Field(http, "origin", "From where")}
            {Field(http, "from", "Since the day", "date")}
            {Field(http, "to", "Until the day", "date")}
            <button>Search</button>
            {Html.If(isNarrowed || before is not null, () => Html.Of($"""<a href="/operator/audit">Everything</a>"""))}
            </form>
            {Table.Of("Acts and refusals, newest first", rows, [
                Column<AuditRow>.Time("When", r => r.At),
                new("Who", r => Narrow(http, "who", r.Actor)),
                new("Did", r => Narrow(http, "act", r.Act)),
                new("To", r => Narrow(http, "target", r.Target)),
                new("Result", r => Html.Of($"{Tag.Of(r.Result, good: r.Result == "done")}")),
                new("From", r => Narrow(http, "origin", r.Origin)),
                Column<AuditRow>.Number("Times", r => (decimal)r.Times),
            ], "Nothing like that is in the log.")}
            {Html.If(rows.Count == Shown, () => Html.Of($"""
            <p><a class="button" href="{Href(http, "before", $"{rows[^1].Position}")}">Older</a></p>
            """))}
            """));
    }

    private static Html Field(HttpContext http, string name, string label, string type = "search") => Html.Of($"""
        <div><label for="{name}">{label}</label><input id="{name}" name="{name}" type="{type}" size="14"
        maxlength="{MaxWordLength}" value="{Asked(http, name)}"></div>
        """);

    /// <summary>A word of a row leads to everything that has it there.</summary>
    private static Html Narrow(HttpContext http, string name, string word) => word.Length is 0 or > MaxWordLength
        ? Html.Of($"{word}")
        : Html.Of($"""<a href="{Href(http, name, word)}">{word}</a>""");

    private static string Href(HttpContext http, string name, string value)
    {
        var query = Words.Concat(["from", "to"]).ToDictionary(word => word, word => (string?)Asked(http, word));
        query[name] = value;
        return QueryHelpers.AddQueryString("/operator/audit", query.Where(q => q.Value!.Length > 0));
    }

    private static string Asked(HttpContext http, string name)
    {
        var word = http.Request.Query[name].ToString().Replace("\0", "", StringComparison.Ordinal).Trim();
        return word.Length <= MaxWordLength ? word : word[..MaxWordLength];
    }

    private static Instant? Day(HttpContext http, string name, int more) =>
        QueryValue.Day(http, name)?.PlusDays(more).AtMidnight().InUtc().ToInstant();

    private static async Task<IReadOnlyList<AuditRow>> Find(
        HttpContext http, View view, long before, CancellationToken ct)
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
            limit 100
            """;

        await using var command = await view.Command(Sql, ct);
        command.Parameters.Add(new() { Value = before });
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
