using Exchange.Metering;
using Exchange.Metering.Collectors;
using Exchange.Rating;
using NodaTime;

namespace Exchange.Invoicing.Closing;

/// <summary>
/// Rates a month and says who answers for each charge. A project that changes hands inside the month is rated in
/// parts, so that each owner gets what was used in their time.
/// </summary>
public static class RateOwned
{
    /// <param name="explain">Told each part of each charge, when given.</param>
    public static async Task<MonthCharges> Run(
        Meter meter, PriceBooks books, Attribution attribution, ProjectDirectory directory, RateRequest request,
        CancellationToken ct, Action<Contribution>? explain = null)
    {
        var moved = Moves(directory, attribution, request.Period);
        var kept = new Dictionary<(ClusterId, ProjectId), Kept>();
        var rater = new Rater(books, attribution.For(request) with
        {
            Binds = (cluster, project) => !moved.ContainsKey((cluster, project)),
        }, explain);
        await meter.Read(rater.Needs, byName: explain is not null, Rate, Count, ct);
        await foreach (var row in meter.Bills.Focus(request.Month.Period, request.Landlord, ct))
        {
            var (cluster, project) = (row.Cluster, FederatedBill.ProjectOf(row));
            if (moved.ContainsKey((cluster, project)))
            {
                Keep(kept, (cluster, project)).Rows.Add(row);
            }
            else
            {
                rater.Add(row);
            }
        }

        var rated = rater.Finish();
        List<OwnedCharge> charges = [.. rated.Charges.Select(charge => Owned(attribution, charge))];
        List<Unpriced> unpriced = [.. rated.Unpriced];
        foreach (var (project, usage) in kept)
        {
            foreach (var part in Parts(request.Period, moved[project]))
            {
                var since = part.Start == request.Period.Start ? "" : $"~{Text.Of(part.Start)}";
                var one = usage.Rate(
                    books, request with { Within = part, Binds = (cluster, id) => (cluster, id) == project },
                    explain is null ? null : said => explain(said with { ChargeId = said.ChargeId + since }));
                charges.AddRange(one.Charges.Select(charge => Owned(attribution, charge with { Since = since })));
                unpriced.AddRange(one.Unpriced);
            }
        }

        return new(request.Month, charges, unpriced);

        void Rate(Segment used)
        {
            var segment = used with { Project = attribution.UserOf(used) };
            if (moved.ContainsKey((used.Resource.Cluster, used.Project)))
            {
                Keep(kept, (used.Resource.Cluster, used.Project)).Segments.Add(segment);
            }
            else
            {
                rater.Add(segment);
            }
        }

        void Count(DailyTotal total)
        {
            if (moved.ContainsKey((total.Resource.Cluster, total.Project)))
            {
                Keep(kept, (total.Resource.Cluster, total.Project)).Totals.Add(total);
            }
            else
            {
                rater.Add(total);
            }
        }
    }

    /// <summary>The instants inside a period at which a project's owner, name or institution changes.</summary>
    private static Dictionary<(ClusterId, ProjectId), List<Instant>> Moves(
        ProjectDirectory directory, Attribution attribution, Period period)
    {
        var moves = new Dictionary<(ClusterId, ProjectId), List<Instant>>();
        foreach (var ((cluster, project), facts) in directory.Facts)
        {
            var at = facts.Select(fact => fact.From).Where(from => from > period.Start && from < period.End)
                .Where(from => attribution.Of(cluster, project, from) !=
                    attribution.Of(cluster, project, from - Duration.Epsilon)).ToList();
            if (at.Count > 0)
            {
                moves[(cluster, project)] = at;
            }
        }

        return moves;
    }

    private static IEnumerable<Period> Parts(Period period, List<Instant> cuts) =>
        cuts.Prepend(period.Start).Zip(cuts.Append(period.End), (start, end) => new Period(start, end));

    private static OwnedCharge Owned(Attribution attribution, Charge charge) =>
        new(charge, attribution.Of(charge.Cluster, charge.Project, charge.Period.Start));

    private static Kept Keep(Dictionary<(ClusterId, ProjectId), Kept> kept, (ClusterId, ProjectId) project)
    {
        if (!kept.TryGetValue(project, out var usage))
        {
            kept[project] = usage = new([], [], []);
        }

        return usage;
    }

    private sealed record Kept(List<Segment> Segments, List<DailyTotal> Totals, List<FocusRow> Rows)
    {
        public Rated Rate(PriceBooks books, RateRequest request, Action<Contribution>? explain)
        {
            var rater = new Rater(books, request, explain);
            Segments.ForEach(segment => rater.Add(segment));
            Totals.ForEach(rater.Add);
            Rows.ForEach(rater.Add);
            return rater.Finish();
        }
    }
}
