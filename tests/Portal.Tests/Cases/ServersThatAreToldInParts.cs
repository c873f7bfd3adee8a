using Xunit;

namespace Exchange.Portal.Tests.Cases;

/// <summary>
/// Servers of 4 vCPU and 16 GiB (4 SU) and of one vCPU and 4 GiB (1 SU), at 0.013 an SU-hour, of which what Nova says
/// has holes: launches that move, and rows that were archived.
/// </summary>
public sealed class ServersThatAreToldInParts
{
    private const string OfNova = "--landlord nerc --cluster stack --format openstack-notifications";
    private const string OfDatabase = "--landlord nerc --cluster stack --format nova-db";

    private const string Tables = """
        CREATE TABLE `{0}instances` (`created_at` datetime, `uuid` varchar(36), `project_id` varchar(255), `memory_mb` int, `vcpus` int, `launched_at` datetime, `deleted_at` datetime, `deleted` int);
        CREATE TABLE `{0}instance_extra` (`instance_uuid` varchar(36), `pci_requests` text);
        CREATE TABLE `{0}instance_actions` (`id` int, `created_at` datetime, `action` varchar(255), `instance_uuid` varchar(36), `message` varchar(255));

        """;

    /// <summary>Six hours at 4 SU are 24 SU-hours, 0.312; October's 744 hours are 2976, 38.688.</summary>
    [Theory]
    [InlineData("rebuild", 2)]
    [InlineData("live_migration._post", 0)]
    [InlineData("resize.confirm", 5)]
    [InlineData(null, 3)]
    public async Task A_launch_that_moves_is_no_new_server(string? act, int hour)
    {
        using var exchange = await PricedExchange.Start();
        var audits = Enumerable.Range(0, 6).Select(i => Audit($"h{i}", "p-hourly", "srv-h",
            (1, i), (1, i + 1), i < hour ? (9, 30, 22, 1) : (10, 1, hour, 50)));
        var events = act is null ? [] : (string[])[$$"""
            {"event_type":"compute.instance.{{act}}.end","message_id":"act","timestamp":"2026-10-01 {{hour:00}}:50:00","payload":{"tenant_id":"p-hourly","instance_id":"srv-h","state":"active","vcpus":4,"memory_mb":16384,"instance_type":"cpu-su.4","created_at":"2026-09-30 22:00:00","deleted_at":"","launched_at":"2026-10-01 {{hour:00}}:50:00"} }
            """, """
            {"event_type":"compute.instance.delete.end","message_id":"end","timestamp":"2026-10-01 06:00:00","payload":{"tenant_id":"p-hourly","instance_id":"srv-h","state":"deleted","vcpus":4,"memory_mb":16384,"instance_type":"cpu-su.4","created_at":"2026-07-30 22:00:00","deleted_at":"2026-10-01 06:00:00","launched_at":"2026-09-30 22:01:00"} }
            """];
        var month = new[]
        {
            Audit("m9", "p-monthly", "srv-m", (-29, 0), (1, 0), (9, 30, 22, 1)),
            Audit("m10", "p-monthly", "srv-m", (1, 0), (32, 0), (10, 20, hour, 7)),
        };
        await exchange.Ingest(OfNova, string.Join('\n', audits.Concat(events)), string.Join('\n', month));
        Assert.Equal(["p-hourly 0.31", "p-monthly 38.69"], await exchange.Charges());
        Assert.Empty(await exchange.Waiting());
    }

    /// <summary>1 to 6 October are 120 SU-hours, 1.56; 7 to 8 October are 24, 0.312; all of October 744, 9.672.</summary>
    [Fact]
    public async Task A_server_whose_row_was_archived_ended_when_the_shadow_says()
    {
        using var exchange = await PricedExchange.Start();
        await exchange.Ingest(OfDatabase, Table("") + Server("", "aa", "p-stays", 1, null) +
            Server("", "bb", "p-archived", 1, null));
        await exchange.Ingest(OfDatabase, Table("") + Table("shadow_") + Server("", "aa", "p-stays", 1, null) +
            Server("shadow_", "bb", "p-archived", 1, 6) + Server("shadow_", "cc", "p-between", 7, 8));
        Assert.Equal(["p-archived 1.56", "p-between 0.31", "p-stays 9.67"], await exchange.Charges());
        Assert.Equal(["p-stays"], (await exchange.Charges("2026-11")).Select(one => one.Split(' ')[0]));
        Assert.Empty(await exchange.Waiting());
    }

