using Exchange.Portal.Web;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace Exchange.Portal.Tests;

public class PiecesOfPages
{
    private static readonly Html Table = Html.Of($"<table></table>").Needing(PageNeeds.Tables);
    private static readonly Html Plot = Html.Of($"<figure></figure>").Needing(PageNeeds.Charts);

    [Fact]
    public void A_page_needs_what_its_pieces_need()
    {
        var page = Html.Of($"""
            <p>{Html.If(true, () => Html.Join([1, 2], i => i == 2 ? Table : Html.None))}</p>{Html.If(false, () => Plot)}
            """);
        Assert.Equal(PageNeeds.Tables, page.Needs);
        Assert.Equal(PageNeeds.Tables | PageNeeds.Charts, Html.Of($"{page}{Plot}").Needs);
        Assert.Contains("<p><table></table></p>", page.Text, StringComparison.Ordinal);
    }

    /// <summary>Scripts were chosen by what the text of a page holds, which a name can hold too.</summary>
    [Fact]
    public void What_somebody_wrote_brings_no_scripts() => Assert.Equal(
        PageNeeds.None, Html.Of($"<p>{"x data-listing <figure class=\"chart\""}</p>").Needs);

    [Fact]
    public void The_rows_of_a_table_are_answered_wherever_it_stands_in_a_page()
    {
        var http = new DefaultHttpContext { Request = { QueryString = new("?csv=words") } };
        Listing<string> Of(string id) => new(id, "Words", ["b", "a"], [Column<string>.Words("Word", w => w)], "None.");
        Assert.NotNull(Html.Of($"<div>{Html.Join(["other", "words"], id => Of(id).Of(http))}</div>").Answer);
        Assert.NotNull((Of("words") with { Rows = [] }).Of(http).Answer);
        Assert.Null(Html.Of($"<div>{Of("other").Of(http)}</div>").Answer);
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
    public void Names_are_not_broken_over_lines(string text, string cell) => Assert.Contains(
        cell, Web.Table.Of("Words", [text], [Column<string>.Words("Word", w => w)], "None.").Text,
        StringComparison.Ordinal);
}
