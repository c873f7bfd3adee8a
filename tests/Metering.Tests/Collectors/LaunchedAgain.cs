using Exchange.Metering.Collectors;
using Xunit;

namespace Exchange.Metering.Tests.Collectors;

/// <summary>
/// Nova sets launched_at anew when it spawns a server again; the server was there all the time. Seen to give 1 h 10 min
/// and 3 h 10 min of four hours while audits were cut at the launch or at the event.
/// </summary>
public class LaunchedAgain
{
    private static string Audit(int hour, string launched, string created = "2026-09-30 22:00:00", int vcpus = 4) => $$"""
        {"event_type":"compute.instance.exists","message_id":"e{{hour}}","timestamp":"2026-10-01 0{{hour + 1}}:00:05","payload":{"tenant_id":"p","instance_id":"s","state":"active","vcpus":{{vcpus}},"memory_mb":16384,"created_at":"{{created}}","launched_at":"{{launched}}","deleted_at":"","audit_period_beginning":"2026-10-01 0{{hour}}:00:00","audit_period_ending":"2026-10-01 0{{hour + 1}}:00:00"} }

        """;

    private static string Event(string act, string at) => $$"""
        {"event_type":"compute.instance.{{act}}.end","message_id":"{{act}}","timestamp":"2026-10-01 {{at}}","payload":{"tenant_id":"p","instance_id":"s","state":"active","vcpus":4,"memory_mb":16384,"created_at":"2026-09-30 22:00:00","launched_at":"2026-10-01 {{at}}","deleted_at":""} }

        """;

    private static readonly string Four = Audit(0, "2026-09-30 22:01:00") + Audit(1, "2026-09-30 22:01:00") +
        Audit(2, "2026-10-01 02:50:00") + Audit(3, "2026-10-01 02:50:00");

    private static List<string> Times(string records, bool backwards = false)
    {
        var readings = Input.Readings(OpenStackNotifications.Read(Input.Text(records), Input.Context()));
        if (backwards)
        {
            readings.Reverse();
        }

        return [.. NaiveFold.Of(readings, Input.Now).Select(s => $"{s.Period.Start:dd HH:mm:ss}-{s.Period.End:dd HH:mm:ss} {s.State} {s.Shape.VCpu}")];
    }

    [Fact]
    public void Of_audits_alone_the_server_ran_all_the_time() =>
        Assert.Equal(["01 00:00:00-01 04:00:00 Running 4"], Times(Four));

    [Theory]
    [InlineData("rebuild")]
    [InlineData("evacuate")]
    [InlineData("finish_resize")]
    [InlineData("unshelve")]
    public void With_the_event_inside_an_audit_too(string act)
    {
        var told = Times(Four + Event(act, "02:50:01") + Event("delete", "04:00:00"));
        Assert.Equal(["01 00:00:00-01 04:00:00 Running 4"], told);
        Assert.Equal(told, Times(Event("delete", "04:00:00") + Event(act, "02:50:01") + Four, backwards: true));
    }

    [Fact]
    public void What_was_before_a_resize_has_the_shape_of_the_audit_before() => Assert.Equal(
        ["01 00:00:00-01 02:50:01 Running 2", "01 02:50:01-01 04:00:00 Running 4"],
        Times(Audit(0, "2026-09-30 22:01:00", vcpus: 2) + Audit(1, "2026-09-30 22:01:00", vcpus: 2) +
            Audit(2, "2026-10-01 02:50:00") + Audit(3, "2026-10-01 02:50:00") + Event("finish_resize", "02:50:01") +
            Event("delete", "04:00:00")));

    [Fact]
    public void A_first_launch_that_takes_its_time_begins_when_it_runs() => Assert.Equal(
        ["01 02:10:00-01 03:00:00 Running 4"], Times(Audit(2, "2026-10-01 02:10:00", "2026-10-01 01:55:00")));

    [Fact]
    public void Where_the_audit_before_is_missing_nothing_is_invented() => Assert.Equal(
        ["01 02:50:01-01 04:00:00 Running 4"],
        Times(Audit(2, "2026-10-01 02:50:00") + Audit(3, "2026-10-01 02:50:00") + Event("rebuild", "02:50:01") + Event("delete", "04:00:00")));
}
