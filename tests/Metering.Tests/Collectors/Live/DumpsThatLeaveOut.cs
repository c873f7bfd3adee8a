using Exchange.Metering.Collectors;
using Exchange.Metering.Collectors.Live;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests.Collectors.Live;

/// <summary>
/// What was in the last full dump and is not in the next one ended, or somebody decides; nothing is billed for ever
/// because it was no longer mentioned.
/// </summary>
public class DumpsThatLeaveOut
{
    private const string Tables = """
        CREATE TABLE `instances` (`uuid` varchar(36), `project_id` varchar(255), `memory_mb` int, `vcpus` int, `launched_at` datetime, `deleted_at` datetime);
        CREATE TABLE `shadow_instances` (`uuid` varchar(36), `project_id` varchar(255), `memory_mb` int, `vcpus` int, `launched_at` datetime, `deleted_at` datetime);
        CREATE TABLE `instance_actions` (`id` int, `created_at` datetime, `action` varchar(255), `instance_uuid` varchar(36), `message` varchar(255));
        CREATE TABLE `shadow_instance_actions` (`id` int, `created_at` datetime, `action` varchar(255), `instance_uuid` varchar(36), `message` varchar(255));

        """;

    private static readonly Instant Now = Instant.FromUtc(2026, 11, 1, 0, 0);
    private static readonly Period October = new(Instant.FromUtc(2026, 10, 1, 0, 0), Now);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Server(string uuid, int day, int? deleted = null, string shadow = "") => $$"""
        INSERT INTO `{{shadow}}instances` VALUES ('{{uuid}}','p',4096,1,NULL,{{(deleted is { } gone ? $"'2026-10-{gone:00} 00:00:00'" : "NULL")}});
        INSERT INTO `{{shadow}}instance_actions` VALUES ({{day}},'2026-10-{{day:00}} 00:00:00','create','{{uuid}}',NULL);

        """;

    private static Task<IngestOutcome> Take(LiveMeter live, string format, string text) =>
        new FullDumps(live.Database).Ingest(live.Meter, format, Input.Text(text), Input.Context("dump"), Ct);

    private static async Task<List<string>> Days(LiveMeter live) => [.. (await live.Segments(October))
        .Select(s => $"{s.Resource.Subject} {s.Period.Start:dd}-{s.Period.End:dd}").Order(StringComparer.Ordinal)];

    [Fact]
    public async Task Rows_that_Nova_archived_are_read_from_its_shadow_tables()
    {
        await using var live = await LiveMeter.New(Now);
        await Take(live, NovaDatabase.Format, Tables + Server("aa", 1) + Server("bb", 1));
        var taken = await Take(live, NovaDatabase.Format,
            Tables + Server("aa", 1) + Server("bb", 1, deleted: 6, "shadow_") + Server("cc", 7, deleted: 8, "shadow_"));
        Assert.Equal(0, taken.Quarantined);
        Assert.Equal(["aa 01-01", "bb 01-06", "cc 07-08"], await Days(live));
    }

    [Fact]
    public async Task A_server_that_is_not_mentioned_any_more_waits_for_a_decision()
    {
        await using var live = await LiveMeter.New(Now);
        await Take(live, NovaDatabase.Format, Tables + Server("aa", 1) + Server("bb", 1) + Server("cc", 5));
        var taken = await Take(live, NovaDatabase.Format, Tables + Server("aa", 1) + Server("cc", 5) + Server("dd", 9));
        Assert.Equal(1, taken.Quarantined);
        var waiting = Assert.Single(await live.Meter.Quarantine("waiting", 10, Ct));
        Assert.Equal("dump/left-out", waiting.Misfit.Reason);
        Assert.Contains("2026-10-05T00:00:00Z", waiting.Misfit.Why, StringComparison.Ordinal);
        Assert.Contains("bb 01-01", await Days(live));

        await live.Meter.Release(waiting.Name, null, "op", Ct);
        await live.Meter.Fold(Ct);
        Assert.Contains("bb 01-05", await Days(live));

        // The same dump again, and one before it, ask nothing anew.
        Assert.Equal(0, (await Take(live, NovaDatabase.Format, Tables + Server("aa", 1) + Server("cc", 5) + Server("dd", 9))).Quarantined);
        Assert.Equal(0, (await Take(live, NovaDatabase.Format, Tables + Server("aa", 1))).Quarantined);
    }

