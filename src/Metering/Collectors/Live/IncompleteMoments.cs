namespace Exchange.Metering.Collectors.Live;

/// <summary>
/// Finds moments at which a part of what a pod requests is missing. A pod's requests do not vanish while it lives, so
/// one that asks for CPU now, and for CPU and a GPU a step later, was told in part: a series ended in the middle.
/// </summary>
internal static class IncompleteMoments
{
    public static HashSet<PodMoment> Of(IEnumerable<MetricSeries> all)
    {
        HashSet<PodMoment> incomplete = [];
        foreach (var pod in all.Where(IsRequest).GroupBy(s => (s["namespace"], s["pod"], s["uid"])))
        {
            var requests = pod.GroupBy(series => series["resource"])
                .Select(same => same.SelectMany(series => series.Samples()).Select(sample => sample.Epoch).ToHashSet())
                .ToList();
            foreach (var epoch in requests.SelectMany(epochs => epochs).Distinct())
            {
                if (requests.Exists(epochs => !epochs.Contains(epoch)))
                {
                    incomplete.Add(new(pod.Key.Item1 ?? "", pod.Key.Item2 ?? "", epoch));
                }
            }
        }

        return incomplete;
    }

    private static bool IsRequest(MetricSeries series) => series["resource"] is { } resource &&
        PodResources.KindOf(resource) != PodResource.NotForSale;
}
