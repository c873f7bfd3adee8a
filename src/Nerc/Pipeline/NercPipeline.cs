using Exchange.Nerc.Steps;

namespace Exchange.Nerc;

/// <summary>A month after the pipeline: its lines, and the two ledgers as they stand after it.</summary>
public sealed record NercOutcome(
    NercSources Sources, Fix Fixes, IReadOnlyList<NercLine> Lines, PiLedger Ledger, IReadOnlyList<PrepayAmount> Debits);

/// <summary>
/// What NERC's monthly scripts do, as a pure function of their inputs: step by step in their order, with as many of
/// their faults as are not put right.
/// </summary>
public static class NercPipeline
{
    /// <exception cref="RefusedException">The inputs contradict each other in a way that stops the month.</exception>
    public static NercOutcome Run(NercSources sources, Fix fixes)
    {
        var loaded = ServiceLines.Load(sources, fixes);
        var named = ColdFrontNames.Apply(sources, loaded, fixes);
        var (people, known) = People.Apply(sources, named, fixes);
        var placed = known.Select(line => line.Pi is { } pi
            ? line with { Institution = Institution(sources, pi, fixes) }
            : line);
        var charged = Lenovo.Apply(sources, [.. placed], fixes);
        NercLine[] lines =
        [
            .. Billability.Apply(sources, people, charged, fixes)
                .Select(line => line with { PiBalance = line.Cost, Balance = line.Cost }),
        ];

        FreeSkuCredit.Apply(sources, people, lines, fixes);
        var ledger = NewPiCredit.Apply(sources, lines, fixes);
        Subsidy.Apply(sources, lines, fixes);
        var debits = PrepaidMoney.Apply(sources, lines, fixes);
        return new(sources, fixes, lines, ledger, debits);
    }

    /// <summary>Step 4. Domains have no case; today only lower case is recognised.</summary>
    private static string? Institution(NercSources sources, string pi, Fix fixes) =>
        sources.Institutions.OfAddress(
            fixes.HasFlag(Fix.OnePersonPerAddress) ? pi.ToLowerInvariant() : pi)?.Name;
}
