using System.Globalization;
using System.Text.RegularExpressions;
using Exchange.Metering;
using Exchange.Portal.Keys;
using Exchange.Portal.ReadModels;
using Exchange.Portal.Spend;
using Exchange.Portal.Web;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>A PI sees which resources cost most, and GPUs that do little.</summary>
public partial class MostExpensive
{
    [Fact]
    public async Task A_line_is_shared_over_its_resources_by_use_to_the_cent_and_only_the_PI_s_own_are_shown()
    {
        await using var serving = await UsedMonth.Start();
        using var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        using var sent = await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(
            UsedMonth.Event("vm-much", "p-ada", 340), "application/x-ndjson"), Serving.Ct);
        await RateMonths.Run(serving.Exchange, _ => { }, Serving.Ct);
        using var ada = await serving.As("ada");
        var csv = await ada.GetStringAsync(
            new Uri("/pi/resources?month=2026-10&csv=resources", UriKind.Relative), Serving.Ct);
        var rows = csv.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(["vm-much", "vm-ada"], rows.Skip(1).Select(row => row.Split(',')[0]));
        Assert.EndsWith(",1060.8", rows[1], StringComparison.Ordinal);
        Assert.EndsWith(",12.48", rows[2], StringComparison.Ordinal);
        Assert.Contains("\"340 vCPU, 1,360 GiB\"",
            csv, StringComparison.Ordinal);
        Assert.DoesNotContain("vm-ben", csv, StringComparison.Ordinal);
        var page = await ada.GetStringAsync(new Uri("/pi/resources?month=2026-10", UriKind.Relative), Serving.Ct);
        Assert.Contains("no GPU was used", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_page_shows_the_five_that_cost_most_as_the_list_of_all_has_them_and_idle_GPUs()
    {
        await using var serving = await UsedMonth.Start();
        using var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        var events = Enumerable.Range(1, 7).Select(i => UsedMonth.Event($"vm-{i}", "p-ada", i % 4 * 10 + 7))
            .Append(Gpu("vm-a100", 2)).Append(Gpu("vm-idle", 1))
            .Append(Busy("GPU-1", 36_000)).Append(UsedMonth.Event("vm-ben-large", "p-ben", 1_000));
        using var sent = await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(
            string.Concat(events), "application/x-ndjson"), Serving.Ct);
        Assert.Equal("{\"accepted\":11,\"duplicate\":0,\"quarantined\":0}", await sent.Content.ReadAsStringAsync(
            Serving.Ct));
        await RateMonths.Run(serving.Exchange, _ => { }, Serving.Ct);
        using var ada = await serving.As("ada");
        var all = (await ada.GetStringAsync(
            new Uri("/pi/resources?month=2026-10&csv=resources", UriKind.Relative), Serving.Ct))
            .Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(row => row.Split(',')).ToList();
        Assert.Equal(10, all.Count);

        var page = await ada.GetStringAsync(new Uri("/pi?month=2026-10", UriKind.Relative), Serving.Ct);
        var shown = Costs().Matches(page[page.IndexOf("The resources that cost most", StringComparison.Ordinal)..])
            .Select(m => (m.Groups[1].Value, decimal.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture))).Take(5);

        Assert.Equal(all.Take(5).Select(row => (row[0], decimal.Parse(row[^1], CultureInfo.InvariantCulture))), shown);
        Assert.DoesNotContain("vm-ben", page, StringComparison.Ordinal);
        Assert.Contains("OpenStack GPUA100", page, StringComparison.Ordinal);

        // Three GPUs for ten days; one of them worked for ten hours.
        Assert.Contains("<td class=\"n\" data-label=\"Held, hours\">720</td>", page, StringComparison.Ordinal);
        Assert.Contains("1.4 %", page, StringComparison.Ordinal);
        Assert.Contains("The GPUs of one project were busy", page, StringComparison.Ordinal);
    }

    [GeneratedRegex("<td[^>]*><a href=\"/charge[^\"]*\">([^<]*)</a></td>.*?<td class=\"n\"[^>]*>\\$([0-9.,]*)</td>",
        RegexOptions.Singleline)]
    private static partial Regex Costs();

    private static string Gpu(string vm, int gpus) => UsedMonth.Event(vm, "p-ada", 24 * gpus).Replace(
        "\"shape\":{", $"\"shape\":{{\"gpu\":{gpus},\"gpu_model\":\"a100\",", StringComparison.Ordinal);

    private static string Busy(string gpu, int seconds) => $$$"""
        {"specversion":"1.0","id":"{{{gpu}}}","source":"urn:test","type":"exchange.usage.count.v1","subject":"{{{gpu}}}",
        "time":"2026-10-11T00:00:00Z","data":{"landlord":"nerc","cluster":"stack","project":"p-ada","kind":"gpu",
        "meter":"gpu_busy_seconds","quantity":{{{seconds}}}}}
        """.ReplaceLineEndings("") + "\n";

    [Theory]
    [InlineData("""{"vcpu":"8","ram_mib":"32768"}""", "8 vCPU, 32 GiB")]
    [InlineData("""{"gpu":"1","gpu_model":"a100","vcpu":"24","ram_mib":"512"}""", "24 vCPU, 512 MiB, 1 GPU a100")]
    [InlineData("""{"storage_gib":"1500","node":"n1"}""", "1,500 GiB of storage, node n1")]
    [InlineData("{}", "")]
    public void A_shape_is_said_in_words(string shape, string words) =>
        Assert.Equal(words, ShapeWords.Of(Shape.Parse(shape, null)));

    [Theory]
    [InlineData(10, 1, 10.0)]
    [InlineData(10, 30, 100.0)]
    [InlineData(0, 1, null)]
    [InlineData(10, null, null)]
    public void How_busy_GPUs_were_is_a_share_of_the_time_they_were_held(int held, int? busy, double? share) =>
        Assert.Equal((decimal?)share, new GpuSpend(
        Serving.Ada, Serving.Nerc, new("stack"), new("p-ada"), "Ada's", held, busy, Money.Zero).Share);
}
