using Exchange.Metering.Collectors;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests.Collectors;

public class ReadingANovaDatabase
{
    private const string Tables = """
        -- MySQL dump 10.13
        /*!40101 SET NAMES utf8 */;
        DROP TABLE IF EXISTS `instances`;
        CREATE TABLE `instance_actions` (
          `created_at` datetime DEFAULT NULL, `id` int NOT NULL AUTO_INCREMENT, `action` varchar(255) DEFAULT NULL,
          `instance_uuid` varchar(36) DEFAULT NULL, `message` varchar(255) DEFAULT NULL,
          PRIMARY KEY (`id`), KEY `x` (`instance_uuid`), CONSTRAINT `fk` FOREIGN KEY (`instance_uuid`) REFERENCES `instances` (`uuid`)
        ) ENGINE=InnoDB DEFAULT CHARSET=utf8;
        CREATE TABLE `instances` (`deleted_at` datetime, `uuid` varchar(36) NOT NULL, `project_id` varchar(255),
          `memory_mb` int, `vcpus` int, `launched_at` datetime, `key_data` mediumtext, `size` decimal(10,2) DEFAULT '0.00', `deleted` int);
        CREATE TABLE `instance_extra` (`instance_uuid` varchar(36), `pci_requests` text);
        LOCK TABLES `instances` WRITE;

        """;

    private static List<Collected> Read(string rows, string tables = Tables) =>
        [.. NovaDatabase.Read(Input.Text(tables + rows), Input.Context())];

    private static string Server(string uuid = "u", string deletedAt = "NULL") =>
        $"INSERT INTO `instances` VALUES ({deletedAt},'{uuid}','p',4096,2,NULL,'it\\'s; a (\\\\ \"key\"'',',0.50,0);\n";

    private static string Acts(params string[] acts) => "INSERT INTO `instance_actions` VALUES " +
        string.Join(',', acts.Select((a, i) => $"('2026-10-01 0{i}:00:00',{i + 1},{a})")) + ";\n";

    private static string Act(string name, string message = "NULL") => $"'{name}','u',{message}";

    private static string Segments(string rows) => string.Join('\n', NaiveFold
        .Of(Input.Readings(Read(rows)), Instant.FromUtc(2026, 10, 2, 0, 0))
        .Select(s => $"{s.Period.Start.InUtc().Hour} {s.State}"));

    [Fact]
    public void Acts_give_states() => Assert.Equal("0 Running\n1 Stopped\n2 Running\n3 Shelved\n4 Running", Segments(Server("u") +
        Acts(Act("create"), Act("stop"), Act("start"), Act("shelve"), Act("unshelve"), Act("reboot"), Act("delete"))));

    [Fact]
    public void A_deleted_row_ends_the_last_state() => Assert.Equal(
        "nerc/stack/vm/u p 2026-10-01T00:00:00Z/2026-10-01T05:30:00Z Running {\"ram_mib\":\"4096\",\"vcpu\":\"2\"}",
        Input.Show(NaiveFold.Of(Input.Readings(Read(Server(deletedAt: "'2026-10-01 05:30:00'") + Acts(Act("create")))), Input.Now)));

    [Fact]
    public void A_failed_act_is_an_error_until_the_next_state_and_says_what_went_on() => Assert.Equal(
        [
            ("Running", null, null), ("Error", "attach_volume", "running"), ("Stopped", null, null), ("Error", null, null),
        ],
        Read(Server() + Acts(Act("create"), Act("attach_volume", "'Error'"), Act("stop"), Act("delete", "'Error'")))
            .Select(c => (c.Reading!.State.ToString(), c.Reading.Shape.Word("failed_action"), c.Reading.Shape.Word("state_before"))));

    [Fact]
    public void An_error_lasts_until_an_act_that_the_scripts_know_and_says_what_the_server_does_meanwhile() => Assert.Equal(
        ["Running ", "Error running", "Error suspended", "Error running", "Stopped "],
        Read(Server() + Acts(Act("create"), Act("reboot", "'Error'"), Act("suspend"), Act("resume"), Act("stop")))
            .Select(c => $"{c.Reading!.State} {c.Reading.Shape.Word("state_before")}"));

