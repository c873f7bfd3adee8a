using Exchange.Metering.Collectors;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests.Collectors;

public class ReadingOpenStackNotifications
{
    private const string Vm =
        """
        "instance_id":"vm-1","tenant_id":"p-1","vcpus":"2","memory_mb":"4096","instance_type":"m1"
        """;

    private static List<Collected> Read(string text) =>
        [.. OpenStackNotifications.Read(Input.Text(text), Input.Context())];

    private static string Segments(string text) => string.Join('\n', NaiveFold
        .Of(Input.Readings(Read(text)), Instant.FromUtc(2026, 10, 2, 0, 0))
        .Select(s => $"{s.Period} {s.State}"));

    private static string Event(string type, string id, string at, string more) =>
        $$"""{"event_type":"compute.instance.{{type}}","message_id":"{{id}}","generated":"2026-10-01T{{at}}",{{Vm}}{{more}}}""" + "\n";

    private static string Audit(string hour, string state, string more = "") => Event("exists", $"a{hour}", $"{int.Parse(hour, null) + 1:00}:00:09",
        $$"""
        ,"audit_period_beginning":"2026-10-01 {{hour}}:00:00","audit_period_ending":"2026-10-01 {{int.Parse(hour, null) + 1:00}}:00:00","state":"{{state}}","launched_at":"2026-10-01 08:30:00"{{more}}
        """.Trim());

    private static string Created => Event("create.end", "c", "08:30:01", ""","state":"active","launched_at":"2026-10-01T08:30:00.5" """);

    [Fact]
    public void An_audit_is_an_interval_clipped_to_the_life_of_the_server() => Assert.Equal(
        "2026-10-01T08:30:00Z/2026-10-01T10:00:00Z Running", Segments(Audit("08", "active") + Audit("09", "active")));

    [Fact]
    public void An_hour_that_ends_stopped_does_not_rewrite_the_part_before() => Assert.Equal(
        """
        2026-10-01T08:30:00.5Z/2026-10-01T09:20:00Z Running
        2026-10-01T09:20:00Z/2026-10-02T00:00:00Z Stopped
        """,
        Segments(Created + Event("power_off.end", "o", "09:20:00", ""","state":"stopped" """) +
            Audit("08", "active") + Audit("09", "stopped")));

    [Fact]
    public void A_server_deleted_while_stopped_does_not_run_in_its_last_hour() => Assert.Equal(
        "2026-10-01T08:30:00Z/2026-10-01T10:20:00Z Stopped",
        Segments(Audit("08", "stopped") + Audit("09", "stopped") + Audit("10", "deleted", ""","deleted_at":"2026-10-01 10:20:00" """)));

    [Fact]
    public void A_lost_deletion_is_known_from_the_audit() => Assert.Equal(
        "2026-10-01T08:30:00.5Z/2026-10-01T10:20:00Z Running",
        Segments(Created + Audit("10", "deleted", ""","deleted_at":"2026-10-01 10:20:00" """)));

    [Fact]
    public void A_lost_creation_is_known_from_the_audit_of_the_hour_in_which_it_also_ended() => Assert.Equal(
        "2026-10-01T08:30:00Z/2026-10-01T08:40:00Z Running",
        Segments(Audit("08", "deleted", ""","deleted_at":"2026-10-01 08:40:00" """)));

    [Fact]
    public void Power_off_means_stopped_whatever_the_payload_still_says() => Assert.Equal(
        "2026-10-01T09:00:00Z/2026-10-02T00:00:00Z Stopped",
        Segments(Event("power_off.end", "o", "09:00:00", ""","state":"active" """)));

