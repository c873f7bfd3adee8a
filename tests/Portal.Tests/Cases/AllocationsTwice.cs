using Xunit;

namespace Exchange.Portal.Tests.Cases;

/// <summary>
/// ColdFront tells every allocation that ever was, in any order: the one that is active answers for the namespace, and
/// two that are active at once are shown and not decided by their order.
/// </summary>
public sealed class AllocationsTwice
{
    [Fact]
    public async Task The_one_that_is_active_answers_whatever_stands_last()
    {
        string[] ended = ["Revoked", "Denied", "Expired", "New", "Inactive (Renewed)", "Unpaid", "Payment Declined"];
        var random = new Random(3);
        foreach (var active in (string[])["Active", "Active (Needs Renewal)", "active", "Renewal Requested"])
        {
            using var exchange = await PricedExchange.Start();
            var all = ended.Select((status, i) => One($"p{i}@mit.edu", status, i)).Append(One("new.pi@bu.edu", active, 3))
                .ToArray();
            for (var look = 0; look < 3; look++)
            {
                random.Shuffle(all);
                var file = exchange.File($"{look}.json", $"[{string.Join(',', all)}]");
                await exchange.Done($"projects import {file}");
                var listed = (await exchange.Done("projects list")).Output;
                Assert.Contains("new.pi@bu.edu", listed, StringComparison.Ordinal);
                Assert.DoesNotContain("@mit.edu", listed, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Two_that_are_active_are_a_contradiction_that_names_both_and_changes_nothing()
    {
        using var exchange = await PricedExchange.Start();
        await exchange.Done($"projects import {exchange.File("a.json", $"[{One("a@bu.edu", "Active", 1)}]")}");
        var both = await exchange.Line("projects import " +
            exchange.File("b.json", $"[{One("b@bu.edu", "Active", 1)},{One("c@bu.edu", "Active", 1)}]"));
        Assert.Equal(1, both.Exit);
        Assert.Contains("b@bu.edu and c@bu.edu", both.Output, StringComparison.Ordinal);
        Assert.Contains("a@bu.edu", (await exchange.Done("projects list")).Output, StringComparison.Ordinal);
    }

    private static string One(string pi, string status, int number) => $$"""
        {"id":{{number}},"project":{"id":5,"title":"T","pi":"{{pi}}","status":"Active"},"resource":{"name":"NERC-OCP","resource_type":"OpenShift"},"status":"{{status}}","attributes":{"Allocated Project ID":"ns-1","Allocated Project Name":"ns-1"} }
        """;
}