    [Fact]
    public async Task A_lease_that_was_given_back_early_waits_and_one_that_ended_does_not()
    {
        static string Lease(string id, string end) => $$"""{"UUID":"{{id}}","Resource":"n","Resource Class":"fc430","Project":"p","Start Time":"2026-10-01T00:00:00","Expire Time":"{{end}}"}""";
        await using var live = await LiveMeter.New(Now);
        await Take(live, EsiLeases.Format, $"[{Lease("early", "2026-12-01T00:00:00")},{Lease("done", "2026-10-02T00:00:00")}]");
        await Take(live, EsiLeases.Format, "[]");
        Assert.Contains("baremetal/early", Assert.Single(await live.Meter.Quarantine("waiting", 10, Ct)).Misfit.Why, StringComparison.Ordinal);
    }

    private static string Lease(string id, string expires = "2026-12-01T00:00:00") => $$"""
        {"UUID":"{{id}}","Resource":"n","Resource Class":"fc430","Project":"p","Start Time":"2026-10-01T00:00:00","Expire Time":"{{expires}}"}
        """;

    private static Task<IngestOutcome> List(LiveMeter live, int day, params string[] leases)
    {
        live.Clock.Now = Instant.FromUtc(2026, 10, day, 0, 0);
        return new FullDumps(live.Database).Ingest(live.Meter, EsiLeases.Format,
            Input.Text($"[{string.Join(',', leases)}]"), Input.Context($"{day}.json") with { Now = live.Clock.Now }, Ct);
    }

    /// <summary>
    /// A list that loses a row and gets it back. What waits is taken back; what an operator ended meanwhile is asked
    /// about, for its start is told under the same id and it was billed no more. Seen to end it on the 5th for ever.
    /// </summary>
    [Fact]
    public async Task A_row_that_comes_back_takes_the_question_back_and_asks_about_an_end_that_was_released()
    {
        await using var live = await LiveMeter.New(Now);
        await List(live, 5, Lease("aa"), Lease("bb"), Lease("cc"));
        Assert.Equal(3, (await List(live, 6)).Quarantined);
        var waiting = await live.Meter.Quarantine("waiting", 10, Ct);
        await live.Meter.Release(waiting.Single(one => one.Misfit.Id.StartsWith("bb", StringComparison.Ordinal)).Name, null, "op", Ct);
        await live.Meter.Discard(waiting.Single(one => one.Misfit.Id.StartsWith("cc", StringComparison.Ordinal)).Name, "It goes on.", "op", Ct);

        Assert.Equal(1, (await List(live, 7, Lease("aa"), Lease("bb"), Lease("cc"))).Quarantined);
        Assert.Equal("'7.json' has it again.", (await live.Meter.Quarantine("discarded", 10, Ct)).Single(one => one.By != "op").Because);
        var asked = Assert.Single(await live.Meter.Quarantine("waiting", 10, Ct));
        Assert.Equal("dump/came-back", asked.Misfit.Reason);
        Assert.Equal(["aa 01-01", "bb 01-05", "cc 01-01"], await Days(live));
        Assert.Equal(0, (await List(live, 8, Lease("cc"), Lease("bb"), Lease("aa"))).Quarantined);
        await live.Meter.Release(asked.Name, null, "op", Ct);
        Assert.Equal(["aa 01-01", "bb 01-01", "cc 01-01"], await Days(live));

        // Lost and found again, each time is a question of its own; and one that ended for good is in no later list.
        Assert.Equal(1, (await List(live, 9, Lease("aa"), Lease("cc"))).Quarantined);
        await live.Meter.Release(Assert.Single(await live.Meter.Quarantine("waiting", 10, Ct)).Name, null, "op", Ct);
        Assert.Equal(0, (await List(live, 10, Lease("aa"), Lease("cc"))).Quarantined);
        Assert.Equal(["aa 01-01", "bb 01-08", "cc 01-01"], await Days(live));
    }

    /// <summary>The row comes back as one that ended: the dump says when, and the operator's end was another.</summary>
    [Fact]
    public async Task A_row_that_comes_back_with_its_end_is_asked_about_only_where_that_is_later()
    {
        await using var live = await LiveMeter.New(Now);
        await List(live, 5, Lease("aa"), Lease("bb"));
        await List(live, 12);
        foreach (var one in await live.Meter.Quarantine("waiting", 10, Ct))
        {
            await live.Meter.Release(one.Name, null, "op", Ct);
        }

        Assert.Equal(1, (await List(live, 13, Lease("aa", "2026-10-05T00:00:00"), Lease("bb", "2026-10-11T00:00:00"))).Quarantined);
        await live.Meter.Release(Assert.Single(await live.Meter.Quarantine("waiting", 10, Ct)).Name, null, "op", Ct);
        Assert.Equal(["aa 01-05", "bb 01-11"], await Days(live));
    }
}
