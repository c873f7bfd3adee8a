using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace Exchange.Portal.Tests.Walks;

/// <summary>
/// Somebody who uses pages: follows links that are there, fills in fields that a form has, presses one of its buttons,
/// and reads what came of it. What a page does not offer cannot be done.
/// </summary>
internal sealed partial class Walker(HttpClient client) : IDisposable
{
    private string _html = "";

    /// <summary>Where the page is, as the address bar shows it.</summary>
    public string Address { get; private set; } = "";

    /// <summary>What is to be read on it: no tags, and single blanks between words.</summary>
    public string Text => Blanks().Replace(WebUtility.HtmlDecode(Tags().Replace(Unread().Replace(_html, " "), " ")), " ");

    public async Task<Walker> Go(string address)
    {
        using var answer = await client.GetAsync(new Uri(address, UriKind.Relative), Serving.Ct);
        await See(answer, address);
        Assert.True(answer.IsSuccessStatusCode, $"{address} answered {(int)answer.StatusCode}: {Text}");
        return this;
    }

    /// <summary>Follows the first link with these words.</summary>
    public Task<Walker> Follow(string words)
    {
        var link = Links().Matches(_html).FirstOrDefault(
            one => Blanks().Replace(WebUtility.HtmlDecode(Tags().Replace(one.Groups[2].Value, "")), " ").Trim() == words);
        Assert.True(link is not null, $"No link '{words}' on {Address}: {Text}");
        return Go(WebUtility.HtmlDecode(link.Groups[1].Value));
    }

    /// <summary>Presses a button of the page, with what is typed into the fields of its form.</summary>
    public async Task<Walker> Press(string button, params (string Field, string Value)[] typed)
    {
        using var answer = await Send(button, typed);
        Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.Redirect,
            $"'{button}' on {Address} answered {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(Serving.Ct)}");
        if (answer.Headers.Location is { } to)
        {
            return await Go(to.ToString());
        }

        await See(answer, Address);
        return this;
    }

    /// <summary>The same, and the page says why not.</summary>
    public async Task Refused(string button, string because, params (string Field, string Value)[] typed)
    {
        using var answer = await Send(button, typed);
        Assert.True((int)answer.StatusCode is >= 400 and < 500, $"'{button}' on {Address} was not refused.");
        await See(answer, Address);
        Reads(because);
    }

    public Walker Reads(params string[] words)
    {
        foreach (var one in words)
        {
            Assert.True(Text.Contains(one, StringComparison.Ordinal), $"No '{one}' on {Address}: {Text}");
        }

        return this;
    }

    public Walker NeverReads(params string[] words)
    {
        foreach (var one in words)
        {
            Assert.False(Text.Contains(one, StringComparison.Ordinal), $"'{one}' on {Address}: {Text}");
        }

        return this;
    }

    public void Dispose() => client.Dispose();

    private async Task<HttpResponseMessage> Send(string button, (string Field, string Value)[] typed)
    {
        var (form, pressed) = Forms().Matches(_html)
            .SelectMany(one => Buttons().Matches(one.Value), (form, of) => (form.Value, of))
            .FirstOrDefault(one => Blanks().Replace(
                WebUtility.HtmlDecode(Tags().Replace(one.of.Groups[2].Value, "")), " ").Trim() == button);
        Assert.True(pressed is not null, $"No button '{button}' on {Address}: {Text}");
        var fields = Fields(form);
        foreach (var (field, value) in typed)
        {
            Assert.True(fields.ContainsKey(field), $"The form of '{button}' on {Address} has no field '{field}'.");
            fields[field] = value;
        }

        if (Value(pressed.Groups[1].Value, "name") is { Length: > 0 } name)
        {
            fields[name] = Value(pressed.Groups[1].Value, "value") ?? "";
        }

        var tag = form[..form.IndexOf('>', StringComparison.Ordinal)];
        var action = Value(tag, "action") ?? Address.Split('?')[0];
        using var content = new FormUrlEncodedContent(fields.Where(one => one.Value is not null)!);
        if (Value(tag, "method") == "post")
        {
            return await client.PostAsync(new Uri(action, UriKind.Relative), content, Serving.Ct);
        }

        Address = $"{action}?{await content.ReadAsStringAsync(Serving.Ct)}";
        return await client.GetAsync(new Uri(Address, UriKind.Relative), Serving.Ct);
    }

    /// <summary>What would be sent as the form stands; null for a box that is not checked.</summary>
    private static Dictionary<string, string?> Fields(string form)
    {
        var fields = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (Match one in Inputs().Matches(form))
        {
            var isOff = Value(one.Value, "type") is "checkbox" or "radio" && !Checked().IsMatch(one.Value);
            fields.TryAdd(Value(one.Value, "name") ?? "", isOff ? null : Value(one.Value, "value") ?? "");
        }

        foreach (Match one in Areas().Matches(form))
        {
            fields.TryAdd(Value(one.Groups[1].Value, "name")!, WebUtility.HtmlDecode(one.Groups[2].Value).TrimStart('\n'));
        }

        foreach (Match one in Choices().Matches(form))
        {
            var options = Options().Matches(one.Groups[2].Value).Select(of => of.Groups[1].Value).ToList();
            var chosen = options.Find(of => Selected().IsMatch(of)) ?? (options.Count > 0 ? options[0] : "");
            fields.TryAdd(Value(one.Groups[1].Value, "name")!, Value(chosen, "value") ?? "");
        }

        fields.Remove("");
        return fields;
    }

    private static string? Value(string tag, string name) =>
        Regex.Match(tag, $"(?:^|\\s){name}=\"([^\"]*)\"") is { Success: true } found
            ? WebUtility.HtmlDecode(found.Groups[1].Value) : null;

    private async Task See(HttpResponseMessage answer, string address) =>
        (_html, Address) = (await answer.Content.ReadAsStringAsync(Serving.Ct), address);

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Forms();

    [GeneratedRegex("<button([^>]*)>(.*?)</button>", RegexOptions.Singleline)]
    private static partial Regex Buttons();

    [GeneratedRegex("<input[^>]*>", RegexOptions.Singleline)]
    private static partial Regex Inputs();

    [GeneratedRegex("<textarea([^>]*)>(.*?)</textarea>", RegexOptions.Singleline)]
    private static partial Regex Areas();

    [GeneratedRegex("<select([^>]*)>(.*?)</select>", RegexOptions.Singleline)]
    private static partial Regex Choices();

    [GeneratedRegex("<option([^>]*)>")]
    private static partial Regex Options();

    [GeneratedRegex("\\sselected\\b")]
    private static partial Regex Selected();

    [GeneratedRegex("\\schecked\\b")]
    private static partial Regex Checked();

    [GeneratedRegex("<a\\s[^>]*?href=\"([^\"]*)\"[^>]*>(.*?)</a>", RegexOptions.Singleline)]
    private static partial Regex Links();

    [GeneratedRegex("<(script|style|title)\\b.*?</\\1>", RegexOptions.Singleline)]
    private static partial Regex Unread();

    [GeneratedRegex("<[^>]*>", RegexOptions.Singleline)]
    private static partial Regex Tags();

    [GeneratedRegex("\\s+")]
    private static partial Regex Blanks();
}
