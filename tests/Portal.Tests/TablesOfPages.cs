using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Exchange.Portal.Web;
using Exchange.Portal.Web.Components;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// A table is sorted, filtered and paged by its address alone, and taken along as it is shown.
/// </summary>
public partial class TablesOfPages
{
    private static readonly IReadOnlyList<(string Name, decimal Size)> Rows =
        [.. Enumerable.Range(1, 120).Select(n => ($"{(n % 2 == 0 ? "even" : "odd")}-{n}", (decimal)n))];

    [Fact]
    public void Are_shown_fifty_rows_at_a_time_or_as_many_as_asked_for()
    {
        Assert.Equal((50, "odd-1"), Shown(""));
        Assert.Equal((25, "even-26"), Shown("?t.size=25&t.page=2"));
        Assert.Equal((20, "odd-101"), Shown("?t.size=100&t.page=99"));
        Assert.Equal((50, "odd-1"), Shown("?t.size=7&t.page=-1"));
        Assert.Equal((50, "odd-1"), Shown("?t.size=99999999999999999999&t.sort=x&t.in=900"));
    }

    [Fact]
    public void Are_sorted_by_value_and_say_so()
    {
        Assert.Equal((50, "even-120"), Shown("?t.sort=2&t.down=1"));
        Assert.Contains("aria-sort=\"descending\"", Page("?t.sort=2&t.down=1"), StringComparison.Ordinal);
        Assert.DoesNotContain("aria-sort", Page(""), StringComparison.Ordinal);
        Assert.Equal((50, "even-10"), Shown("?t.sort=1"));
    }

