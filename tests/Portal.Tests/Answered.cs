using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Exchange.Portal.Tests;

/// <summary>Everything that somebody was answered: each cell of it, and where it stood first.</summary>
internal sealed partial class Answered
{
    public Dictionary<string, string> Cells { get; } = new(StringComparer.Ordinal);

    /// <summary>The whole text, by where it was asked for.</summary>
    public List<(string Where, string Text)> Texts { get; } = [];

    /// <param name="isOwn">Whether it is asked for with one's own names: others are repeated in refusals.</param>
    public async Task Ask(HttpClient client, string path, bool isOwn = true)
    {
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative), Serving.Ct);
        if (isOwn)
        {
            await Take(path, answer);
        }
        else
        {
            Texts.Add((path, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync(Serving.Ct))));
        }
    }

    public async Task Take(string where, HttpResponseMessage answer)
    {
        var bytes = await answer.Content.ReadAsByteArrayAsync(Serving.Ct);
        Take(where, answer.Content.Headers.ContentType?.MediaType ?? "", bytes);
    }

    public void Take(string where, string type, byte[] bytes)
    {
        if (bytes is [(byte)'P', (byte)'K', ..])
        {
            using var zip = new ZipArchive(new MemoryStream(bytes));
            foreach (var entry in zip.Entries)
            {
                using var part = new MemoryStream();
                using (var opened = entry.Open())
                {
                    opened.CopyTo(part);
                }

                Take($"{where} {entry.Name}", entry.Name.EndsWith(".json", StringComparison.Ordinal)
                    ? "application/json" : "text/csv", part.ToArray());
            }

            return;
        }

        var text = Encoding.UTF8.GetString(bytes);
        Texts.Add((where, WebUtility.HtmlDecode(text)));
        IEnumerable<string> cells = type.EndsWith("json", StringComparison.Ordinal)
            ? Leaves(JsonDocument.Parse(text.Length == 0 ? "null" : text).RootElement)
            : type == "text/html"
                ? Pieces().Matches(text).Select(
                    found => WebUtility.HtmlDecode(found.Groups[1].Value + found.Groups[2].Value))
                : text.Split(',', '\n').Select(cell => cell.Trim('"', '\r'));
        foreach (var cell in cells.Select(cell => cell.Trim()).Where(cell => cell.Length > 0))
        {
            Cells.TryAdd(cell, where);
        }
    }

    private static IEnumerable<string> Leaves(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Object => json.EnumerateObject().SelectMany(member => Leaves(member.Value)),
        JsonValueKind.Array => json.EnumerateArray().SelectMany(Leaves),
        JsonValueKind.String => [json.GetString()!],
        _ => [json.GetRawText()],
    };

    /// <summary>What is to be read, and what links and fields hold.</summary>
    [GeneratedRegex(">([^<]+)<|(?:href|value)=\"([^\"]*)\"")]
    private static partial Regex Pieces();
}
