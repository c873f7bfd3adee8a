using Exchange.Journal;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Access;
using NodaTime;

namespace Exchange.Portal.Pages;

/// <summary>GET /operator/audit — who did what to what, newest first, searched by a word.</summary>
internal static class AuditPage
{
    /// <summary>One note of the audit log.</summary>
    private sealed record Row(
        long Position, Instant At, string Actor, string Act, string Target, string Result, string Origin, int Times);

    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/operator/audit", Show)
        .RequireAuthorization(Acts.SeeAudit).ExcludeFromDescription();

    private static async Task<IResult> Show(
        HttpContext http, Projections projections, View view, string? q, long? before,
        CancellationToken ct)
    {
        await projections.CatchUp(ct);
        var rows = await Find(view, q ?? "", before ?? long.MaxValue, ct);
        return Layout.Page(http, "Audit log", Html.Of($"""
            <form method="get" role="search"><label for="q">Search actor, act, target or result</label>
            <input id="q" name="q" type="search" maxlength="100" value="{q}"> <button>Search</button></form>
            {Table.Of("Acts and refusals, newest first", rows, [
                Column<Row>.Words("When", r => Web.Show.Of(r.At)),
                Column<Row>.Words("Who", r => r.Actor),
                Column<Row>.Words("Did", r => r.Act),
                Column<Row>.Words("To", r => r.Target),
                new("Result", r => Tag.Of(r.Result, good: r.Result == "done")),
                Column<Row>.Words("From", r => r.Origin),
                Column<Row>.Number("Times", r => (decimal)r.Times),
            ], "Nothing like that is in the log.")}
            {Html.If(rows.Count == 100, () => Html.Of($"""
            <p><a class="button" href="?q={Uri.EscapeDataString(q ?? "")}&amp;before={rows[^1].Position}">Older</a></p>
            """))}
            """));
    }

    private static async Task<IReadOnlyList<Row>> Find(
        View view, string word, long before, CancellationToken ct)
    {
        const string Sql = """
            select position, at, actor, act, target, result, origin, times
            from exchange.audit
            where position < $2
              and ($1 = '' or strpos(lower(actor || ' ' || act || ' ' || target || ' ' || result), lower($1)) > 0)
            order by position desc
            limit 100
            """;

        await using var command = await view.Command(Sql, ct);
        command.Parameters.Add(new() { Value = word });
        command.Parameters.Add(new() { Value = before });
        await using var rows = await command.ExecuteReaderAsync(ct);
        var found = new List<Row>();
        while (await rows.ReadAsync(ct))
        {
            found.Add(new(
                rows.GetInt64(0), Instant.FromDateTimeUtc(rows.GetDateTime(1)), rows.GetString(2), rows.GetString(3),
                rows.GetString(4), rows.GetString(5), rows.GetString(6), rows.GetInt32(7)));
        }

        return found;
    }
}
