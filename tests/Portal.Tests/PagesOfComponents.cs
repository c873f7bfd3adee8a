using Exchange.Portal.Web;
using Exchange.Portal.Web.Components;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>A component is rendered once, as text, in which nothing that was put into it is markup.</summary>
public class PagesOfComponents
{
    private static readonly HttpContext Http = new DefaultHttpContext();

    [Fact]
    public void Letters_of_any_script_are_sent_as_they_are_and_markup_is_not_believed() => Assert.Equal(
        "<div class=\"card\"><dt>M&amp;M “名前” · &lt;b&gt;</dt><dd class=\"figure\">−$4.00</dd>" +
        "<dd class=\"note\">&lt;i&gt;</dd></div>",
        Rendered<StatCard>(("Label", "M&M “名前” · <b>"), ("Figure", "−$4.00"),
            ("ChildContent", (RenderFragment)(note => note.AddContent(0, "<i>")))));

    [Fact]
    public void Of_steps_those_done_are_said_to_be_and_the_next_is_marked() => Assert.Equal(
        "<ol class=\"steps\" aria-label=\"Close\"><li><span aria-hidden=\"true\">✓ </span>" +
        "<span class=\"aside\">done: </span><a href=\"#a\">A &amp; B</a></li>" +
        "<li aria-current=\"step\"><a href=\"#c\">C</a></li><li>D</li></ol>",
        Rendered<Steps>(("Label", "Close"), ("Here", 2), ("Of",
            (IReadOnlyList<(string, string?)>)[("A & B", "#a"), ("C", "#c"), ("D", null)])));

    [Fact]
    public void What_waits_is_refused_instead_of_shown_in_part() =>
        Assert.Throws<InvalidOperationException>(() => Rendered<Waiting>());

    [Fact]
    public void What_fails_fails() => Assert.Throws<FormatException>(() => Rendered<Failing>());

    [Fact]
    public void A_page_needs_what_was_rendered_in_it_and_nothing_that_somebody_wrote()
    {
        Listing<string> Words(params string[] rows) => new("words", "Words", rows, [Column<string>.Words("Word", w => w)], "None.");
        Assert.Equal(PageNeeds.Tables, Needs<DataTable>("Of", Words("a")));
        Assert.Equal(PageNeeds.None, Needs<DataTable>("Of", Words()));
        Assert.Equal(PageNeeds.Charts, Needs<PlotFigure>("Of", new Plot("p", "P", "Day", ["1"], [new("a", [1])])));
        Assert.Equal(PageNeeds.None, Needs<PageHeader>("Title", "<div data-listing class=\"chart\">"));
    }

    private static PageNeeds Needs<T>(string parameter, object shown)
        where T : IComponent
    {
        var head = new PageHead();
        PageRenderer.Text(Http, head, Cell.Of<T>(parameter, shown));
        return head.Needs;
    }

    [Fact]
    public void A_text_keeps_its_first_line_break() => Assert.Contains(
        ">\n&#xA;name: a</textarea>", Rendered<ReviewedText>(("Name", "t"), ("Label", "Text"), ("Text", "\nname: a")),
        StringComparison.Ordinal);