    [Theory]
    [InlineData("suspend.end", "suspended", "Suspended")]
    [InlineData("pause.end", "paused", "Paused")]
    [InlineData("shelve.end", "shelved", "Shelved")]
    [InlineData("shelve_offload.end", "shelved_offloaded", "Shelved")]
    [InlineData("resize.confirm.end", "stopped", "Stopped")]
    [InlineData("finish_resize.end", "resized", "Running")]
    [InlineData("rebuild.end", "error", "Error")]
    [InlineData("create.error", "error", "Error")]
    public void An_act_leaves_the_server_in_its_state(string type, string told, string state) => Assert.Equal(
        $"2026-10-01T09:00:00Z/2026-10-02T00:00:00Z {state}",
        Segments(Event(type, "e", "09:00:00", $$""","state":"{{told}}" """)));

    [Fact]
    public void An_update_counts_when_it_changes_the_state() => Assert.Equal(
        ["Error"],
        Read(Event("update", "1", "09:00:00", ""","old_state":"active","state":"error" """) +
            Event("update", "2", "09:30:00", ""","old_state":"error","state":"error" """))
            .Select(c => c.Reading!.State.ToString()));

    [Theory]
    [InlineData("""{"event_type":"port.create.end","message_id":"1"}""")]
    [InlineData("""{"event_type":"image.update"}""")]
    [InlineData("""{"event_type":"volume.attach.end","resource_id":"v"}""")]
    [InlineData("""{"event_type":"compute.instance.live_migration.pre.end","state":"active"}""")]
    [InlineData("""{"event_type":"compute.instance.create.error","state":"building"}""")]
    public void What_says_nothing_about_usage_is_counted_as_ignored(string text)
    {
        var context = Input.Context();
        Assert.Empty(OpenStackNotifications.Read(Input.Text(text), context));
        Assert.Equal(1, context.Tally.Ignored);
    }

    [Fact]
    public void Envelope_legacy_and_flat_say_the_same() => Assert.Equal(
        Input.Show(Read("""{"event_type":"compute.instance.pause.end","message_id":"m","generated":"2026-10-01T09:00:00","tenant_id":"p","instance_id":"i","vcpus":"1","memory_mb":"512","state":"paused"}""")),
        Input.Show(Read("""{"oslo.version":"2.0","oslo.message":"{\"message_id\":\"m\",\"event_type\":\"compute.instance.pause.end\",\"timestamp\":\"2026-10-01 09:00:00.000000\",\"payload\":{\"tenant_id\":\"p\",\"instance_id\":\"i\",\"vcpus\":1,\"memory_mb\":512,\"state\":\"paused\"}}"}""")));

    [Fact]
    public void A_versioned_notification_brings_its_flavor_and_gpus() => Assert.Equal(
        """Interval nerc/stack/vm/u p 2026-10-01T00:00:00Z/2026-10-01T01:00:00Z Running {"flavor":"gpu.a100","gpu":"2","gpu_model":"a100","ram_mib":"151552","vcpu":"48"} m""",
        Input.Show(Read("""
            {"event_type":"instance.exists","message_id":"m","timestamp":"2026-10-01 01:00:05.1","payload":{"nova_object.name":"InstanceExistsPayload","nova_object.data":{
             "uuid":"u","tenant_id":"p","state":"active","launched_at":"2026-09-01T00:00:00Z","deleted_at":null,
             "flavor":{"nova_object.data":{"vcpus":48,"memory_mb":151552,"name":"gpu.a100","extra_specs":{"pci_passthrough:alias":"A100:2"}}},
             "audit_period":{"nova_object.data":{"audit_period_beginning":"2026-10-01T00:00:00Z","audit_period_ending":"2026-10-01T01:00:00Z"}}}}}
            """)));

    [Fact]
    public void Audit_times_may_be_seconds_since_1970() => Assert.Equal(
        "2020-05-08T00:00:00Z/2020-05-08T01:00:00Z Stopped",
        Read(Event("exists", "e", "01:00:08", ""","audit_period_beginning":"1588896000.000000","audit_period_ending":"1588899600.000000","state":"stopped","launched_at":"2020-03-14T17:31:06.000000" """))
            .Select(c => $"{c.Reading!.From}/{c.Reading.To} {c.Reading.State}").First());

