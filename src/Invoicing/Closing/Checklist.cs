namespace Exchange.Invoicing.Closing;

/// <summary>What finance looks at before it issues: what stands in the way, and what is worth knowing.</summary>
public static class Checklist
{
    /// <param name="isEarlierOpen">Whether the month before has charges and is not closed.</param>
    /// <param name="setAside">How many readings are in quarantine.</param>
    public static IReadOnlyList<Check> Run(MonthCharges month, bool isEarlierOpen, int setAside)
    {
        List<Check> checks = [];
        if (isEarlierOpen)
        {
            checks.Add(new("close/earlier-open", true,
                $"{month.Month.Previous} has charges and is open. Close it first: 'exchange close --month " +
                $"{month.Month.Previous} --commit'."));
        }

        if (month.Unpriced.Count > 0)
        {
            var first = month.Unpriced[0];
            checks.Add(new("close/unpriced", true,
                $"{month.Unpriced.Count} kinds of usage have no price. {first.Why} 'exchange rate --month " +
                $"{month.Month}' lists them all."));
        }

        var unowned = month.Charges.Where(owned => owned.Account == Account.Suspense).ToList();
        if (unowned.Count > 0)
        {
            checks.Add(new("close/unattributed", false,
                $"{unowned.Select(o => (o.Charge.Cluster, o.Charge.Project)).Distinct().Count()} projects with " +
                $"{Money.Sum(unowned.Select(o => o.Charge.Amount))} have no PI, such as " +
                $"'{unowned[0].Charge.Project}' in {unowned[0].Charge.Cluster}. They go to the suspense account " +
                "until " +
                "'exchange projects import' says whose they are; a later close bills them then."));
        }

        if (setAside > 0)
        {
            checks.Add(new("close/quarantine", false,
                $"{setAside} readings are in quarantine and are not billed. 'exchange quarantine list' shows them; " +
                "released after the close, they become adjustments."));
        }

        return checks;
    }
}
