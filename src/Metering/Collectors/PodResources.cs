namespace Exchange.Metering.Collectors;

/// <summary>What a pod asks for when it requests a resource.</summary>
internal enum PodResource { Processors, Memory, Gpu, NotForSale }

/// <summary>
/// Tells resources of Kubernetes apart by their names, as kubelets and kube-state-metrics write them. A device that is
/// neither known to be an accelerator nor known to be something else counts as one: without a price it is reported,
/// while a pod that is taken for one without GPU is billed wrong and nobody sees it.
/// </summary>
internal static class PodResources
{
    private const string Shared = "-SHARED";

    /// <summary>Words of names of devices that are no accelerators: networks, virtualization, enclaves.</summary>
    private static readonly string[] OtherDevices =
    [
        "kvm", "tun", "vhost", "macvtap", "bridge", "sriov", "rdma", "roce", "infiniband", "ib", "hca", "hostdev",
        "netdevice", "net", "network", "nic", "nics", "mlnx", "mlx", "mlxnics", "dpdk", "ens", "eno", "eth", "vf",
        "vfs", "pf", "fuse", "sgx", "enclave", "qat", "dsa", "iax", "tpm", "snd", "tty", "usb", "nvme", "disk",
        "volume", "sev",
    ];

    public static PodResource KindOf(string resource)
    {
        switch (resource)
        {
            case "cpu":
                return PodResource.Processors;
            case "memory":
                return PodResource.Memory;
            case "pods" or "storage" or "ephemeral-storage" or "ephemeral_storage":
                return PodResource.NotForSale;
        }

        if (resource.StartsWith("hugepages", StringComparison.Ordinal) ||
            resource.StartsWith("attachable", StringComparison.Ordinal) || IsNative(resource))
        {
            return PodResource.NotForSale;
        }

        return Devices.AreOther(resource, OtherDevices) ? PodResource.NotForSale : PodResource.Gpu;
    }

    /// <summary>
    /// Slices of a GPU may hide behind the resource of a whole one; then only the product of the node tells. A slice in
    /// turns ('-SHARED') is one of 'nvidia.com/gpu.shared'.
    /// </summary>
    public static string Describe(string resource, string? product) =>
        resource is "nvidia.com/gpu" or "nvidia_com_gpu" &&
        product?.EndsWith(Shared, StringComparison.OrdinalIgnoreCase) == true
            ? "nvidia.com/gpu.shared"
            : resource;

    /// <summary>Whether two exporters write the same resource so: 'amd.com/gpu' and 'amd_com_gpu'.</summary>
    public static bool AreSame(string one, string other) => Plain(one) == Plain(other);

    /// <summary>
    /// What the product of a node says of the GPUs that are asked for under a name. It is NVIDIA's, of whole GPUs and
    /// their slices: of another vendor's, of virtual ones and of shares in memory or cores it says nothing, and what
    /// is shared in turns is another product.
    /// </summary>
    public static string? ModelOf(string resource, string? product)
    {
        var name = Plain(resource);
        if (name != "unknown" &&
            (!name.StartsWith("nvidia", StringComparison.Ordinal) || IsShare(resource) || Devices.AreVirtual(name)))
        {
            return null;
        }

        return product is not null && name.EndsWith("_shared", StringComparison.Ordinal) && !IsSlice(name) &&
            !product.EndsWith(Shared, StringComparison.OrdinalIgnoreCase)
                ? product + Shared
                : product;
    }

    /// <summary>
    /// Whether it is a share of a GPU in memory or cores, as 'nvidia.com/gpumem' and 'tencent.com/vcuda-core': beside a
    /// GPU it is no other one, and its number counts none.
    /// </summary>
    public static bool IsShare(string resource) => Devices.AreShares(resource);

    /// <summary>Resources of Kubernetes itself have no domain; devices of plugins have one.</summary>
    private static bool IsNative(string resource) => resource.AsSpan().IndexOfAny('.', '/', '_') < 0;

    private static bool IsSlice(string name) => name.Contains("_mig_", StringComparison.Ordinal);

    private static string Plain(string resource) =>
        resource.ToLowerInvariant().Replace('.', '_').Replace('/', '_').Replace('-', '_');
}

/// <summary>Tells devices apart by the words in their names.</summary>
internal static class Devices
{
    private static readonly string[] Shares =
        ["mem", "memory", "core", "cores", "millicores", "tiles", "percentage", "percent", "monitoring"];
    private static readonly string[] Accelerators = ["gpu", "vgpu", "pgpu", "mig", "cuda", "tesla", "gaudi"];

    /// <summary>
    /// Whether a name says that it is one of other devices: a word begins like theirs, and none like a GPU's.
    /// </summary>
    public static bool AreOther(string name, IEnumerable<string> others)
    {
        var words = name.ToLowerInvariant().Split(
            ['.', '/', '_', '-', ' ', ':'], StringSplitOptions.RemoveEmptyEntries);
        return !words.Any(word => Accelerators.Any(one => word.StartsWith(one, StringComparison.Ordinal))) &&
            words.Any(word => others.Any(other => IsOne(word, other)));
    }

    /// <summary>Whether a name says that its GPUs are virtual: 'nvidia.com/GRID_T4-8Q', 'nvidia.com/vgpu'.</summary>
    public static bool AreVirtual(string plain) =>
        plain.Contains("grid", StringComparison.Ordinal) || plain.Contains("vgpu", StringComparison.Ordinal);

    /// <summary>Whether a name says that it is of a GPU's memory or cores: 'gpumem', 'gpu-mem', 'vcuda-core'.</summary>
    public static bool AreShares(string name)
    {
        var words = name.ToLowerInvariant().Split(
            ['.', '/', '_', '-', ' ', ':'], StringSplitOptions.RemoveEmptyEntries);
        var first = Array.FindIndex(
            words, word => Accelerators.Append("vcuda").Any(one => word.StartsWith(one, StringComparison.Ordinal)));
        return first >= 0 && (words[(first + 1)..].Any(Shares.Contains) ||
            Shares.Any(share => words[first] != share && words[first].EndsWith(share, StringComparison.Ordinal)));
    }

    /// <summary>'mlx5' is 'mlx' and 'ens1f0' is 'ens', but 'network-less' words such as 'ibex' are not 'ib'.</summary>
    private static bool IsOne(string word, string other) => word.StartsWith(other, StringComparison.Ordinal) &&
        (word.Length == other.Length || char.IsAsciiDigit(word[other.Length]) || other.Length > 3);
}
