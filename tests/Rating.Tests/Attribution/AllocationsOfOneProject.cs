using Xunit;

namespace Exchange.Rating.Tests;

/// <summary>ColdFront lists every allocation that ever was; in any order the same one answers.</summary>
public class AllocationsOfOneProject
{
    private static string One(string pi, string status, string more = "") => $$"""
        {"id":1,{{more}}"project":{"pi":"{{pi}}"},"resource":{"name":"NERC-OCP"},"status":"{{status}}","attributes":{"Allocated Project ID":"ns","Allocated Project Name":"ns"} }
        """;

    public static TheoryData<string, string[]> Cases => new()
    {
        { "new@bu.edu", [One("new@bu.edu", "Active"), One("old@bu.edu", "Revoked"), One("no@bu.edu", "Denied")] },
        { "new@bu.edu", [One("new@bu.edu", "Active (Needs Renewal)"), One("old@bu.edu", "Expired")] },
        { "new@bu.edu", [One("new@bu.edu", "Active", "\"start_date\":\"2026-09-01\","), One("old@bu.edu", "Active", "\"start_date\":\"2025-01-01\",")] },
        { "new@bu.edu", [One("new@bu.edu", "Active"), One("NEW@bu.edu", "Active")] },
        { "old@bu.edu", [One("old@bu.edu", "Expired"), One("no@bu.edu", "Denied")] },
        { "old@bu.edu", [One("old@bu.edu", "Revoked"), One("no@bu.edu", "New").Replace("\"New\"", "\"Denied\"", StringComparison.Ordinal)] },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void The_one_in_force_answers_in_any_order(string pi, string[] allocations)
    {
        foreach (var order in new[] { allocations, [.. allocations.Reverse()], [.. allocations.Skip(1), allocations[0]] })
        {
            var text = $"[{string.Join(',', order)}]";
            Assert.Equal(pi, Assert.Single(ToldProjects.Parse(text, "c.json")).Pi!.Value.Value.ToLowerInvariant());
            Assert.Empty(ToldProjects.Contradictions(text, "c.json"));
        }
    }

    [Fact]
    public void Two_that_are_active_at_once_are_told_and_not_taken()
    {
        var text = $"[{One("a@bu.edu", "Active")},{One("b@bu.edu", "Active")}]";
        Assert.Empty(ToldProjects.Parse(text, "c.json"));
        Assert.Contains("of a@bu.edu and b@bu.edu", Assert.Single(ToldProjects.Contradictions(text, "c.json")), StringComparison.Ordinal);
    }

    [Fact]
    public void What_was_denied_alone_answers_for_nothing() =>
        Assert.Empty(ToldProjects.Parse($"[{One("no@bu.edu", "Denied")}]", "c.json"));
}
