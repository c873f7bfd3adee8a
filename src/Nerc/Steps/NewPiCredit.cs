using Exchange.Invoicing.Funds;

namespace Exchange.Nerc.Steps;

/// <summary>Step 8: the credit for new PIs, and the ledger that says who still has some.</summary>
internal static class NewPiCredit
{
    public static PiLedger Apply(NercSources sources, NercLine[] lines, Fix fixes)
    {
        if (sources.Programme("nerc-new-pi-credit") is not var (programme, terms))
        {
            return sources.Ledger;
        }

        var eligible = Discount.Places(lines, line => IsEligible(line, terms, sources, fixes))
            .ToLookup(place => lines[place].Pi!, StringComparer.Ordinal);
        List<PiEntry> entries = [.. sources.Ledger.Entries];
        foreach (var pi in lines.Select(line => line.Pi).OfType<string>().Distinct(StringComparer.Ordinal).ToList())
        {
            var place = entries.FindIndex(entry => entry.Pi == pi);
            var known = place >= 0 ? entries[place] : null;
            var age = known is null ? 0 : Age(known, sources.Month);
            if (age >= 2 || age >= terms.WindowMonths)
            {
                continue;
            }

            var places = eligible[pi].ToList();
            if (age == 0)
            {
                // The clock starts with the first line of any kind; without an eligible one it starts with nothing.
                known = new(
                    pi, sources.Month.ToString(), places.Count == 0 ? Money.Zero : terms.Amount ?? Money.Zero,
                    Money.Zero, Money.Zero);
            }

            var left = (known!.Initial ?? Money.Zero) - (age == 0 ? Money.Zero : known.FirstUsed ?? Money.Zero);
            if (left < Money.Zero && fixes.HasFlag(Fix.NegativeLinesTakeNothing))
            {
                left = Money.Zero;
            }

            var used = Discount.Spread(lines, places, left, terms.Share, fixes, Discount.AsCredit(programme.Code));
            Write(entries, place, age == 0 ? known with { FirstUsed = used } : known with { SecondUsed = used });
        }

        return new(entries);
    }

    private static void Write(List<PiEntry> entries, int place, PiEntry entry)
    {
        if (place >= 0)
        {
            entries[place] = entry;
        }
        else
        {
            entries.Insert(0, entry);
        }
    }

    private static bool IsEligible(NercLine line, ProgrammeTerms terms, NercSources sources, Fix fixes) =>
        line is { IsBillable: true, Pi: not null } && !Excludes(terms, line.SuType, fixes) &&
        terms.IsEligible(sources.Institutions.Named(line.Institution), sources.Month);

    /// <summary>An excluded SU type excludes its hardware: 'BM GPUH100' is as scarce as 'OpenShift GPUH100'.</summary>
    private static bool Excludes(ProgrammeTerms terms, string suType, Fix fixes) =>
        terms.Excludes(new(suType)) ||
        (fixes.HasFlag(Fix.ExcludeBareMetalGpus) && suType.StartsWith("BM ", StringComparison.Ordinal) &&
            terms.ExcludedSkus.Any(excluded => Hardware(excluded) == Hardware(suType)));

    private static string Hardware(string suType) => suType[(suType.IndexOf(' ', StringComparison.Ordinal) + 1)..];

    private static int Age(PiEntry entry, BillingMonth month)
    {
        var age = month.MonthsSince(Months.Parse(entry.FirstMonth));
        return age >= 0
            ? age
            : throw new RefusedException(new(
                "nerc/pi-from-the-future",
                $"{entry.Pi} was first invoiced in {entry.FirstMonth}, after {month}. Import {month} with the ledger " +
                "of its own time.", "PI.csv"));
    }
}