    /// <summary>A form that comes back still holds what was typed, and says beside each field what is wrong with it.</summary>
    [Fact]
    public void Fields_hold_what_was_typed_and_are_described_by_what_stands_beside_them()
    {
        var form = new Form(new Dictionary<string, StringValues> { ["year"] = "x\"y" });
        Assert.Equal(
            "<div class=\"field\"><label for=\"year\">Year</label><p class=\"hint\" id=\"year-hint\">&lt;four&gt; digits</p>" +
            "<input id=\"year\" name=\"year\" type=\"text\" maxlength=\"4\" value=\"x&quot;y\" aria-describedby=\"year-hint\">" +
            "</div>",
            In<TextField>(form, ("Name", "year"), ("Label", "Year"), ("Hint", "<four> digits"), ("Longest", 4)));
        Assert.Equal("", In<FormSummary>(form));

        form.Wrong("year", "'x\"y' is no year.");
        Assert.Equal(
            "<div class=\"field\"><label for=\"year\">Year</label><textarea id=\"year\" name=\"year\" rows=\"16\" " +
            "maxlength=\"100000\" spellcheck=\"false\" aria-describedby=\"year-wrong\" aria-invalid=\"true\">x&quot;y" +
            "</textarea><p class=\"wrong\" id=\"year-wrong\">&#x27;x&quot;y&#x27; is no year.</p></div>",
            In<TextArea>(form, ("Name", "year"), ("Label", "Year"), ("Otherwise", "1\n2")));
        var summary = In<FormSummary>(form);
        Assert.StartsWith("<div class=\"note-box bad\" role=\"alert\" tabindex=\"-1\" autofocus>", summary, StringComparison.Ordinal);
        Assert.Contains(
            "<li><a href=\"#year\">&#x27;x&quot;y&#x27; is no year.</a></li>", summary, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(null, "2025")]
    [InlineData("2026", "2026")]
    public void What_was_chosen_or_ticked_is_chosen_again(string? typed, string chosen)
    {
        var form = typed is null ? Form.Empty : new Form(new Dictionary<string, StringValues> { ["year"] = typed });
        Assert.Contains($"<option value=\"{chosen}\" selected>", In<ChoiceField>(
            form, ("Name", "year"), ("Label", "Year"), ("Otherwise", "2025"),
            ("Options", (IEnumerable<(string, string)>)[("2025", "last"), ("2026", "this")])), StringComparison.Ordinal);
        Assert.Equal(
            typed is not null, In<TickField>(form, ("Name", "year"), ("Label", "This"), ("Value", "2026"))
                .Contains(" checked>", StringComparison.Ordinal));
    }

    [Fact]
    public void Tables_have_a_caption_a_kind_for_each_cell_and_a_foot()
    {
        var table = new TableOf<string>(
            "Words & names", ["PI-2026-0001", "a & b"],
            [
                Column<string>.Words("Name", w => w), new("", w => Cell.Code($"<{w}>")),
                Column<string>.Number("Length", w => (decimal)w.Length) with { IsExtra = true },
            ], "None.")
        {
            Totals = Table.Foot("Total", 2, "17"),
        };
        Assert.Equal(
            "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Words &amp; names\"><table class=\"data\">" +
            "<caption>Words &amp; names</caption><thead><tr><th scope=\"col\">Name</th><th scope=\"col\"></th>" +
            "<th scope=\"col\" class=\"n extra\">Length</th></tr></thead><tbody>" +
            "<tr><td class=\"id\" data-label=\"Name\">PI-2026-0001</td><td><code>&lt;PI-2026-0001&gt;</code></td>" +
            "<td class=\"n extra\" data-label=\"Length\">12</td></tr>" +
            "<tr><td data-label=\"Name\">a &amp; b</td><td><code>&lt;a &amp; b&gt;</code></td>" +
            "<td class=\"n extra\" data-label=\"Length\">5</td></tr></tbody>" +
            "<tfoot><tr><th scope=\"row\" colspan=\"2\">Total</th><td class=\"n\" data-label=\"Length\">17</td></tr></tfoot></table></div>",
            Normal(Rendered<PlainTable>(("Of", table))));
        Assert.Equal(
            "<p class=\"empty\">None.</p>", Normal(Rendered<PlainTable>(("Of", table with { Rows = [] }))));
    }

    [Fact]
    public void Cells_are_words_links_and_marks()
    {
        Assert.Equal(
            "<a href=\"/a?b&amp;c\" aria-label=\"&lt;d&gt;\">&amp;</a>(e)",
            Normal(Written(Cell.Link("/a?b&c", "&", label: "<d>", after: " (e)"))));
        Assert.Equal(
            "<a href=\"/n\">on<span class=\"id\">bu-node-1</span></a>", Normal(Written(Cell.Named("/n", "on bu-node-1"))));
        Assert.Equal("<time>Oct 2026</time><br>x<br>", Normal(Written(Cell.Lines([Cell.Time("Oct 2026"), Cell.Words("x")]))));
        Assert.Equal("<span class=\"tag bad\">no</span>", Normal(Written(Cell.Tag("no", good: false))));
        Assert.Equal("", Written(Cell.If(false, () => Cell.Words("x"))));
    }

    /// <summary>Seen to fail with '$1.1', which nobody writes.</summary>
    [Theory]
    [InlineData("1.1", "$1.10")]
    [InlineData("0.0000087890625", "$0.0000087890625")]
    [InlineData("1.803", "$1.803")]
    [InlineData("0", "$0.00")]
    [InlineData("-1234.5", "−$1,234.50")]
    public void A_price_of_one_unit_is_exact_and_has_its_cents(string rate, string shown) => Assert.Equal(
        shown, Show.Rate(decimal.Parse(rate, System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>Seen to fail with twelve months, whose names ran into each other without script and in print.</summary>
    [Fact]
    public void No_label_of_a_chart_touches_the_next() => Assert.All(
        from count in Enumerable.Range(1, 70)
        from label in (string[])["1", "Dec 31", "Nov 2025", "Wed, Dec 31, 2025"]
        select (count, label), one =>
        {
            var drawn = Rendered<PlotDrawing>(("Of", new Plot(
                "p", "P", "Day", [.. Enumerable.Repeat(one.label, one.count)], [new("a", [1])])));
            var at = System.Text.RegularExpressions.Regex.Matches(drawn, "x=\"([0-9.]+)\" y=\"[0-9.]+\" text-anchor=\"middle\"")
                .Select(m => decimal.Parse(m.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture)).ToList();
            Assert.NotEmpty(at);
            Assert.All(at.Zip(at.Skip(1)), pair => Assert.True(
                pair.Second - pair.First > 7 * one.label.Length, $"{one}: {pair}"));
        });

    /// <summary>White space that no reader sees, between and around tags, is left out.</summary>
    private static string Normal(string text) => System.Text.RegularExpressions.Regex.Replace(
        System.Text.RegularExpressions.Regex.Replace(text.Trim(), @"\s+", " "), " ?([<>]) ?", "$1");

    private static string In<T>(Form form, params (string Name, object Value)[] parameters)
        where T : IComponent => Normal(Written(builder =>
        {
            builder.OpenComponent<CascadingValue<Form>>(0);
            builder.AddComponentParameter(1, "Value", form);
            builder.AddComponentParameter(2, "ChildContent", Fragment<T>(parameters));
            builder.CloseComponent();
        }));

    private static string Rendered<T>(params (string Name, object Value)[] parameters)
        where T : IComponent => Written(Fragment<T>(parameters));

    private static string Written(RenderFragment body) => PageRenderer.Text(Http, new(), body);

    private static RenderFragment Fragment<T>((string Name, object Value)[] parameters)
        where T : IComponent => builder =>
        {
            builder.OpenComponent<T>(0);
            foreach (var (name, value) in parameters)
            {
                builder.AddComponentParameter(1, name, value);
            }

            builder.CloseComponent();
        };

    private sealed class Waiting : ComponentBase
    {
        protected override async Task OnInitializedAsync() => await Task.Delay(Timeout.Infinite);
    }

    private sealed class Failing : ComponentBase
    {
        protected override void BuildRenderTree(RenderTreeBuilder builder) => throw new FormatException("No.");
    }
}
