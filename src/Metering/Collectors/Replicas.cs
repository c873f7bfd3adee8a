namespace Exchange.Metering.Collectors;

/// <summary>
/// Replicas of a Prometheus, and two exporters of the same, tell of a pod at moments of their own. A moment stands for
/// a step, so what is told beside each other would add the distance between them to the pod's time: one series counts,
/// and another where that one is silent for a step.
/// </summary>
internal static class Replicas
{
    /// <summary>Moments at which a pod was seen by another replica again, in seconds since 1970.</summary>
    public static IEnumerable<long> Repeated(SeriesOfPod requests, long step)
    {
        List<MetricSeries>[] groups =
        [
            requests.Processors, requests.Memory,
            .. requests.Gpus.GroupBy(one => one["resource"], StringComparer.Ordinal).Select(one => one.ToList()),
        ];
        if (!Array.Exists(groups, group => group.Count > 1))
        {
            return [];
        }

        HashSet<long> all = [], kept = [];
        foreach (var group in groups)
        {
            all.UnionWith(group.SelectMany(series => series.Samples(), (_, sample) => sample.Epoch));
            Keep(group, step, kept);
        }

        all.ExceptWith(kept);
        return all;
    }

    private static void Keep(List<MetricSeries> group, long step, HashSet<long> kept)
    {
        var series = group.Where(one => one.Runs.Count > 0).OrderBy(PodRequests.LabelsOf, StringComparer.Ordinal)
            .Select(one => (One: one, First: one.Runs.Min(run => run.First), Last: one.Runs.Max(run => run.Last)))
            .ToList();
        var (last, by) = (0L, -1);
        foreach (var (epoch, of) in series.SelectMany((one, n) => one.One.Samples().Select(told => (told.Epoch, n)))
            .Order())
        {
            var isRepeated = by >= 0 && of != by && epoch < last + step &&
                series[of].First <= series[by].Last && series[by].First <= series[of].Last;
            if (!isRepeated)
            {
                kept.Add(epoch);
                (last, by) = (epoch, of);
            }
        }
    }
}
