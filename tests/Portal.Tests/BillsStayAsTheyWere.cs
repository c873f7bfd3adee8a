using System.Text.Json;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>What was billed is kept: it is worked out once, by one way of rating, and what comes later adds to it.</summary>
public sealed class BillsStayAsTheyWere
{
    /// <summary>
    /// Two pods of two classes, half an hour each: 0.5 SU-hours × $0.013 = $0.0065, rounded once a class to $0.01. The
    /// old 'rate' knew nothing of classes: one line of 1 SU-hour, $0.01.
    /// </summary>
    [Fact]
    public async Task Rating_and_closing_come_to_the_same_where_labels_divide_a_project()
    {
        using var small = await SmallExchange.Start();
        await TwoClasses(small);

        var rated = await small.Json("rate --month 2026-10");
        var closed = await small.Json("close --month 2026-10");
        Assert.Equal(["class:cs101 0.01 USD", "class:cs102 0.01 USD"], Charges(rated));
        Assert.Equal("0.02 USD", rated.GetProperty("total").GetString());
        Assert.Equal(rated.GetProperty("total").GetString(), closed.GetProperty("total").GetString());
        Assert.Equal(["class:cs101 0.01 USD"], Charges(await small.Json("rate --month 2026-10 --project class:cs101")));
        Assert.Equal(
            ["class:cs101 0.01 USD", "class:cs102 0.01 USD"],
            Charges(await small.Json("rate --month 2026-10 --project class")));
        var compared = await small.Json("rate --month 2026-10 --compare");
        Assert.Equal("0.02 USD", compared.GetProperty("corrected").GetString());
    }

    /// <summary>
    /// 100 SU-hours of a project that nobody answers for are suspense; told whose they were, they move to the PI with
    /// the next close: one charge, two accounts.
    /// </summary>
    [Fact]
    public async Task An_owner_who_is_told_backward_gets_the_charge_and_every_month_is_shown()
    {
        using var small = await SmallExchange.Start();
        await small.Ran("orph", "pod-1", "2026-10-01T00:00:00Z", "2026-10-05T04:00:00Z");
        await small.Ran("other", "pod-2", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z");
        await small.Told("cluster,project,name,pi\nc1,other,Other,ben@mit.edu");
        await small.Done("close --month 2026-10 --commit");
        await small.Told("cluster,project,name,pi\nc1,orph,Orphans,ada@bu.edu");
        small.Clock.Now = Instant.FromUtc(2026, 12, 3, 9, 0);

        await small.Done("close --month 2026-11 --commit");
        await small.Done("replay");
        var november = (await small.Json("invoices list --month 2026-11")).EnumerateArray()
            .Where(row => row.TryGetProperty("number", out _))
            .Select(row => $"{row.GetProperty("account").GetProperty("pi")} {row.GetProperty("total")}");
        Assert.Equal(["ada@bu.edu 1.30 USD", "ben@mit.edu 0.31 USD"], november.Order(StringComparer.Ordinal));
        await small.Done("verify");
        Assert.Equal(
            ["2026-10  1.30", "2026-11  -1.30", "2026-11 ada@bu.edu 1.30", "2026-11 ben@mit.edu 0.31"],
            await small.Shown());
    }

    internal static async Task TwoClasses(SmallExchange small)
    {
        await small.Told("cluster,project,name,pi,split\nc1,class,Courses,ada@bu.edu,class");
        foreach (var (pod, label) in (IEnumerable<(string, string)>)[("pod-1", "cs101"), ("pod-2", "cs102")])
        {
            await small.Ran(
                "class", pod, "2026-10-01T00:00:00Z", "2026-10-01T00:30:00Z",
                $"{SmallExchange.One},\"class\":\"{label}\"");
        }
    }

    private static IEnumerable<string> Charges(JsonElement rated) => rated.GetProperty("charges").EnumerateArray()
        .Select(charge => $"{charge.GetProperty("project").GetString()} {charge.GetProperty("amount").GetString()}");
}
