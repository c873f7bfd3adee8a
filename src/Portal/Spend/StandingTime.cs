using Exchange.Rating;

namespace Exchange.Portal.Spend;

/// <summary>For how long a project holds a reservation or commitment in a month.</summary>
/// <param name="Project">'landlord:cluster:project', as the ids of its charges begin after the month.</param>
internal sealed record StandingTime(string Id, string Project, Period Period)
{
    public static IReadOnlyCollection<StandingTime> Of(Agreements agreements, Period within) =>
    [
        .. from one in agreements.Standing
           from part in one.Parts()
           let period = part.Period.Clip(within)
           where period is not null
           select new StandingTime(one.Id, $"{one.Landlord}:{one.Cluster}:{part.Project}", period.Value),
    ];
}
