using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using Exchange.Portal.Keys;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Every field of every form that any role is shown, found by following links, is typed into by somebody who means no
/// good. Seen to fail with NUL in a field, which was a fault of ours.
/// </summary>
public partial class HostileForms(HostileForms.World world) : IClassFixture<HostileForms.World>
{
    /// <summary>A form of a page: who was shown it, and what its fields hold.</summary>
    internal sealed record Found(string Persona, string Page, string Action, bool IsPost, string Html)
    {
        public IReadOnlyList<(string Name, string Value)> Fields { get; } =
        [
            .. Inputs().Matches(Html)
                .Select(m => (m.Groups["name"].Value, WebUtility.HtmlDecode(m.Groups["value"].Value))),
            .. Selects().Matches(Html).Select(m => (m.Groups["name"].Value, m.Groups["first"].Value)),
            .. Areas().Matches(Html)
                .Select(m => (m.Groups["name"].Value, WebUtility.HtmlDecode(m.Groups["text"].Value))),
            .. Buttons().Matches(Html).Take(1).Select(m => (m.Groups["name"].Value, m.Groups["value"].Value)),
        ];
    }

    [Fact]
    public async Task Do_nothing_by_halves_tell_it_beside_the_field_and_keep_what_was_typed()
    {
        var (serving, forms) = world;
        Assert.True(forms.Count(f => f.IsPost) >= 12, $"Only {forms.Count(f => f.IsPost)} forms were found.");
        var fields = 0;
        foreach (var of in forms.GroupBy(form => form.Persona))
        {
            using var client = await serving.As(of.Key);
            foreach (var found in of)
            {
                var form = await Again(client, found);
                foreach (var (name, _) in found.Fields.Where(f => f.Name is not "form-token" && !IsOneOfMany(f.Name)))
                {
                    foreach (var (what, encoded) in Typed($"{name} of {Kind(found.Action)}"))
                    {
                        if (form is not null && await Type(serving, client, form, name, what, encoded))
                        {
                            form = await Again(client, found);
                        }
                    }

                    fields++;
                }
            }
        }

        Assert.True(fields > 100, $"Only {fields} fields were typed into.");
    }

    [Fact]
    public async Task Without_their_token_or_with_another_s_do_nothing()
    {
        var (serving, forms) = world;
        using var stranger = await serving.As("ben");
        var html = await stranger.GetStringAsync(new Uri("/pi/budget", UriKind.Relative), Serving.Ct);
        var token = Uri.EscapeDataString(WebUtility.HtmlDecode(
            Inputs().Matches(html).First(m => m.Groups["name"].Value == "form-token").Groups["value"].Value));
        foreach (var form in forms.Where(f => f.IsPost))
        {
            using var client = await serving.As(form.Persona);
            foreach (var forged in Draws.Of([null, "", "abc", token], $"{Kind(form.Action)} {form.Persona}"))
            {
                var before = await Events(serving);
                var fields = form.Fields.Where(f => f.Name != "form-token")
                    .Select(f => (f.Name, Uri.EscapeDataString(f.Value)));
                using var content = Hostile.Form(
                    forged is null ? fields : fields.Append(("form-token", forged)));
                using var answer = await client.PostAsync(new Uri(form.Action, UriKind.Relative), content, Serving.Ct);
                Assert.Equal((form.Action, HttpStatusCode.BadRequest), (form.Action, answer.StatusCode));
                Assert.Equal(before, await Events(serving));
            }
        }
    }

    /// <summary>What is typed into a field: in a short run some of it, and into other fields something else.</summary>
    private static IReadOnlyList<(string What, string? Encoded)> Typed(string field) => Draws.Of(
        [.. Hostile.Values.Select(value => (value.What, (string?)value.Encoded)), ("nothing at all", null)], field, few: 2);

