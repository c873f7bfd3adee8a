using System.Text.Json;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>Each cause of a change is named as what it is, with the amount that can be worked out on paper.</summary>
public sealed class CostsChange
{
    /// <summary>
    /// August: old 10 h of 1 SU, same 10 h, grown 10 h of 1. September: same 20 h, grown 10 h of 2 SU, fresh 10 h; the
    /// price goes from $1 to $2. At the old price: old −10, same +10, grown +10, fresh +10; then 50 SU-hours cost
    /// $1 more each: +50.
    /// </summary>
    [Fact]
    public async Task New_ended_longer_larger_and_dearer_are_told_apart()
    {
        using var small = await SmallExchange.Start(Sheet("2026-01", "1"));
        await small.Done($"prices publish {await small.File("dearer.yaml", Sheet("2026-09", "2"))}");
        await small.Told("cluster,project,name,pi,from\nc1,p-1,One,ada@example.org,2026-08");
        await Ran(small, "old", 8, 10, 1);
        await Ran(small, "same", 8, 10, 1);
        await Ran(small, "grown", 8, 10, 1);
        await Ran(small, "same", 9, 20, 1);
        await Ran(small, "grown", 9, 10, 2);
        await Ran(small, "fresh", 9, 10, 1);
        small.Clock.Now = Instant.FromUtc(2026, 10, 3, 9, 0);

        var why = await small.Json("costs --from 2026-09 --to 2026-10 --pi ada@example.org --why");
        Assert.Equal("30.00 USD", why.GetProperty("before").GetString());
        Assert.Equal("100.00 USD", why.GetProperty("after").GetString());
        Assert.Equal(
            ["new 10.00 USD", "ended -10.00 USD", "hours 10.00 USD", "shape 10.00 USD", "price 50.00 USD"], Steps(why));
        Assert.StartsWith("2026-09:acme:c1:p-1:CPU:", why.GetProperty("steps")[4].GetProperty("items")[0]
            .GetProperty("charge").GetString(), StringComparison.Ordinal);
    }

    /// <summary>A project that moves to another PI is neither ended for the one nor new for the other.</summary>
    [Fact]
    public async Task A_project_that_changed_hands_and_a_late_reading_are_called_so()
    {
        using var small = await SmallExchange.Start(Sheet("2026-01", "1"));
        await small.Told("cluster,project,name,pi,from\nc1,p-1,One,ada@example.org,2026-08\n" +
            "c1,p-2,Two,ada@example.org,2026-08");
        await Ran(small, "pod", 8, 10, 1);
        small.Clock.Now = Instant.FromUtc(2026, 9, 3, 9, 0);
        await small.Ran("p-2", "other", "2026-08-01T00:00:00Z", "2026-08-01T03:00:00Z");
        await small.Done("close --month 2026-08 --commit");
        await small.Told("cluster,project,name,pi,from\nc1,p-1,One,ben@example.org,2026-09");
        await Ran(small, "pod", 9, 10, 1);
        await small.Ran("p-2", "other", "2026-09-01T00:00:00Z", "2026-09-01T03:00:00Z");
        await small.Ran("p-2", "late", "2026-08-01T00:00:00Z", "2026-08-01T02:00:00Z"); // After its month was billed.
        small.Clock.Now = Instant.FromUtc(2026, 10, 3, 9, 0);
        await small.Done("close --month 2026-09 --commit");

        var ada = await small.Json("costs --from 2026-09 --to 2026-10 --pi ada@example.org --why");
        Assert.Equal(["owner -10.00 USD", "corrections 2.00 USD"], Steps(ada));
        var ben = await small.Json("costs --from 2026-09 --to 2026-10 --pi ben@example.org --why");
        Assert.Equal(["owner 10.00 USD"], Steps(ben));
        var all = await small.Json("costs --from 2026-09 --to 2026-10 --why");
        Assert.Equal(["corrections 2.00 USD"], Steps(all));
    }

    private static IEnumerable<string> Steps(JsonElement why) => why.GetProperty("steps").EnumerateArray()
        .Select(step => $"{step.GetProperty("cause").GetString()} {step.GetProperty("amount").GetString()}");

    private static Task Ran(SmallExchange small, string pod, int month, int hours, int size) => small.Ran(
        "p-1", pod, $"2026-{month:00}-01T00:00:00Z", $"2026-{month:00}-01T{hours:00}:00:00Z",
        $"\"vcpu\":{size},\"ram_mib\":4096");

    private static string Sheet(string from, string rate) => $$"""
        landlord: acme
        service: pods
        clusters: [c1]
        from: {{from}}
        skus:
          - name: CPU
            unit: SU-hour
            rate: "{{rate}}"
            counts: bundle
            bundle: {vcpu: "1", ram_mib: "4096"}
            per: hour
            match: {kind: pod}
        examples:
          - name: a pod
            usage: [{kind: pod, hours: "100", shape: {vcpu: "1", ram_mib: "4096"} }]
            total: "{{rate}}00.00"
        """;
}
