using Exchange.Portal.Web;
using Exchange.Portal.Web.Components;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Rendering;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>A component is rendered once, as text, and says the same as the piece that was written as a string.</summary>
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
    public void What_waits_is_refused_instead_of_shown_in_part() =>
        Assert.Throws<InvalidOperationException>(() => Rendered<Waiting>());

    [Fact]
    public void What_fails_fails() => Assert.Throws<FormatException>(() => Rendered<Failing>());

    [Fact]
    public void A_page_needs_what_was_rendered_in_it_and_nothing_that_somebody_wrote()
    {
        Listing<string> Words(params string[] rows) => new("words", "Words", rows, [Column<string>.Words("Word", w => w)], "None.");
        Assert.Equal(PageNeeds.Tables, Parts.Of<DataTable>(Http, "Of", Words("a")).Needs);
        Assert.Equal(PageNeeds.None, Parts.Of<DataTable>(Http, "Of", Words()).Needs);
        Assert.Equal(PageNeeds.Charts, Parts.Of<Piece>(Http, "Of", Html.Of($"<p></p>").Needing(PageNeeds.Charts)).Needs);
        Assert.Equal(PageNeeds.None, Parts.Of<PageHeader>(Http, "Title", "<div data-listing class=\"chart\">").Needs);
    }

    [Fact]
    public void A_text_keeps_its_first_line_break() => Assert.Contains(
        ">\n&#xA;name: a</textarea>", Rendered<ReviewedText>(("Name", "t"), ("Label", "Text"), ("Text", "\nname: a")),
        StringComparison.Ordinal);

    public static TheoryData<string, string, string> Typed => new()
    {
        { "", "", "" },
        { "2026", "", "The year, <four> digits." },
        { "x\"y", "'x\"y' is no year.", "" },
        { " ", "It is missing.", "The year." },
    };

    /// <summary>The page of a form looks the same, whoever wrote it: fields, hints, messages and what describes what.</summary>
    [Theory, MemberData(nameof(Typed))]
    public void Fields_are_those_of_forms_that_are_written_as_strings(string typed, string wrong, string hint)
    {
        var form = new Form(typed.Length == 0 ? new Dictionary<string, StringValues>() : new() { ["year"] = typed });
        if (wrong.Length > 0)
        {
            form.Wrong("year", wrong);
        }

        Same(form.Input("year", "Year", hint, longest: 4), In<TextField>(
            form, ("Name", "year"), ("Label", "Year"), ("Hint", hint), ("Longest", 4)));
        Same(form.Area("year", "Year", hint, otherwise: "1\n2"), In<TextArea>(
            form, ("Name", "year"), ("Label", "Year"), ("Hint", hint), ("Otherwise", "1\n2")));
        Same(form.Choice("year", "Year", [("2025", "last"), ("2026", "this")], "2025"), In<ChoiceField>(
            form, ("Name", "year"), ("Label", "Year"), ("Otherwise", "2025"),
            ("Options", (IEnumerable<(string, string)>)[("2025", "last"), ("2026", "this")])));
        Same(form.Box("year", "2026", "This"), In<TickField>(form, ("Name", "year"), ("Label", "This"), ("Value", "2026")));
        Same(form.Summary(), In<FormSummary>(form));
    }

    [Fact]
    public void Tables_are_those_that_are_written_as_strings()
    {
        Column<string>[] columns =
        [
            Column<string>.Words("Name", w => w), new("", w => Html.Of($"<b>{w}</b>")),
            Column<string>.Number("Length", w => (decimal)w.Length) with { IsExtra = true },
        ];
        string[] rows = ["bu-node-1, bu-node-12", "PI-2026-0001", "a & b", ""];
        var foot = Table.Foot("Total", 2, "4");
        Same(Table.Of("Words & names", rows, columns, "None.", foot), new(Rendered<PlainTable>(
            ("Of", new TableOf<string>("Words & names", rows, columns, "None.") { Totals = foot }))));
        Same(Table.Of("Words", [], columns, "None."), new(Rendered<PlainTable>(
            ("Of", new TableOf<string>("Words", [], columns, "None.")))));
    }

    private static void Same(Html written, MarkupString rendered) =>
        Assert.Equal(Normal(written.Text), Normal(rendered.Value));

    /// <summary>White space that no reader sees, between and around tags, is left out.</summary>
    private static string Normal(string text) => System.Text.RegularExpressions.Regex.Replace(
        System.Text.RegularExpressions.Regex.Replace(text.Trim(), @"\s+", " "), " ?([<>]) ?", "$1");

    private static MarkupString In<T>(Form form, params (string Name, object Value)[] parameters)
        where T : IComponent => new(Parts.Of(Http, builder =>
        {
            builder.OpenComponent<CascadingValue<Form>>(0);
            builder.AddComponentParameter(1, "Value", form);
            builder.AddComponentParameter(2, "ChildContent", Fragment<T>(parameters));
            builder.CloseComponent();
        }).Text);

    private static string Rendered<T>(params (string Name, object Value)[] parameters)
        where T : IComponent => Parts.Of(Http, Fragment<T>(parameters)).Text;

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
