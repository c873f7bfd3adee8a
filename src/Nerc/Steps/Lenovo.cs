using Exchange.Invoicing.Funds;

namespace Exchange.Nerc.Steps;

/// <summary>Step 5: what Lenovo gets for each line on its hardware, billable or not.</summary>
internal static class Lenovo
{
    public const string BareMetal = "BM ";

    public static IReadOnlyList<NercLine> Apply(NercSources sources, IReadOnlyList<NercLine> lines, Fix fixes)
    {
        var rates = sources.Programme("nerc-lenovo")?.Terms.Rates ?? [];
        return
        [
            .. lines.Select(line =>
            {
                if (rates.FirstOrDefault(rate => Is(line.SuType, rate)) is not { } rate)
                {
                    return line;
                }

                var gpus = fixes.HasFlag(Fix.AllOfLenovo) && line.SuType.StartsWith(BareMetal, StringComparison.Ordinal)
                    ? rate.NodeGpus
                    : 1;
                var perHour = rate.PerHour * gpus;
                return line with { SuCharge = perHour, LenovoCharge = Money.Round(perHour * (line.Hours ?? 0)) };
            }),
        ];
    }

    /// <summary>Whether a line is in Lenovo's report.</summary>
    public static bool Lists(NercSources sources, NercLine line, Fix fixes) =>
        (sources.Programme("nerc-lenovo")?.Terms.Rates ?? []).Any(rate =>
            rate.Skus.Contains(line.SuType) || (fixes.HasFlag(Fix.AllOfLenovo) && Is(line.SuType, rate)));

    private static bool Is(string suType, SettlementRate rate) =>
        suType.Contains(rate.Hardware, StringComparison.Ordinal);
}
