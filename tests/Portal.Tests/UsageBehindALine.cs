using Exchange.Portal.Keys;
using Exchange.Portal.ReadModels;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// The page of a line shows what that line rests on: its resources, units, hours and their sum, as it was billed once it
/// is.
/// </summary>
public class UsageBehindALine
{
    private const string Line = "2026-10:nerc:stack:p-ada:OpenStack CPU";

    /// <summary>
    /// Ada's server of 4 SU ran 240 h: 960 SU-hours, $12.48. Her GPU server is another line, and time for which the
    /// server was paused is in none.
    /// </summary>
    [Fact]
    public async Task A_CPU_line_shows_its_servers_and_no_GPU_before_and_after_the_close()
    {
        await using var serving = await UsedMonth.Start();
        await Tell(serving, "vm-gpu", """{"vcpu":24,"ram_mib":75776,"gpu":1,"gpu_model":"a100"}""", "running", 1);
        await Tell(serving, "vm-ada", """{"vcpu":4,"ram_mib":16384}""", "paused", 13);
        await RateMonths.Run(serving.Exchange, _ => { }, Serving.Ct);
        using var ada = await serving.As("ada");

        var open = await Page(ada, await Cpu(serving));
        Check(open);
        await UsedMonth.Close(serving);
        var closed = await Page(ada, await Cpu(serving));
        Check(closed);

        // What comes later changes nothing of what was billed.
        await Tell(serving, "vm-late", """{"vcpu":4,"ram_mib":16384}""", "running", 20);
        await Tell(serving, "vm-ada", """{"vcpu":8,"ram_mib":32768}""", "running", 1);
        Assert.Equal(Table(closed), Table(await Page(ada, await Cpu(serving))));
        var readings = await Page(ada, $"{(await Cpu(serving)).Replace("/charge?", "/charge/readings?", StringComparison.Ordinal)}" +
            $"&resource={Uri.EscapeDataString("nerc/stack/vm/vm-ada")}");
        Assert.Contains("urn:test", readings, StringComparison.Ordinal);
        using var stranger = await ada.GetAsync(new Uri(
            $"{(await Cpu(serving)).Replace("/charge?", "/charge/readings?", StringComparison.Ordinal)}" +
            $"&resource={Uri.EscapeDataString("nerc/stack/vm/vm-gpu")}", UriKind.Relative), Serving.Ct);
        Assert.Equal(404, (int)stranger.StatusCode);
    }

    private static void Check(string page)
    {
        Assert.Contains("vm-ada", page, StringComparison.Ordinal);
        Assert.DoesNotContain("vm-gpu", page, StringComparison.Ordinal);
        Assert.Contains("Total 960; the line has 960 SU-hour", page, StringComparison.Ordinal);
        Assert.Contains("Only what is running or stopped is billed", page, StringComparison.Ordinal);
        Assert.DoesNotContain("paused</td>", page, StringComparison.Ordinal);
    }

    private static string Table(string page) => page[page.IndexOf("Usage behind the charge", StringComparison.Ordinal)..];

    private static async Task<string> Cpu(Serving serving)
    {
        await using var connection = await serving.Connection();
        await using var command = connection.CreateCommand();
        command.CommandText = "select id from exchange.charge where month = '2026-10' and starts_with(id, $1)";
        command.Parameters.Add(new() { Value = Line });
        return $"/charge?month=2026-10&id={Uri.EscapeDataString((string)(await command.ExecuteScalarAsync(Serving.Ct))!)}";
    }

    private static async Task Tell(Serving serving, string vm, string shape, string state, int day)
    {
        var said = $$"""
            {"specversion":"1.0","id":"{{vm}}-{{state}}-{{day}}","source":"urn:test","type":"exchange.usage.interval.v1",
            "subject":"{{vm}}","time":"2026-10-31T00:00:00Z","data":{"landlord":"nerc","cluster":"stack",
            "project":"p-ada","kind":"vm","from":"2026-10-{{day:00}}T00:00:00Z","to":"2026-10-{{day + 1:00}}T00:00:00Z",
            "state":"{{state}}","shape":{{shape}} } }
            """;
        using var key = await serving.WithKey(KeyScope.Usage, Serving.Nerc);
        using var answer = await key.PostAsync(new Uri("/v1/usage", UriKind.Relative), Serving.Json(
            said.ReplaceLineEndings("") + "\n", "application/x-ndjson"), Serving.Ct);
        Assert.Equal(202, (int)answer.StatusCode);
    }

    private static Task<string> Page(HttpClient client, string address) =>
        client.GetStringAsync(new Uri(address, UriKind.Relative), Serving.Ct);
}