    [Fact]
    public void Are_filtered_anywhere_or_in_one_column_and_then_add_up_nothing()
    {
        Assert.Equal((21, "even-10"), Shown("?t.q=0"));
        Assert.Contains("Total", Page("?t.size=500"), StringComparison.Ordinal);
        Assert.DoesNotContain("Total", Page("?t.size=500&t.q=even"), StringComparison.Ordinal);
        Assert.Contains("60 of 120 rows", Page("?t.q=EVEN&t.in=1"), StringComparison.Ordinal);
        Assert.Contains("value=\"\" selected>anywhere<", Page(""), StringComparison.Ordinal);
        Assert.DoesNotContain("selected>anywhere<", Page("?t.q=EVEN&t.in=1"), StringComparison.Ordinal);
        Assert.Contains("Nothing matches", Page("?t.q=even&t.in=2"), StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", Page("?t.q=<script>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Are_taken_along_filtered_and_sorted_as_CSV_and_JSON()
    {
        const string Asked = "&t.q=even&t.sort=2&t.down=1&t.page=2";
        var csv = (await Taken($"?csv=t{Asked}")).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(61, csv.Length);
        Assert.Equal(["Name,Size", "even-120,120", "even-118,118"], csv[..3]);
        var json = JsonDocument.Parse(await Taken($"?json=t{Asked}")).RootElement;
        Assert.Equal(60, json.GetArrayLength());
        Assert.Equal("even-120", json[0].GetProperty("Name").GetString());
        Assert.Equal("120", json[0].GetProperty("Size").GetString());
    }

    /// <summary>The settlements of a landlord were summed up below another column than theirs.</summary>
    [Fact]
    public void Have_a_total_below_each_column_or_are_not_drawn()
    {
        IReadOnlyList<Column<int>> columns = [new("A", _ => Cell.None), new("B", _ => Cell.None)];
        string Draw(int label, int totals) => Drawn<PlainTable>(new TableOf<int>("t", [1], columns, "")
        {
            Totals = Table.Foot("Total", label, [.. Enumerable.Repeat("", totals)]),
        });
        Assert.Contains("<tfoot>", Draw(1, 1), StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => Draw(1, 0));
        Assert.Throws<InvalidOperationException>(() => Draw(2, 1));
    }

    [Fact]
    public void Answer_with_their_rows_wherever_they_stand_and_when_they_have_none()
    {
        IResult? Answered(Listing<(string Name, decimal Size)> listing)
        {
            var head = new PageHead();
            PageRenderer.Text(Http("?csv=t"), head, Cell.Of<DataTable>("Of", listing));
            return head.Answer;
        }

        Assert.NotNull(Answered(Listing));
        Assert.NotNull(Answered(Of([])));
        Assert.Null(Answered(Listing with { Id = "other" }));
    }

    /// <summary>Names of nodes were broken at their hyphens at 1280 pixels; a name that is long may break on a phone.
    /// </summary>
    [Theory]
    [InlineData("bu-node-1, bu-node-12", "=\"Word\"><span class=\"id\">bu-node-1,</span> <span class=\"id\">bu-node-12</span><")]
    [InlineData("agreement Q-7F3K2M9Q", ">agreement <span class=\"id\">Q-7F3K2M9Q</span><")]
    [InlineData("vm nerc/stack/vm/river-ice-notebook", "<td class=\"long\" data-label=\"Word\">vm <span class=\"id\">nerc")]
    [InlineData("PI-2026-0001", "<td class=\"id\"")]
    [InlineData("a-name-that-is-longer-than-24", "<td class=\"id long\"")]
    [InlineData("a reason, well-known and/or not", "<td data-label=\"Word\">a reason, well-known and/or not<")]
    public void Break_no_name_over_lines(string text, string cell) => Assert.Contains(
        cell, Drawn<PlainTable>(new TableOf<string>("Words", [text], [Column<string>.Words("Word", w => w)], "None.")),
        StringComparison.Ordinal);

    [Theory]
    [InlineData("=1+1", "'=1+1")]
    [InlineData("+1", "'+1")]
    [InlineData("@sum(a1)", "'@sum(a1)")]
    [InlineData("\tx", "\"'\tx\"")]
    [InlineData("-1+1", "'-1+1")]
    [InlineData("-1.50", "-1.50")]
    [InlineData("1=1", "1=1")]
    [InlineData("a,\"b\"", "\"a,\"\"b\"\"\"")]
    public async Task Are_taken_along_as_text_that_a_spreadsheet_does_not_run(string cell, string written)
    {
        var csv = await Taken("?csv=t", Of([(cell, 1m)]));
        Assert.Equal($"Name,Size\r\n{written},1\r\n", csv);
    }

    [Fact]
    public void Are_sorted_without_regard_to_capitals_and_turned_round_by_the_same_heading()
    {
        var html = Drawn<DataTable>(Of([("b", 1m), ("C", 2m), ("a", 3m)]), "?t.sort=1");
        Assert.Equal(["a", "b", "C"], Cells().Matches(html).Select(m => m.Groups[1].Value));
        Assert.Contains("t.sort=1&amp;t.down=1\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain(
            "t.sort=1&amp;t.down=1\"", Drawn<DataTable>(Of([("b", 1m)]), "?t.sort=1&t.down=1"),
            StringComparison.Ordinal);
        Assert.Contains(
            "Nothing matches", Drawn<DataTable>(Of([("b", 7m)]), "?t.q=7&t.in=1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Are_taken_along_from_every_page_that_has_one()
    {
        await using var serving = await UsedMonth.Start();
        using var ada = await serving.As("ada");
        var json = JsonDocument.Parse(
            await ada.GetStringAsync(new Uri("/pi?json=projects", UriKind.Relative), Serving.Ct));
        Assert.Equal("Ada's group", json.RootElement[0].GetProperty("Project").GetString());
        using var none = await ada.GetAsync(new Uri("/pi?json=salaries", UriKind.Relative), Serving.Ct);
        Assert.Equal((HttpStatusCode.OK, "text/html"),
            (none.StatusCode, none.Content.Headers.ContentType!.MediaType));
    }

    private static Listing<(string Name, decimal Size)> Listing => Of(Rows);

    private static Listing<(string Name, decimal Size)> Of(IReadOnlyList<(string Name, decimal Size)> rows) => new(
        "t", "Things", rows,
        [
            Column<(string Name, decimal Size)>.Words("Name", r => r.Name),
            Column<(string Name, decimal Size)>.Number("Size", r => r.Size),
        ], "Nothing.")
    { Foot = Table.Foot("Total", 1, "1") };

    private static DefaultHttpContext Http(string query) => new() { Request = { QueryString = new(query) } };

    private static string Page(string query) => Drawn<DataTable>(Listing, query);

    private static string Drawn<T>(object table, string query = "")
        where T : IComponent => PageRenderer.Text(Http(query), new(), Cell.Of<T>("Of", table));

    private static (int Rows, string First) Shown(string query)
    {
        var names = Names().Matches(Page(query));
        return (names.Count, names[0].Groups[1].Value);
    }

    private static async Task<string> Taken(
        string query, Listing<(string Name, decimal Size)>? listing = null)
    {
        listing ??= Listing;
        var http = Http(query);
        http.RequestServices = new ServiceCollection().AddLogging().BuildServiceProvider();
        http.Response.Body = new MemoryStream();
        await listing.Answer(http)!.ExecuteAsync(http);
        return System.Text.Encoding.UTF8.GetString(((MemoryStream)http.Response.Body).ToArray());
    }

    [GeneratedRegex("<tr>\\s*<td[^>]*>((?:even|odd)-\\d+)</td>")]
    private static partial Regex Names();

    [GeneratedRegex("<tr>\\s*<td[^>]*>([^<]*)</td>")]
    private static partial Regex Cells();
}
