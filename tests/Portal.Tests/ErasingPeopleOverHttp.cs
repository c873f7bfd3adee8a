using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Exchange.Portal.Keys;
using Exchange.Portal.Mail;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Finance erases a person on its page and by key while the person is signed in; no page and no answer has them.
/// </summary>
public sealed partial class ErasingPeopleOverHttp
{
    private const int MaxPages = 120;

    [Fact]
    public async Task Two_steps_on_the_page_and_nothing_is_left_of_them_on_any_page()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var ben = await serving.As("ben");
        Assert.Equal(HttpStatusCode.OK, await Status(ben, "/pi"));
        using var finance = await serving.As("finance");
        Assert.Contains("ben@mit.edu", await Page(finance, "/finance/month?month=2026-10"), StringComparison.Ordinal);
        var document = new Uri("/invoices/PI-2026-0002.pdf", UriKind.Relative);
        var pdf = await finance.GetByteArrayAsync(document, Serving.Ct);

        var looked = await Send(finance, ("address", "ben@mit.edu"), ("because", "asked"), ("do", "look"));
        Assert.Contains("Nothing was changed", looked, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, await Status(ben, "/pi"));
        var once = await Send(
            finance, ("address", "ben@mit.edu"), ("because", "asked"), ("do", "erase"), ("confirm", "ben"));
        Assert.Contains("Type the address once more", once, StringComparison.Ordinal);
        var done = await Send(
            finance, ("address", "ben@mit.edu"), ("because", "asked"), ("do", "erase"), ("confirm", "ben@mit.edu"));
        Assert.Matches("p-[0-9a-f]{20}", done);

        Assert.NotEqual(HttpStatusCode.OK, await Status(ben, "/pi"));
        Assert.NotEqual(pdf, await finance.GetByteArrayAsync(document, Serving.Ct));
        foreach (var role in (string[])["finance", "nerc", "operator", "subsidy"])
        {
            using var person = await serving.As(role);
            await Crawl(person, role);
        }
    }

    [Fact]
    public async Task A_program_of_finance_erases_once_and_no_answer_has_them_after_it()
    {
        await using var serving = await UsedMonth.Start();
        await UsedMonth.Close(serving);
        using var key = await serving.WithKey(KeyScope.Finance, null);
        var looked = await Post(key, """{"address":"ben@mit.edu","because":"asked","dryRun":true}""");
        Assert.False(looked.GetProperty("isDone").GetBoolean());
        var done = await Post(key, """{"address":"ben@mit.edu","because":"asked","dryRun":false}""");
        Assert.True(done.GetProperty("isDone").GetBoolean());
        Assert.True(done.GetProperty("documents").GetInt32() > 0);
        using var unknown = await key.PostAsync(
            new Uri("/v1/people/erase", UriKind.Relative), Body("""{"address":"ben@mit.edu","because":"again"}"""),
            Serving.Ct);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, unknown.StatusCode);

        using var read = await serving.WithKey(KeyScope.Read, null);
        foreach (var (client, path) in ((HttpClient, string)[])[
            (key, "/v1/people/erased"), (key, "/v1/accounts"), (key, "/v1/settings"),
            (key, "/v1/ledger/entries?month=2026-10"),
            (read, "/v1/charges?month=2026-10"), (read, "/v1/invoices?month=2026-10"), (read, "/v1/projects"),
            (read, "/v1/exports/focus?month=2026-10"), (read, "/v1/search?q=ben"),
            (read, "/v1/costs?month=2026-10&by=pi")])
        {
            var answer = await Page(client, path);
            Assert.False(answer.Contains("ben@mit.edu", StringComparison.OrdinalIgnoreCase), $"{path}: {answer}");
        }

        var settings = MailSettings.Parse("smtp://127.0.0.1:25?from=billing@example.org");
        await QueueMail.Run(serving.Exchange, settings, UsedMonth.Month, Serving.Ct);
        await using var connection = await serving.Exchange.Database.OpenConnectionAsync(Serving.Ct);
        var queued = await Outbox.List(connection, 100, Serving.Ct);
        Assert.Contains(queued, one => one.Recipient == "ada@bu.edu");
        Assert.DoesNotContain(queued, one => one.Recipient.Contains("erased", StringComparison.Ordinal));
    }

    private static async Task Crawl(HttpClient person, string role)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var next = new Queue<string>(["/", "/search?q=ben", "/finance/month?month=2026-10", "/landlord?month=2026-10"]);
        while (next.TryDequeue(out var path) && seen.Count < MaxPages)
        {
            if (!seen.Add(path))
            {
                continue;
            }

            var html = await Page(person, path);
            Assert.False(html.Contains("ben@mit.edu", StringComparison.OrdinalIgnoreCase), $"{role} {path}: {html}");
            Assert.False(html.Contains("ben%40mit.edu", StringComparison.OrdinalIgnoreCase), $"{role} {path}: {html}");
            Followed().Matches(html).Select(match => WebUtility.HtmlDecode(match.Groups[1].Value))
                .Where(link => link.StartsWith('/') && !link.StartsWith("/assets", StringComparison.Ordinal)).ToList()
                .ForEach(next.Enqueue);
        }

        Assert.True(seen.Count > 3, $"{role} saw {seen.Count} pages.");
    }

    private static async Task<string> Send(HttpClient finance, params (string Name, string Value)[] fields)
    {
        using var answer = await UsedMonth.Submit(finance, "/finance/people", "/finance/people", fields);
        return answer.IsSuccessStatusCode || answer.StatusCode == HttpStatusCode.BadRequest
            ? await answer.Content.ReadAsStringAsync(Serving.Ct)
            : await Page(finance, "/finance/people");
    }

    private static StringContent Body(string json) => new(json, null, "application/json");

    private static async Task<JsonElement> Post(HttpClient key, string body)
    {
        using var answer = await key.PostAsync(new Uri("/v1/people/erase", UriKind.Relative), Body(body), Serving.Ct);
        var text = await answer.Content.ReadAsStringAsync(Serving.Ct);
        Assert.True(answer.IsSuccessStatusCode, text);
        return JsonDocument.Parse(text).RootElement;
    }

    private static async Task<string> Page(HttpClient person, string path)
    {
        using var answer = await person.GetAsync(new Uri(path, UriKind.Relative), Serving.Ct);
        return await answer.Content.ReadAsStringAsync(Serving.Ct);
    }

    private static async Task<HttpStatusCode> Status(HttpClient person, string path)
    {
        using var answer = await person.GetAsync(new Uri(path, UriKind.Relative), Serving.Ct);
        return answer.StatusCode;
    }

    [GeneratedRegex("href=\"([^\"#]+)")]
    private static partial Regex Followed();
}
