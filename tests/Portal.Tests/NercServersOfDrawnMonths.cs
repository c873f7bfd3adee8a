using System.Globalization;
using System.Text;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// Dumps of Nova's database that are drawn, exported, beside a straight reading of how today's scripts count, written
/// here again with nothing of the product.
/// </summary>
public class NercServersOfDrawnMonths
{
    [Theory]
    [InlineData("2024-02", 1)]
    [InlineData("2025-03", 2)]
    [InlineData("2025-11", 3)]
    [InlineData("2024-12", 4)]
    public async Task Servers_are_billed_as_a_straight_reading_of_the_dump_says(string month, int seed)
    {
        using var drawn = new DrawnMonth(month, seed);
        var (from, to) = (drawn.From, drawn.To);
        var dump = new StringBuilder("""
            CREATE TABLE `instances` (`deleted_at` datetime, `uuid` varchar(36), `project_id` varchar(255), `memory_mb` int, `vcpus` int, `deleted` int);
            CREATE TABLE `instance_extra` (`instance_uuid` varchar(36), `pci_requests` text);
            CREATE TABLE `instance_actions` (`created_at` datetime, `instance_uuid` varchar(36), `action` varchar(255), `message` varchar(255));

            """);
        var hours = new Dictionary<(string, string), decimal>();
        for (var n = 0; n < 150; n++)
        {
            var (project, vcpus, mib) = ($"p-{drawn.Next(9)}", 1 + drawn.Next(40), 512 * (1 + drawn.Next(400)));
            var (pci, alias, gpus) = Pci(drawn);
            var (acts, deleted) = Life(drawn);
            dump.Append(CultureInfo.InvariantCulture, $"""
                INSERT INTO `instances` VALUES ({(deleted is { } end ? $"'{DrawnMonth.Sql(end)}'" : "NULL")},'vm-{n}','{project}',{mib},{vcpus},{(deleted is null ? 0 : n + 1)});
                INSERT INTO `instance_extra` VALUES ('vm-{n}',{pci});

                """);
            foreach (var (at, act, isError) in acts)
            {
                dump.Append(CultureInfo.InvariantCulture,
                    $"INSERT INTO `instance_actions` VALUES ('{DrawnMonth.Sql(at)}','vm-{n}','{act}',{(isError ? "'Error'" : "NULL")});\n");
            }

            if (deleted is null || deleted > from)
            {
                var seconds = Billable(acts, deleted, from, to, stopped: string.CompareOrdinal(month, "2024-03") >= 0);
                var units = alias.Length > 0 ? gpus : (int)Math.Max(vcpus, mib / 4096m);
                var key = (project, alias.Length > 0 ? alias : "CPU");
                hours[key] = hours.GetValueOrDefault(key) + (((seconds + 3599) / 3600) * units);
            }
        }

        var rates = new Dictionary<string, decimal>
        {
            ["CPU"] = 0.013m,
            ["GPUA100"] = 1.803m,
            ["GPUA100SXM4"] = 2.078m,
            ["GPUV100"] = 1.214m,
            ["GPUK80"] = 0.463m,
        };
        Assert.Equal(
            DrawnMonth.Rows(hours, "OpenStack ", rates), await drawn.Export("nova-db --cluster stack", "NERC OpenStack", "", $"{dump}"));
    }

    /// <summary>What may be done to a server, and what it then is; half of the time it fails or is something else.</summary>
    private static (List<(long At, string Act, bool Error)>, long? Deleted) Life(DrawnMonth drawn)
    {
        var (from, to) = (drawn.From, drawn.To);
        var at = from - (20 * 86_400L) + drawn.Next((int)(to - from) + (22 * 86_400));
        List<(long, string, bool)> acts = [(at, "create", false)];
        for (var state = "running"; drawn.Next(9) > 0;)
        {
            at += 1 + drawn.Next(5 * 86_400);
            var (act, next) = Pick(drawn, state);
            var isError = drawn.Next(5) == 0 && act != "restore";
            state = isError ? state : next;
            acts.Add((at, act, isError));
            if (act == "delete" && !isError && drawn.Next(2) == 0)
            {
                return (acts, at + 5);
            }
        }

        return (acts, null);
    }

    private static (string Act, string State) Pick(DrawnMonth drawn, string state)
    {
        (string, string)[] moves = state switch
        {
            "running" => [("stop", "stopped"), ("shelve", "shelved"), ("suspend", "suspended"), ("pause", "paused"),
                ("reboot", state), ("attach_volume", state), ("resize", state), ("delete", "deleted")],
            "stopped" => [("start", "running"), ("shelve", "shelved"), ("rebuild", state), ("delete", "deleted")],
            "shelved" => [("unshelve", "running"), ("delete", "deleted")],
            "suspended" => [("resume", "running"), ("delete", "deleted")],
            "paused" => [("unpause", "running"), ("delete", "deleted")],
            _ => [("restore", "running")],
        };
        return moves[drawn.Next(moves.Length)];
    }

    private static long Billable(
        IEnumerable<(long At, string Act, bool Error)> acts, long? deleted, long from, long to, bool stopped)
    {
        var (state, last, sum) = ("", from, 0L);
        bool Bills() => state == "Running" || (state == "Stopped" && stopped);
        foreach (var (at, act, isError) in acts)
        {
            var next = isError ? "Error" : act switch
            {
                "create" or "start" or "unshelve" => "Running",
                "stop" => "Stopped",
                "shelve" => "Shelved",
                "delete" => "Deleted",
                _ => null,
            };
            if (next is not null)
            {
                var now = Math.Clamp(at, from, to);
                sum += Bills() ? now - last : 0;
                (state, last) = (next, now);
            }
        }

        return sum + (Bills() ? Math.Clamp(deleted ?? to, last, to) - last : 0);
    }

    private static (string Json, string Type, int Gpus) Pci(DrawnMonth drawn)
    {
        var count = 1 + drawn.Next(4);
        var alias = ((string[])["", "", "", "A100", "a100-sxm4", "v100", "K80"])[drawn.Next(7)];
        return alias.Length == 0
            ? (drawn.Next(3) switch { 0 => "NULL", 1 => "'[]'", _ => "'null'" }, "", 0)
            : ($"'[{{\\\"count\\\": {count}, \\\"alias_name\\\": \\\"{alias}\\\"}}]'",
                $"GPU{alias.ToUpperInvariant().Replace("-", "", StringComparison.Ordinal)}", count);
    }
}
