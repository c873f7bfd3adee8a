namespace Exchange.Metering.Collectors;

/// <summary>
/// The GPUs of nodes that were not labelled with their product when their metrics were taken. They are nodes of one
/// installation; a node of the same name anywhere else is another.
/// </summary>
internal static class NodeGpus
{
    private const string V100 = "Tesla-V100-PCIE-32GB";
    private const string A100Sxm4 = "NVIDIA-A100-SXM4-40GB";
    private const string H100 = "NVIDIA-H100-80GB-HBM3";

    private static readonly Dictionary<string, string> Products = new(StringComparer.Ordinal)
    {
        ["wrk-88"] = V100,
        ["wrk-89"] = V100,
        ["wrk-102"] = V100,
        ["wrk-103"] = V100,
        ["wrk-104"] = V100,
        ["wrk-105"] = V100,
        ["wrk-106"] = V100,
        ["wrk-107"] = V100,
        ["wrk-108"] = V100,
        ["wrk-94"] = A100Sxm4,
        ["wrk-95"] = A100Sxm4,
        ["wrk-97"] = A100Sxm4,
        ["wrk-98"] = A100Sxm4,
        ["wrk-109"] = H100,
        ["wrk-110"] = H100,
        ["wrk-111"] = H100,
        ["wrk-112"] = H100,
    };

    public static string? Of(PodCluster cluster, string? node) =>
        node is null || (cluster.Landlord.Value, cluster.Cluster.Value) != ("nerc", "ocp-prod")
            ? null
            : Products.GetValueOrDefault(node);
}