    /// <summary>The form as its page shows it now, to this client; null when it is there no more.</summary>
    private static async Task<Found?> Again(HttpClient client, Found form)
    {
        using var answer = await client.GetAsync(new Uri(form.Page, UriKind.Relative), Serving.Ct);
        var html = await answer.Content.ReadAsStringAsync(Serving.Ct);
        var names = form.Fields.Select(f => f.Name);
        return Whole().Matches(html).Select(m => form with { Html = m.Value }).Select(f => new Found(
            f.Persona, f.Page, f.Action, f.IsPost, f.Html)).FirstOrDefault(f => f.Fields.Select(of => of.Name)
            .SequenceEqual(names) && (!f.IsPost || f.Html.Contains(f.Action, StringComparison.Ordinal)));
    }

    /// <returns>Whether something was done, so that the form is an old one now.</returns>
    private static async Task<bool> Type(
        Serving serving, HttpClient client, Found form, string name, string what, string? encoded)
    {
        var fields = form.Fields.Where(f => f.Name != name).Select(f => (f.Name, Uri.EscapeDataString(f.Value)));
        if (encoded is not null)
        {
            fields = fields.Append((name, encoded));
        }

        var say = $"{what} in '{name}' of {form.Action} on {form.Page}";
        if (!form.IsPost)
        {
            var query = string.Join('&', fields.Select(f => $"{Uri.EscapeDataString(f.Item1)}={f.Item2}"));
            if (query.Length < 8_000)
            {
                using var got = await client.GetAsync(new Uri($"{form.Action}?{query}", UriKind.Relative), Serving.Ct);
                await Hostile.Check(got, say);
            }

            return false;
        }

        var before = await Events(serving);
        using var content = Hostile.Form(fields);
        using var answer = await client.PostAsync(new Uri(form.Action, UriKind.Relative), content, Serving.Ct);
        var body = await Hostile.Check(answer, say);
        if ((int)answer.StatusCode < 400)
        {
            return true; // It was taken as the text that it is.
        }

        Assert.True(before == await Events(serving), $"{say} is refused and yet did something.");
        var isShown = form.Html.Contains($"id=\"{name}\"", StringComparison.Ordinal) &&
            !form.Html.Contains($"name=\"{name}\" type=\"file\"", StringComparison.Ordinal);
        if (answer.StatusCode == HttpStatusCode.BadRequest && isShown &&
            !what.Contains("UTF-8", StringComparison.Ordinal) &&
            !what.Contains("NUL", StringComparison.Ordinal) && !what.Contains("surrogate", StringComparison.Ordinal))
        {
            Assert.True(body.Contains("-wrong\"", StringComparison.Ordinal), $"{say} has no sentence beside a field.");
            var typed = Uri.UnescapeDataString(encoded ?? "").ReplaceLineEndings("\n");
            Assert.True(
                WebUtility.HtmlDecode(body).ReplaceLineEndings("\n").Contains(typed, StringComparison.Ordinal) ||
                form.Html.Contains("<select id=\"" + name, StringComparison.Ordinal), $"{say} is not kept.");
        }

        return false;
    }

    /// <summary>Tables bring the same fields to every page; one of each kind is enough.</summary>
    private static bool IsOneOfMany(string name) =>
        name.EndsWith(".size", StringComparison.Ordinal) || name.EndsWith(".in", StringComparison.Ordinal) ||
        (name.EndsWith(".q", StringComparison.Ordinal) && name != "lines.q");

    /// <summary>A server over a month that is closed, and the forms that are found on its pages.</summary>
    public sealed class World : IAsyncLifetime
    {
        private Serving? _serving;
        private IReadOnlyList<Found> _forms = [];

        public async ValueTask InitializeAsync()
        {
            _serving = await Filled();
            _forms = await Forms(_serving);
        }

        internal void Deconstruct(out Serving serving, out IReadOnlyList<Found> forms) => (serving, forms) = (_serving!, _forms);

