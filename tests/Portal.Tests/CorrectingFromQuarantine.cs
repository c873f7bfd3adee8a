using System.Net;
using Exchange.Portal.Keys;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// What is set aside because its id was taken with other content can correct what was taken: on its page and at the
/// command line. Case 21: 8 vCPU that were 4.
/// </summary>
public class CorrectingFromQuarantine
{
    [Fact]
    public async Task On_its_page_with_a_reason_and_another_misfit_is_not_offered_it()
    {
        await using var serving = await UsedMonth.Start();
        using var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        using var sent = await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(
            UsedMonth.Event("vm-ben", "p-ben", 4) + UsedMonth.Event("odd", "p-ben", 4)
                .Replace("running", "dreaming", StringComparison.Ordinal), "application/x-ndjson"), Serving.Ct);
        var waiting = await serving.Exchange.Meter.Quarantine("waiting", 9, Serving.Ct);
        Assert.Equal(2, waiting.Count);
        using var opal = await serving.As("operator");
        string Page(bool isOther) =>
            $"/operator/quarantine/{Uri.EscapeDataString(waiting.Single(one => one.IsOtherContent == isOther).Name)}";
        Assert.DoesNotContain("Correct reading", await opal.GetStringAsync(
            new Uri(Page(false), UriKind.Relative), Serving.Ct), StringComparison.Ordinal);
        using var without = await UsedMonth.Submit(opal, Page(true), Page(true), ("do", "correct"), ("reason", " "));
        Assert.Equal(HttpStatusCode.BadRequest, without.StatusCode);
        using var forced = await UsedMonth.Submit(
            opal, Page(false), Page(false), ("do", "correct"), ("reason", "it is so"));
        Assert.Equal(HttpStatusCode.BadRequest, forced.StatusCode);
        Assert.Equal(800, await Vcpu(serving));
        using var done = await UsedMonth.Submit(
            opal, Page(true), Page(true), ("do", "correct"), ("reason", "a zero too many"));
        Assert.Equal(HttpStatusCode.Redirect, done.StatusCode);
        Assert.Equal(4, await Vcpu(serving));
        Assert.Single(await serving.Exchange.Meter.Quarantine("waiting", 9, Serving.Ct));
        Assert.Empty(await serving.Exchange.Meter.Verify(Serving.Ct));
        Assert.Contains("quarantine correct", await opal.GetStringAsync(
            new Uri("/operator/audit", UriKind.Relative), Serving.Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_the_command_line_and_what_two_landlords_report_is_listed()
    {
        using var small = await SmallExchange.Start();
        var file = await small.File("a.ndjson", Event("acme", 8));
        await small.Done($"ingest {file}");
        await small.Done($"ingest {await small.File("b.ndjson", Event("acme", 4))}");
        var name = (await small.Json("quarantine list"))[0].GetProperty("name").GetString();
        Assert.Equal(1, (await small.Line("quarantine correct nothing --reason wrong")).Exit);
        await small.Done($"quarantine correct {name} --reason half-the-size");
        Assert.Contains(
            "40 SU-hour", (await small.Done("rate --month 2026-10")).Output, StringComparison.Ordinal); // 4 for 10 h.
        Assert.Equal(0, (await small.Line("sources twice --month 2026-10")).Exit);
        await small.Done($"ingest {await small.File("c.ndjson", Event("other", 4))}");
        var twice = await small.Line("sources twice --month 2026-10");
        Assert.Equal((1, true), (twice.Exit, twice.Output.Contains("other/c1/pod/x", StringComparison.Ordinal)));
        Assert.Contains("close/reported-twice", (await small.Line("close --month 2026-10")).Output,
            StringComparison.Ordinal);
    }

    private static string Event(string landlord, int vcpu) => $$"""
        {"specversion":"1.0","id":"x","source":"urn:s","type":"exchange.usage.interval.v1","subject":"x",
        "data":{"landlord":"{{landlord}}","cluster":"c1","project":"p","kind":"pod","from":"2026-10-01T00:00:00Z",
        "to":"2026-10-01T10:00:00Z","state":"running","shape":{"vcpu":{{vcpu}},"ram_mib":4096} } }
        """.ReplaceLineEndings("") + "\n";

    private static async Task<decimal> Vcpu(Serving serving) => (await serving.Exchange.Meter.Segments(
        new(UsedMonth.Month.Period, Project: new("p-ben")), Serving.Ct).ToListAsync(Serving.Ct)).Single().Shape.VCpu;
}
