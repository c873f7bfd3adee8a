using Exchange.Journal;
using Exchange.Rating;

namespace Exchange.Portal.Spend;

/// <summary>Who answers for projects, by what the directory knows now: whoever rates asks for it.</summary>
internal static class KnownOwners
{
    public static async Task<Attribution> Owners(this Composition exchange, CancellationToken ct) => new(
        await exchange.Journal.State(ProjectDirectory.Fold, ProjectDirectory.Id, ct), exchange.Institutions,
        exchange.Facts.Billability);
}