    /// <summary>Purged, not archived: nothing says when it ended, so somebody decides before the close.</summary>
    [Fact]
    public async Task A_server_that_no_dump_mentions_any_more_waits_and_stands_on_the_close()
    {
        using var exchange = await PricedExchange.Start();
        await exchange.Ingest(OfDatabase, Table("") + Server("", "aa", "p-stays", 5, null) +
            Server("", "bb", "p-purged", 1, null));
        await exchange.Ingest(OfDatabase, Table("") + Server("", "aa", "p-stays", 5, null));
        Assert.Equal(["dump/left-out"], await exchange.Waiting());
        Assert.Contains("dump/left-out", (await exchange.Line("close --month 2026-10")).Output + (await exchange.Line(
            "quarantine list")).Output, StringComparison.Ordinal);
        using var list = System.Text.Json.JsonDocument.Parse((await exchange.Done("quarantine list --json")).Output);
        await exchange.Done($"quarantine release {list.RootElement[0].GetProperty("name").GetString()}");
        // It was last seen in the first dump, which is of the 5th: four days of 24 SU-hours.
        Assert.Contains("p-purged 1.25", await exchange.Charges());
    }

    /// <summary>Another region of the same cloud is no answer to what became of this one's servers.</summary>
    [Fact]
    public async Task A_dump_of_another_cluster_and_one_without_servers_end_nothing()
    {
        using var exchange = await PricedExchange.Start();
        var dump = Table("") + Server("", "aa", "p-stays", 1, null);
        await exchange.Ingest(OfDatabase, dump);
        await exchange.Ingest("--landlord nerc --cluster elsewhere --format nova-db",
            Table("") + Server("", "zz", "p-other", 2, null));
        var empty = await exchange.Ingest(OfDatabase, Table(""));
        Assert.Contains("nova/no-instances", empty.Errors, StringComparison.Ordinal);
        Assert.Empty(await exchange.Waiting());
        Assert.Contains("p-stays 9.67", await exchange.Charges());
    }

    private static string Audit(
        string id, string project, string server, (int Day, int Hour) from, (int Day, int Hour) to,
        (int Month, int Day, int Hour, int Minute) launched) => $$"""
        {"event_type":"compute.instance.exists","message_id":"{{id}}","timestamp":"{{At(to)}}","payload":{"tenant_id":"{{project}}","instance_id":"{{server}}","state":"active","vcpus":4,"memory_mb":16384,"instance_type":"cpu-su.4","created_at":"2026-07-30 22:00:00","launched_at":"2026-{{launched.Month:00}}-{{launched.Day:00}} {{launched.Hour:00}}:{{launched.Minute:00}}:00","deleted_at":"","audit_period_beginning":"{{At(from)}}","audit_period_ending":"{{At(to)}}"} }
        """;

    /// <summary>An hour of a day counted from the first of October.</summary>
    private static string At((int Day, int Hour) at) => (NodaTime.Instant.FromUtc(2026, 10, 1, 0, 0) +
        NodaTime.Duration.FromDays(at.Day - 1) + NodaTime.Duration.FromHours(at.Hour))
        .ToString("uuuu-MM-dd HH:mm:ss", null);

    private static string Table(string prefix) => Tables.Replace("{0}", prefix, StringComparison.Ordinal);

    private static string Server(string prefix, string uuid, string project, int from, int? to)
    {
        var ended = to is { } day ? $"'2026-10-{day:00} 00:00:00',{from}" : "NULL,0";
        var acts = $"INSERT INTO `{prefix}instance_actions` VALUES ({uuid[0] + 0},'2026-10-{from:00} 00:00:00','create','{uuid}',NULL);\n";
        return $"INSERT INTO `{prefix}instances` VALUES ('2026-10-{from:00} 00:00:00','{uuid}','{project}',4096,1," +
            $"'2026-10-{from:00} 00:00:00',{ended});\n{acts}" + (to is { } end
                ? $"INSERT INTO `{prefix}instance_actions` VALUES ({1000 + uuid[0]},'2026-10-{end:00} 00:00:00','delete','{uuid}',NULL);\n"
                : "");
    }
}
