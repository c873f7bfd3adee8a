namespace Exchange.Nerc.Steps;

/// <summary>Step 7: service units that some PIs use for free are credited whole, billable or not.</summary>
internal static class FreeSkuCredit
{
    public static void Apply(NercSources sources, People people, NercLine[] lines, Fix fixes)
    {
        if (sources.Programme("nerc-free-skus") is not var (programme, terms))
        {
            return;
        }

        // A PI who is listed twice keeps the last list of SU types.
        var lists = new OrderedDictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var pi in sources.NonbillablePis)
        {
            if (pi.FreeSuTypes is { } types)
            {
                lists[Billability.Known(pi.Username, people, fixes)] = types;
            }
        }

        foreach (var (pi, types) in lists)
        {
            var places = Discount.Places(lines, line => line.Pi == pi && types.Contains(line.SuType));
            var costs = places.Select(place => lines[place].Cost);
            var amount = fixes.HasFlag(Fix.NegativeLinesTakeNothing)
                ? Money.Sum(costs.Where(cost => cost > Money.Zero))
                : Money.Sum(costs);
            Discount.Spread(lines, places, amount, terms.Share, fixes, Discount.AsCredit(programme.Code));
        }
    }
}

/// <summary>Step 9: what an institution pays for each of its PIs; only what the PI owes gets less.</summary>
internal static class Subsidy
{
    public static void Apply(NercSources sources, NercLine[] lines, Fix fixes)
    {
        if (sources.Programme("nerc-bu-subsidy") is not var (_, terms))
        {
            return;
        }

        var eligible = Discount.Places(lines, line =>
            line is { IsBillable: true, Pi: not null } &&
            terms.IsEligible(sources.Institutions.Named(line.Institution), sources.Month));
        foreach (var ofOnePi in eligible.GroupBy(place => lines[place].Pi))
        {
            Discount.Spread(
                lines, [.. ofOnePi], terms.Amount ?? Money.Zero, terms.Share, fixes,
                (line, taken) => line with { Subsidy = line.Subsidy + taken });
        }
    }
}
