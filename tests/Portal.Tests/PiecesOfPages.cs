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
}
