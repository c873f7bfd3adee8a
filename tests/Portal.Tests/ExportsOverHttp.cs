using System.IO.Compression;
using System.Net;
using Exchange.Portal.Keys;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>Reports of a month as programs fetch them: what the command writes, with the type of the file.</summary>
public class ExportsOverHttp
{
    [Fact]
    public async Task One_file_comes_as_it_is_and_several_as_an_archive()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var all = await serving.WithKey(KeyScope.Read, null);

        using var focus = await Get(all, "focus?month=2026-10");
        Assert.Equal("text/csv", focus.Content.Headers.ContentType?.MediaType);
        Assert.Equal("focus-2026-10.csv", focus.Content.Headers.ContentDisposition?.FileName);
        using var newer = await Get(all, "focus?month=2026-10&focus=1.3");
        Assert.Contains(",ServiceProviderName,", await newer.Content.ReadAsStringAsync(Serving.Ct),
            StringComparison.Ordinal);
        using var typed = await Get(all, "focus?month=2026-10&focus=1.3&as=parquet");
        Assert.Equal("application/vnd.apache.parquet", typed.Content.Headers.ContentType?.MediaType);
        var rows = (await focus.Content.ReadAsStringAsync(Serving.Ct)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("AvailabilityZone,BilledCost,", rows[0], StringComparison.Ordinal);
        Assert.Equal(3, rows.Length); // The heading, Ada's line and Ben's.

        using var journal = await Get(all, "journal?month=2026-10");
        Assert.Equal("application/zip", journal.Content.Headers.ContentType?.MediaType);
        await using var archive = new ZipArchive(await journal.Content.ReadAsStreamAsync(Serving.Ct));
        Assert.Equal(
            ["journal-2026-10.beancount", "journal-2026-10.csv", "journal-2026-10.ledger"],
            archive.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_landlord_gets_what_it_sold_and_nothing_that_spans_landlords()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var nerc = await serving.WithKey(KeyScope.Read, Serving.Nerc);
        using var other = await serving.WithKey(KeyScope.Read, new("blockbank"));

        Assert.Contains("ada", await Body(nerc, "charges?month=2026-10"), StringComparison.Ordinal);
        Assert.DoesNotContain("ada", await Body(other, "charges?month=2026-10"), StringComparison.Ordinal);
        foreach (var path in (string[])["journal?month=2026-10", "charges?month=2026-10&landlord=nerc"])
        {
            using var answer = await other.GetAsync(new Uri($"/v1/exports/{path}", UriKind.Relative), Serving.Ct);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
        }
    }

    [Theory]
    [InlineData("everything?month=2026-10", "There is no report")]
    [InlineData("focus?month=2026-13", "'month' cannot be '2026-13'. Write a month like '2026-10'.")]
    [InlineData("focus", "'month' is missing. Write a month like '2026-10'.")]
    [InlineData("focus?month=2026-10&policies=generous", "policies")]
    [InlineData("focus?month=2026-10&focus=1.1", "'focus' is 1.2 or 1.3")]
    [InlineData("charges?month=2026-10&as=parquet", "'focus' alone")]
    public async Task What_is_not_a_report_of_a_month_is_refused_with_a_reason(string path, string reason)
    {
        await using var serving = await Serving.Start();
        using var all = await serving.WithKey(KeyScope.Read, null);
        using var answer = await all.GetAsync(new Uri($"/v1/exports/{path}", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(reason, await answer.Content.ReadAsStringAsync(Serving.Ct), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/v1/quotes", HttpStatusCode.MethodNotAllowed, "POST")]
    [InlineData("/v1/invoices/x.html", HttpStatusCode.NotFound, "")]
    [InlineData("/nothing/here.txt", HttpStatusCode.NotFound, "")]
    public async Task Where_no_route_is_a_problem_document_says_so(string path, HttpStatusCode status, string allow)
    {
        await using var serving = await Serving.Start();
        using var all = await serving.WithKey(KeyScope.Read, null);
        using var answer = await all.GetAsync(new Uri(path, UriKind.Relative), Serving.Ct);
        Assert.Equal(status, answer.StatusCode);
        Assert.Equal(allow, string.Join(',', answer.Content.Headers.Allow));
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
    }

    private static async Task<HttpResponseMessage> Get(HttpClient client, string path)
    {
        var answer = await client.GetAsync(new Uri($"/v1/exports/{path}", UriKind.Relative), Serving.Ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return answer;
    }

    private static async Task<string> Body(HttpClient client, string path)
    {
        using var answer = await Get(client, path);
        return await answer.Content.ReadAsStringAsync(Serving.Ct);
    }
}
