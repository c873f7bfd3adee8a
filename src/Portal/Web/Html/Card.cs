namespace Exchange.Portal.Web;

/// <summary>One figure of a first page: what it is, how much, and a word about it.</summary>
internal static class Card
{
    public static Html Of(string label, string figure, Html note = default) => Html.Of($"""
        <div class="card"><dt>{label}</dt><dd class="figure">{figure}</dd><dd class="note">{note}</dd></div>
        """);

    public static Html Row(params Html[] cards) => Html.Of($"""<dl class="cards">{Html.Join(cards, c => c)}</dl>""");
}
