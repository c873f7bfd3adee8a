namespace Exchange.Rating;

/// <summary>Finds the level that holds in a month among all that were published.</summary>
public static class ServiceLevels
{
    /// <returns>Null where nothing is promised.</returns>
    public static ServiceLevel? In(
        IEnumerable<ServiceLevel> levels, LandlordId landlord, string service, BillingMonth month) =>
        levels.Where(one => one.Landlord == landlord && one.Service == service && one.From <= month)
            .MaxBy(one => one.From) is { Ladder.IsEmpty: false } level ? level : null;
}