    [Theory]
    [InlineData("""[{\"count\": 1, \"alias_name\": \"A100\", \"spec\": [{\"vendor_id\": \"10de\"}]}]""", "a100", "1")]
    [InlineData("""[{\"count\": 2, \"alias_name\": \"h100\"}]""", "h100", "2")]
    [InlineData("""[{\"count\": 1, \"alias_name\": \"a100\"}, {\"count\": 1, \"alias_name\": \"v100\"}]""", "a100+v100", "2")]
    [InlineData("""[{\"count\": 1, \"alias_name\": null}]""", null, null)]
    [InlineData("[]", null, null)]
    public void Gpus_come_from_the_pci_requests(string requests, string? model, string? count)
    {
        var shape = Read(Server() + Acts(Act("create")) + $"INSERT INTO instance_extra (instance_uuid,pci_requests) VALUES ('u','{requests}');")
            .Single().Reading!.Shape;
        Assert.Equal((model, count), (shape.GpuModel, shape.Word("gpu")));
    }

    [Fact]
    public void Unreadable_pci_requests_are_shown_and_the_server_has_a_gpu_that_has_no_price()
    {
        var collected = Read(Server() + Acts(Act("create")) + "INSERT INTO `instance_extra` VALUES ('u','oops');");
        Assert.Equal("nova/pci-requests-unreadable", collected[0].Misfit?.Reason);
        Assert.Equal((1, "unreadable"), (collected[1].Reading!.Shape.Gpu, collected[1].Reading!.Shape.GpuModel));
    }

    [Fact]
    public void One_server_without_acts_does_not_stop_the_others()
    {
        var collected = Read(Server("lost") + Server() + Acts(Act("create")));
        Assert.Equal(["nova/no-actions"], collected.Where(c => c.Misfit is not null).Select(c => c.Misfit!.Reason));
        Assert.Single(collected, c => c.Reading is not null);
    }

    [Fact]
    public void Tomorrows_dump_repeats_todays_ids() => Assert.Equal(
        Read(Server() + Acts(Act("create"), Act("stop"))).Select(c => c.Reading),
        Read(Server() + Acts(Act("create"), Act("stop"), Act("start"))).Select(c => c.Reading).Take(2));

    [Fact]
    public void A_resize_begins_a_new_reading_so_that_an_older_dump_keeps_the_shape_before() => Assert.Equal(
        ["Running", "Running"], Read(Server() + Acts(Act("create"), Act("resize"))).Select(c => c.Reading!.State.ToString()));

    [Fact]
    public void A_sqlite_dump_takes_backslashes_as_they_are() => Assert.Equal("u", Read("""
        PRAGMA foreign_keys=OFF;
        BEGIN TRANSACTION;
        CREATE TABLE instances (uuid VARCHAR(36), project_id VARCHAR, hostname TEXT, memory_mb INTEGER, vcpus INTEGER, deleted_at TEXT);
        CREATE TABLE instance_actions (created_at TEXT, action TEXT, instance_uuid TEXT, message TEXT);
        INSERT INTO instances VALUES('u','p','it''s back\',4096,2,NULL);
        INSERT INTO "instance_actions" VALUES('2026-10-01 00:00:00','create','u',NULL);
        COMMIT;
        """, "").Single().Reading!.Resource.Subject);

    [Theory]
    [InlineData("INSERT INTO `instances` VALUES (NULL,'u','p", "nova/cut-off")]
    [InlineData("INSERT INTO `instances` VALUES (NULL,'u'", "nova/cut-off")]
    [InlineData("", "nova/no-instances")]
    public void A_broken_dump_is_refused(string rows, string code) =>
        Assert.Equal(code, Assert.Throws<RefusedException>(() => Read(rows)).Refusal.Code);

    [Fact]
    public void Rows_without_column_names_are_refused() => Assert.Equal("nova/no-columns",
        Assert.Throws<RefusedException>(() => Read(Server(), "")).Refusal.Code);
}
