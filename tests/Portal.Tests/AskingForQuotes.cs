using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>/quotes: a plan priced by every landlord that can serve it.</summary>
public partial class AskingForQuotes
{
    private const string Plan = "/quotes?machines=2&form=any&vcpu=4&ram=16&gpus=0&gpu=&fpgas=0&hours=100";

    [Theory]
    [InlineData("ada")]
    [InlineData("subsidy")]
    [InlineData("nerc")]
    [InlineData("finance")]
    public async Task Everyone_who_plans_finds_the_form_by_a_link(string persona)
    {
        await using var serving = await UsedMonth.Start();
        using var client = await serving.As(persona);
        using var start = await client.GetAsync(new Uri("/", UriKind.Relative), Serving.Ct);
        var first = await client.GetStringAsync(start.Headers.Location, Serving.Ct);
        Assert.Contains("href=\"/quotes\"", first, StringComparison.Ordinal);
        var html = await client.GetStringAsync(new Uri("/quotes", UriKind.Relative), Serving.Ct);
        Assert.Contains("<form class=\"act\" method=\"get\" action=\"/quotes\"", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
    }

    /// <summary>2 × 4 SU × 100 hours at $0.013; 500 GiB for as long at $0.0000087890625; 812.5 GiB leave.</summary>
    [Fact]
    public async Task A_plan_is_priced_at_each_place_as_what_is_sold_there_and_what_leaves_is_free()
    {
        var html = await Ask($"{Plan}&storage=500&egress=812.5");
        Assert.Equal(
            ["academic 10.84", "barcelona 10.84", "ocp-prod 10.84", "ocp-test 10.84", "stack 10.84",
                "blockbank-1 4.00"],
            Heads().Matches(html).Select(m => $"{m.Groups[1].Value} {m.Groups[2].Value}"));
        Assert.Contains("5 places sell all of it", html, StringComparison.Ordinal);
        Assert.Contains("OpenStack Volume Storage", html, StringComparison.Ordinal);
        Assert.Contains("OpenShift CPU", html, StringComparison.Ordinal);
        Assert.Contains("href=\"/sheet?id=nerc%2Fopenstack%2F2025-06-01%231\"", html, StringComparison.Ordinal);
        Assert.Contains("812.5 GiB of egress: $0.00.", html, StringComparison.Ordinal);
        Assert.Contains("they would cost $73.13", html, StringComparison.Ordinal);
        Assert.Contains("Not in this offer: No SKU matches", html, StringComparison.Ordinal);
        Assert.Contains("m5.large, a half", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_GPU_is_asked_for_by_a_word_that_every_landlord_of_it_knows()
    {
        var html = await Ask(
            "/quotes?machines=1&form=vm&vcpu=32&ram=240&gpus=1&gpu=a100-sxm4&hours=10&storage=&egress=");
        var all = await Ask("/quotes");
        Assert.Contains("OpenStack GPUA100SXM4", html, StringComparison.Ordinal);
        Assert.Contains("$20.78", html, StringComparison.Ordinal);
        Assert.Equal(
            ["", "p-ada", "", "a100", "a100-sxm4", "a2", "h100", "k80", "v100", "", "fpga bitstream_load"], // And counts.
            Options().Matches(all).Select(m => m.Groups[1].Value).Where(o => o is not ("any" or "vm" or "pod")));
    }

    [Theory]
    [InlineData("hours=0", "hours", "The hours are above 0")]
    [InlineData("hours=745", "hours", "at most 744")]
    [InlineData("hours=1e3", "hours", "not &#x27;1e3&#x27;")]
    [InlineData("hours=10&vcpu=-4", "vcpu", "not &#x27;-4&#x27;")]
    [InlineData("hours=10&machines=1.5&vcpu=1", "machines", "Write a whole number, not")]
    [InlineData("hours=10&machines=1&storage=5", "vcpu", "Say how many, or plan no machines")]
    [InlineData("hours=10&machines=10001&vcpu=1", "machines", "a whole number from 0 to 10000")]
    [InlineData("hours=10&machines=9999999999&vcpu=1", "machines", "Write a whole number")]
    [InlineData("hours=10", "machines", "Nothing is planned yet")]
    [InlineData("hours=10&machines=1&gpus=1&gpu=mystery", "gpu", "Say which GPU")]
    [InlineData("hours=10&egress=99999999999999999999999999999999", "egress", "Write a number from 0 on")]
    [InlineData("hours=%3Cscript%3Ealert(1)", "hours", "&lt;script&gt;alert(1)")]
    public async Task What_is_wrong_stands_beside_its_field_with_what_was_typed(
        string query, string field, string sentence)
    {
        await using var serving = await UsedMonth.Start();
        using var ada = await serving.As("ada");
        using var answer = await ada.GetAsync(new Uri($"/quotes?{query}", UriKind.Relative), Serving.Ct);
        var html = (await answer.Content.ReadAsStringAsync(Serving.Ct))
            .Replace("&#39;", "&#x27;", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var beside = html[html.IndexOf($"id=\"{field}-wrong\"", StringComparison.Ordinal)..];
        Assert.Contains(sentence, beside[..beside.IndexOf("</p>", StringComparison.Ordinal)], StringComparison.Ordinal);
        Assert.Contains(
            $"name=\"hours\" type=\"text\" maxlength=\"20\" value=\"{WebUtility.HtmlEncode(Hours(query))}\"",
            html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nobody_sells_is_said_to_be_sold_by_nobody()
    {
        var html = await Ask("/quotes?machines=1&form=vm&vcpu=4&ram=8&gpus=1&gpu=h100&hours=10");
        Assert.Contains("No landlord sells any of this", html, StringComparison.Ordinal);
    }

    /// <summary>Without '--save' the landlord that was asked for was ignored: all were shown.</summary>
    [Theory]
    [InlineData("--landlord blockbank", "blockbank-1")]
    [InlineData("--landlord nerc --cluster stack", "stack")]
    [InlineData("--cluster ocp-prod", "ocp-prod")]
    [InlineData("--landlord nerc", "academic barcelona ocp-prod ocp-test stack")]
    public async Task On_the_command_line_only_the_place_that_was_asked_for_is_shown(string asked, string clusters)
    {
        await using var serving = await UsedMonth.Start();
        var database = serving.Exchange.Place.Database!;
        var typed = await Typed.Done(
            $"quote --machines 2 --vcpu 4 --ram 16 --hours 100 --storage 500 --at 2026-11-05T12:00:00Z {asked} --json", database);
        using var offers = JsonDocument.Parse(typed.Output);
        Assert.Equal(clusters, string.Join(' ', offers.RootElement.EnumerateArray().Select(
            offer => offer.GetProperty("cluster").GetString()).Order()));
        var none = await Typed.Line(
            "quote --machines 1 --form vm --gpus 1 --gpu v100 --hours 10 --landlord blockbank", database);
        Assert.Equal(ExitCode.Refused, none.Exit);
        Assert.Contains("quote/not-sold", none.Errors, StringComparison.Ordinal);
    }

    private static string Hours(string query) =>
        Uri.UnescapeDataString(query.Split('&').First(q => q.StartsWith("hours=", StringComparison.Ordinal))[6..]);

    private static async Task<string> Ask(string path)
    {
        await using var serving = await UsedMonth.Start();
        using var ada = await serving.As("ada");
        return await ada.GetStringAsync(new Uri(path, UriKind.Relative), Serving.Ct);
    }

    [GeneratedRegex("<h2 id=\"[^\"]+\">[^,]+, ([^:]+): \\$([0-9.,]+)</h2>")]
    private static partial Regex Heads();

    [GeneratedRegex("<option value=\"([^\"]*)\"")]
    private static partial Regex Options();
}