    [Fact]
    public void A_message_says_nothing_of_the_time_after_it_was_made() => Assert.Single(Read(Audit("09", "stopped")
        .Replace("\"generated\":\"2026-10-01T10:00:09", "\"generated\":\"2018-10-01T10:00:09", StringComparison.Ordinal)));

    [Fact]
    public void A_volume_lives_from_creation_to_deletion_and_grows() => Assert.Equal(
        """
        2026-10-01T01:00:00Z/2026-10-01T02:00:00Z {"storage_gib":"10"}
        2026-10-01T02:00:00Z/2026-10-01T03:00:00Z {"storage_gib":"20"}
        """,
        string.Join('\n', NaiveFold.Of(Input.Readings(Read("""
            [{"event_type":"volume.create.end","message_id":"1","generated":"2026-10-01T01:00:00","project_id":"p","resource_id":"v","size":"10","status":"available"},
             {"event_type":"volume.attach.end","message_id":"2","generated":"2026-10-01T01:10:00","project_id":"p","resource_id":"v","size":"10","status":"in-use"},
             {"event_type":"volume.resize.end","message_id":"3","generated":"2026-10-01T02:00:00","project_id":"p","resource_id":"v","size":"20","status":"available"},
             {"event_type":"volume.delete.end","message_id":"4","generated":"2026-10-01T03:00:00","project_id":"p","resource_id":"v","size":"20","status":"deleted"}]
            """)), Input.Now).Select(s => $"{s.Period} {s.Shape}")));

    [Theory]
    [InlineData("""{"message_id":"x"}""", "record/missing-field")]
    [InlineData("""{"event_type":"compute.instance.pause.end","generated":"2026-10-01T01:00:00","instance_id":"i","vcpus":1,"memory_mb":2}""", "record/missing-field")]
    [InlineData("""{"event_type":"compute.instance.pause.end","generated":"yesterday","tenant_id":"p","instance_id":"i","vcpus":1,"memory_mb":2}""", "record/not-a-time")]
    [InlineData("""{"event_type":"compute.instance.pause.end","generated":"2026-10-01T01:00:00","tenant_id":"p","instance_id":"i","vcpus":"NaN","memory_mb":2}""", "record/not-a-number")]
    [InlineData("""{"event_type":"compute.instance.pause.end","generated":"2026-10-01T01:00:00","tenant_id":"p","instance_id":"i","vcpus":1,"memory_mb":2,"state":"frozen"}""", "record/unknown-state")]
    [InlineData("""{"oslo.version":"2.0","oslo.message":"{"}""", "record/broken-envelope")]
    [InlineData("""7""", "record/missing-field")]
    public void A_record_without_sense_is_set_aside_and_the_rest_goes_on(string broken, string reason)
    {
        var collected = Read($"[{broken},{Created}]");
        Assert.Equal(reason, collected[0].Misfit?.Reason);
        Assert.NotNull(collected[1].Reading);
    }

    [Fact]
    public void A_record_without_an_id_has_the_same_one_whenever_it_is_read()
    {
        const string Text = """{"event_type":"volume.create.end","generated":"2026-10-01T01:00:00","project_id":"p","resource_id":"v","size":1}""";
        Assert.Equal(Read(Text)[0].Reading!.Id, Read($"[{Text}]")[0].Reading!.Id);
        Assert.NotEqual(Read(Text)[0].Reading!.Id, Read(Text.Replace("\"size\":1", "\"size\":2", StringComparison.Ordinal))[0].Reading!.Id);
    }

    [Fact]
    public void Without_a_cluster_the_file_is_refused() => Assert.Equal("file/no-cluster", Assert.Throws<RefusedException>(
        () => OpenStackNotifications.Read(Input.Text("{}"), Input.Context(cluster: null)).ToList()).Refusal.Code);
}
