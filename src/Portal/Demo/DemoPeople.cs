using Exchange.Portal.Web.Access;

namespace Exchange.Portal.Demo;

/// <summary>Whom a visitor of the demonstration may be: one of each role, and the PIs with the most to see.</summary>
internal static class DemoPeople
{
    public static IReadOnlyList<Persona> Of(Cast cast)
    {
        var busiest = cast.Pis.OrderByDescending(pi => cast.Projects.Count(p => p.Pi == pi)).ToList();
        var known = Known(cast);
        var fresh = busiest.First(pi => pi.IsNew);
        return
        [
            Pi(known, "A PI at Boston University: spending, forecast, subsidy, invoices."),
            Pi(fresh, "A PI in the first month: what the new-PI credit pays, and what is left of it."),
            new("subsidy", "BU Research IT: what the subsidy comes to, and for whom.",
                new("person:subsidy", "Bea Undine", Role.Subsidy, Payer: "bu-research-it")),
            .. Landlords.All.Select(landlord => new Persona(
                landlord.Value, $"Landlord {landlord}: what was sold and earned, price sheets, settlement.",
                new($"person:{landlord}", $"Landlord {landlord}", Role.Landlord, Landlord: landlord))),
            new("finance", "Finance: close, invoices, settlements, exports.",
                new("person:finance", "Frances Ledger", Role.Finance)),
            new("operator", "Operator: collectors, quarantine, keys, audit.",
                new("person:operator", "Opal Watts", Role.Operator)),
        ];
    }

    /// <summary>Who has the most to see at Boston University.</summary>
    public static DemoPi Known(Cast cast) => cast.Pis
        .OrderByDescending(pi => cast.Projects.Count(p => p.Pi == pi))
        .First(pi => !pi.IsNew && pi.Address.Value.EndsWith("@bu.edu", StringComparison.Ordinal));

    private static Persona Pi(DemoPi pi, string what) =>
        new(pi.Address.Value, what, new($"person:{pi.Address}", pi.Name, Role.Pi, Pi: pi.Address));
}
