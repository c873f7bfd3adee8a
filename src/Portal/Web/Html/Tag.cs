namespace Exchange.Portal.Web;

/// <summary>A word about a state, in a color and always also in words.</summary>
internal static class Tag
{
    public static Html Of(string word, bool good) => Of(word, good ? "good" : "bad");

    public static Html Of(string word, string tone) => Html.Of($"""<span class="tag {tone}">{word}</span>""");
}
