using System.Runtime.CompilerServices;
using Exchange.Invoicing.Closing;

namespace Exchange.Portal.Funds;

/// <summary>
/// Subsidies as their payers see them, each kept as long as the standing that its figures are from, and worked out
/// again when anything else that it rests on is another: thousands of PIs are gone through for one.
/// </summary>
internal static class KeptSubsidies
{
    private static readonly ConditionalWeakTable<ProgrammeStanding, Kept> Known = [];

    /// <param name="basis">What it rests on besides the standing; the same while they are the same objects.</param>
    public static Subsidy Of(ProgrammeStanding standing, object[] basis, Func<Subsidy> work)
    {
        if (Known.TryGetValue(standing, out var kept) &&
            kept.Basis.Zip(basis).All(pair => ReferenceEquals(pair.First, pair.Second)))
        {
            return kept.Subsidy;
        }

        var subsidy = work();
        Known.AddOrUpdate(standing, new(basis, subsidy));
        return subsidy;
    }

    private sealed record Kept(object[] Basis, Subsidy Subsidy);
}
