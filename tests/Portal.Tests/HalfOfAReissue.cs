using System.Net;
using Exchange.Portal.Keys;
using Npgsql;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// To void an invoice and to issue it again are two steps: where the second one fails, whoever asked hears that the
/// first is done, sees the invoice void, and takes up the rest where it was left.
/// </summary>
public sealed class HalfOfAReissue
{
    private const string Number = "PI-2026-0002";
    private const string Left = $"{Number} is void, and was not issued again";
    private const string Page = $"/invoices/{Number}";
    private const string Action = $"{Page}/corrections";

    /// <summary>Usage cannot be read: the rules refuse, and the page comes back.</summary>
    [Fact]
    public async Task Usage_that_cannot_be_read_leaves_a_void_invoice_that_says_so_and_is_issued_later()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        await Sql(serving, "create table saved as table metering.block");
        await Sql(serving, "update metering.block set body = '\\x00' where number = 1");
        await serving.Exchange.Meter.Replay(Serving.Ct);
        using var finance = await serving.As("finance");

        using var half = await Reissue(finance);
        var html = WebUtility.HtmlDecode(await half.Content.ReadAsStringAsync(Serving.Ct));
        Assert.Equal(HttpStatusCode.BadRequest, half.StatusCode);
        Assert.Contains($"{Left}. Please look at:", html, StringComparison.Ordinal);
        Assert.Contains("block 1", html, StringComparison.Ordinal);
        Assert.Contains(">Void</span>", html, StringComparison.Ordinal);
        Assert.Contains("Reissue invoice", html, StringComparison.Ordinal);
        Assert.DoesNotContain("Correct invoice", html, StringComparison.Ordinal);

        await Sql(serving, "update metering.block set body = saved.body from saved where saved.number = block.number");
        await serving.Exchange.Meter.Replay(Serving.Ct);
        await TakenUp(finance);
    }

    /// <summary>
    /// Others are faster each time, at an invoice of a PI and at one of an institution: seen to call the latter open
    /// above a text that says it is void.
    /// </summary>
    [Theory]
    [InlineData("PI-2026-0002", "/invoices/PI-2026-0002", "corrections")]
    [InlineData("IN-2026-0001", "/finance/parties/IN-2026-0001", "void")]
    public async Task What_others_overtook_is_shown_void_and_can_be_taken_up(string number, string page, string door)
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.UseMuch(serving);
        await UsedMonth.Close(serving);
        await Fails(serving, """
            message = 'duplicate key value violates unique constraint "pk_mt_events_stream_and_version"',
            detail = 'Key (stream_id, version)=(x, 1) already exists.', errcode = '23505', table = 'mt_events',
            schema = 'journal', constraint = 'pk_mt_events_stream_and_version'
            """);
        using var finance = await serving.As("finance");
        using var half = await UsedMonth.Submit(
            finance, page, $"{page}/{door}", ("do", "reissue"), ("because", "the wrong name"), ("confirm", number));
        var html = WebUtility.HtmlDecode(await half.Content.ReadAsStringAsync(Serving.Ct));
        Assert.Equal(HttpStatusCode.BadRequest, half.StatusCode);
        Assert.Contains($"{number} is void, and was not issued again. Please look at:", html, StringComparison.Ordinal);
        Assert.Contains("Others changed the same thing", html, StringComparison.Ordinal);
        Assert.Contains(">Void</span>", html, StringComparison.Ordinal);
        Assert.DoesNotContain(">Open</span>", html, StringComparison.Ordinal);

        await Sql(serving, "drop trigger away on journal.mt_events");
        using var again = await UsedMonth.Submit(finance, page, $"{page}/{door}", ("do", "again"));
        Assert.Equal(page, again.Headers.Location?.ToString());
        html = await finance.GetStringAsync(new Uri(page, UriKind.Relative), Serving.Ct);
        Assert.Matches($"Issued again as {number[..2]}-2026-[0-9]{{4}}", html);
    }

    /// <summary>
    /// The database goes away in the middle: seen to say that nothing half done was kept, and not that the invoice is
    /// void.
    /// </summary>
    [Fact]
    public async Task A_database_that_goes_away_between_both_is_told_with_what_stands()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        await GoesAway(serving);
        using var finance = await serving.As("finance");

        using var half = await Reissue(finance);
        var html = WebUtility.HtmlDecode(await half.Content.ReadAsStringAsync(Serving.Ct));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, half.StatusCode);
        Assert.Contains(Left, html, StringComparison.Ordinal);

        await Sql(serving, "drop trigger away on journal.mt_events");
        await TakenUp(finance);
    }

    /// <summary>The same for a program: what it sent sent again goes on where it was.</summary>
    [Fact]
    public async Task A_program_hears_what_stands_and_asks_again()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        await GoesAway(serving);
        using var finance = await serving.WithKey(KeyScope.Finance, null);
        const string Body = $$"""{"number":"{{Number}}","reason":"the wrong name","reissue":true}""";

        using var half = await finance.PostAsync(
            new Uri("/v1/voids", UriKind.Relative), Serving.Json(Body, "application/json"), Serving.Ct);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, half.StatusCode);
        Assert.Contains(Left, await half.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);

        await Sql(serving, "drop trigger away on journal.mt_events");
        using var again = await finance.PostAsync(
            new Uri("/v1/voids", UriKind.Relative), Serving.Json(Body, "application/json"), Serving.Ct);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        Assert.Contains("\"reissued\":[\"PI-2026-", await again.Content.ReadAsStringAsync(Serving.Ct),
            StringComparison.Ordinal);
    }

    private static Task<HttpResponseMessage> Reissue(HttpClient finance) => UsedMonth.Submit(
        finance, Page, Action, ("do", "reissue"), ("because", "the wrong name"), ("confirm", Number));

    private static async Task TakenUp(HttpClient finance)
    {
        var html = await finance.GetStringAsync(new Uri(Page, UriKind.Relative), Serving.Ct);
        Assert.Contains(">Void</span>", html, StringComparison.Ordinal);
        using var again = await UsedMonth.Submit(finance, Page, Action, ("do", "again"));
        Assert.Equal(Page, again.Headers.Location?.ToString());
        html = await finance.GetStringAsync(new Uri(Page, UriKind.Relative), Serving.Ct);
        Assert.Matches("Issued again as PI-2026-[0-9]{4}", html);
    }

    /// <summary>From now on the database ends whoever issues something again.</summary>
    private static Task GoesAway(Serving serving) => Fails(
        serving, "message = 'terminating connection due to administrator command', errcode = '57P01'");

    private static Task Fails(Serving serving, string how) => Sql(serving, $"""
        create function journal.away() returns trigger language plpgsql as $$
        begin
          if new.stream_id like 'ledger-reissue%' then
            raise exception using {how};
          end if;
          return new;
        end $$;
        create trigger away before insert on journal.mt_events for each row execute function journal.away();
        """);

    private static async Task Sql(Serving serving, string sql)
    {
        await using var source = NpgsqlDataSource.Create(serving.Exchange.Database.ConnectionString);
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync(Serving.Ct);
    }
}
