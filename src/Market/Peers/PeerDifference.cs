using System.Text.Json.Serialization;

namespace Exchange.Market.Peers;

/// <summary>What one side says of a line: what a project used, and what it comes to.</summary>
/// <param name="Quantity">Null where it is not known, so that it is not compared.</param>
public readonly record struct SaidOfLine(ProjectId Project, string What, Money Amount, Quantity? Quantity);

/// <summary>A line on which two exchanges do not agree.</summary>
/// <param name="Asked">What the other asks for it.</param>
/// <param name="Here">What it comes to here.</param>
public sealed record PeerDifference(
    ProjectId Project, string What, Money Asked, Money Here, Quantity? AskedQuantity, Quantity? QuantityHere)
{
    public Money Difference => Asked - Here;

    /// <summary>
    /// The lines on which two sides differ, by project and name; none where they agree. Lines of the same name are
    /// added up, whichever sheet priced them, and a line that one side lacks is nothing there.
    /// </summary>
    public static IReadOnlyList<PeerDifference> Between(
        IEnumerable<SaidOfLine> asked, IEnumerable<SaidOfLine> here) =>
        [.. All(asked, here).Where(line => line.Differs)];

    /// <summary>Whether the two sides say something else of it.</summary>
    [JsonIgnore]
    public bool Differs => Asked != Here ||
        (AskedQuantity is { } one && QuantityHere is { } other && one != other);

    /// <summary>Every line of either, side by side.</summary>
    public static IReadOnlyList<PeerDifference> All(IEnumerable<SaidOfLine> asked, IEnumerable<SaidOfLine> here)
    {
        var (there, ours) = (Summed(asked), Summed(here));
        return
        [
            .. from key in there.Keys.Union(ours.Keys)
               let a = there.GetValueOrDefault(key)
               let b = ours.GetValueOrDefault(key)
               orderby key.Project.Value, key.What
               select new PeerDifference(key.Project, key.What, a.Amount, b.Amount, a.Quantity, b.Quantity),
        ];
    }

    private static Dictionary<(ProjectId Project, string What), SaidOfLine> Summed(IEnumerable<SaidOfLine> lines) =>
        lines.GroupBy(line => (line.Project, line.What)).ToDictionary(
            of => of.Key,
            of => new SaidOfLine(
                of.Key.Project, of.Key.What, Money.Sum(of.Select(line => line.Amount)),
                of.Select(line => line.Quantity).Aggregate((a, b) => a + b)));
}
