using Exchange.Invoicing.Funds;
using Exchange.Invoicing.Settlements;
using Xunit;

namespace Exchange.Nerc.Tests;

/// <summary>Programmes, landlords and NERC's lists that would overflow a stack are refused with their line.</summary>
public class HostileYaml
{
    private static readonly Dictionary<string, Action<string>> Doors = new()
    {
        ["programme"] = text => ProgrammeFile.Parse(text, "x.yaml"),
        ["landlords"] = text => Landlords.Parse(text, "x.yaml"),
        ["PIs that are not billed"] = text =>
            _ = new NercCase().Line("a-1", "a@mit.edu", "1").With(NercRole.NonbillablePis, text).Sources,
        ["projects that are not billed"] = text =>
            _ = new NercCase().Line("a-1", "a@mit.edu", "1").With(NercRole.NonbillableProjects, text).Sources,
    };

    public static IEnumerable<TheoryDataRow<string, int>> Attacks =>
        from door in Doors.Keys
        from depth in (int[])[0, 100_000, 1_000_000]
        select new TheoryDataRow<string, int>(door, depth);

    [Theory]
    [MemberData(nameof(Attacks))]
    public void Is_refused_at_every_door(string door, int depth)
    {
        var text = depth == 0 ? "? &a [*a]" : "a: " + new string('[', depth);
        var refusal = Assert.Throws<RefusedException>(() => Doors[door](text)).Refusal;
        Assert.Equal(depth == 0 ? "yaml/alias" : "yaml/too-deep", refusal.Code);
        Assert.EndsWith(":1", refusal.Where, StringComparison.Ordinal);
    }
}