        public ValueTask DisposeAsync() => _serving?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    private static async Task<Serving> Filled()
    {
        var serving = await UsedMonth.Start();
        using (var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc))
        using (await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(
            UsedMonth.Event("odd", "p-ada", 2).Replace("running", "dreaming", StringComparison.Ordinal),
            "application/x-ndjson"), Serving.Ct))
        {
            await UsedMonth.Close(serving);
        }

        return serving;
    }

    /// <summary>Follows every kind of link of everybody.</summary>
    private static async Task<IReadOnlyList<Found>> Forms(Serving serving)
    {
        var found = new Dictionary<string, Found>();
        foreach (var persona in Serving.People.DistinctBy(p => p.Viewer.Role).Select(p => p.Id))
        {
            using var client = await serving.As(persona);
            using var start = await client.GetAsync(new Uri("/", UriKind.Relative), Serving.Ct);
            var waiting = new Queue<string>([start.Headers.Location!.ToString()]);
            var taken = new HashSet<string>();
            while (waiting.TryDequeue(out var page))
            {
                if (!taken.Add(Kind(page)))
                {
                    continue;
                }

                using var answer = await client.GetAsync(new Uri(page, UriKind.Relative), Serving.Ct);
                if (answer.Content.Headers.ContentType?.MediaType != "text/html")
                {
                    continue;
                }

                var html = await answer.Content.ReadAsStringAsync(Serving.Ct);
                foreach (Match link in Links().Matches(html))
                {
                    var href = WebUtility.HtmlDecode(link.Groups[1].Value);
                    waiting.Enqueue(href.StartsWith('?') ? page.Split('?')[0] + href : href);
                }

                foreach (Match form in Whole().Matches(html)
                    .Where(m => !m.Value.Contains("/sign-out", StringComparison.Ordinal)))
                {
                    var isPost = form.Value.Contains("method=\"post\"", StringComparison.Ordinal);
                    var action = Action().Match(form.Value) is { Success: true } named
                        ? WebUtility.HtmlDecode(named.Groups[1].Value) : page.Split('?')[0];
                    var one = new Found(persona, page, action, isPost, form.Value);
                    found.TryAdd($"{Kind(action)} {string.Join(' ', one.Fields.Select(f => f.Name))} " +
                        $"{form.Value.Contains("discard", StringComparison.Ordinal)}", one);
                }
            }
        }

        return [.. found.Values];
    }

    private static string Kind(string path) => Numbered().Replace(path.Split('?')[0], "/#");

    private static async Task<long> Events(Serving serving)
    {
        await using var command = serving.Exchange.Database.CreateCommand(
            "select count(*) from journal.event where stream not like 'audit%'");
        return Convert.ToInt64(await command.ExecuteScalarAsync(Serving.Ct), CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("<form.*?</form>", RegexOptions.Singleline)]
    private static partial Regex Whole();

    [GeneratedRegex("<form[^>]* action=\"([^\"]*)\"")]
    private static partial Regex Action();

    [GeneratedRegex("<a [^>]*?href=\"((?:/|\\?)[^\"#]*)\"")]
    private static partial Regex Links();

    [GeneratedRegex("<input(?=[^>]* name=\"(?<name>[^\"]*)\")(?:(?=[^>]* value=\"(?<value>[^\"]*)\"))?[^>]*>")]
    private static partial Regex Inputs();

    [GeneratedRegex("<select[^>]* name=\"(?<name>[^\"]*)\".*?<option " +
        "value=\"(?<first>[^\"]*)\"", RegexOptions.Singleline)]
    private static partial Regex Selects();

    [GeneratedRegex("<textarea[^>]* name=\"(?<name>[^\"]*)\"[^>]*>(?<text>.*?)</textarea>", RegexOptions.Singleline)]
    private static partial Regex Areas();

    [GeneratedRegex("<button[^>]* name=\"(?<name>[^\"]*)\" value=\"(?<value>[^\"]*)\"")]
    private static partial Regex Buttons();

    [GeneratedRegex(@"/[^/]*(\d|%)[^/]*")]
    private static partial Regex Numbered();
}
