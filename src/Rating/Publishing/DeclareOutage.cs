using NodaTime;

namespace Exchange.Rating;

/// <summary>
/// What may be said of outages: each is declared, told otherwise and withdrawn by itself, by the landlord whose it is.
/// </summary>
public static class DeclareOutage
{
    public const string ClosedMonth = "outages/closed-month";

    /// <param name="isCorrection">Whether finance takes it that closed months cost less, or more, by it.</param>
    public static Decision<ExchangeListEvent> Declare(
        ExchangeLists lists, Outage outage, string by, Instant now, IReadOnlySet<BillingMonth> closed,
        bool isCorrection = false)
    {
        var before = lists.Outages.FirstOrDefault(one => one.Is(outage.Landlord, outage.Name));
        if (before is not null && before.Says(outage))
        {
            return [];
        }

        if (outage.Until <= outage.From || outage.Clusters.IsEmpty || Text.IsBlank(outage.Name))
        {
            return new Refusal(
                "outages/wrong", $"Outage '{outage.Name}' needs a name, at least one cluster, and an end after its " +
                "beginning, or none while it lasts.", outage.Name);
        }

        var declared = new ExchangeListEvent.OutageDeclared(
            outage.Name, outage.Landlord, outage.Clusters, outage.From, outage.Until, outage.KnownTo, outage.Reason, by,
            now)
        {
            Kind = outage.Kind,
        };
        return Decide(lists, declared, outage.Landlord, outage.Name, closed, isCorrection);
    }

    public static Decision<ExchangeListEvent> Withdraw(
        ExchangeLists lists, ExchangeListEvent.OutageWithdrawn withdrawn, IReadOnlySet<BillingMonth> closed,
        bool isCorrection = false) =>
        lists.Outages.Any(one => one.Is(withdrawn.Landlord, withdrawn.Name))
            ? Decide(lists, withdrawn, withdrawn.Landlord, withdrawn.Name, closed, isCorrection)
            : new Refusal(
                "outages/unknown",
                $"{withdrawn.Landlord} has no outage '{withdrawn.Name}'. 'exchange outages list' shows those that " +
                "are known.", withdrawn.Name);

    /// <summary>What was out of service in a closed month stays as it was billed.</summary>
    private static Decision<ExchangeListEvent> Decide(
        ExchangeLists lists, ExchangeListEvent happened, LandlordId landlord, string name,
        IReadOnlySet<BillingMonth> closed, bool isCorrection)
    {
        var after = ExchangeLists.Fold.Evolve(lists, happened);
        var changed = closed.Order().FirstOrDefault(month => !Spans(lists, landlord, month)
            .SequenceEqual(Spans(after, landlord, month)));
        return changed == default || isCorrection
            ? [happened]
            : new Refusal(
                ClosedMonth,
                $"Outage '{name}' would change {changed}, which is closed. Declare what lies in open months; for the " +
                "rest ask finance, who adds it as a correction: 'exchange outages add … --correction'.", name);
    }

    private static IEnumerable<(string, long, long)> Spans(
        ExchangeLists lists, LandlordId landlord, BillingMonth month) =>
        from outage in lists.Outages
        where outage.Landlord == landlord
        from cluster in outage.Clusters
        from policies in outage.KnownTo
        group outage by (Cluster: cluster.Value, Policies: policies, outage.Kind) into of
        orderby of.Key.Cluster, of.Key.Policies, of.Key.Kind
        from span in Outage.Merged(of.Select(one => (
            Start: Instant.Max(month.Start, one.From).ToUnixTimeTicks(),
            End: Instant.Min(month.End, one.Until ?? month.End).ToUnixTimeTicks())).Where(s => s.Start < s.End))
        select ($"{of.Key.Cluster} {of.Key.Policies} {of.Key.Kind}", span.Start, span.End);
}
