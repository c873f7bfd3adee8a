using System.Globalization;
using System.Text.Json;

namespace Exchange.Metering.Collectors;

/// <summary>
/// The GPUs that a server asks for, in any of the ways that Nova knows: aliases of PCI devices, classes of resources
/// (VGPU, PGPU and a cloud's own) and device profiles of Cyborg. Kinds that differ are all named, as 'a100+v100', and
/// it is for the price sheet to know them; a device counts as a GPU unless its name says that it is another.
/// </summary>
internal sealed class NovaGpus
{
    private const string OwnClass = "custom_";

    /// <summary>Words of aliases of devices that are no GPUs.</summary>
    private static readonly string[] OtherDevices =
    [
        "nic", "net", "network", "eth", "ethernet", "mlx", "mellanox", "connectx", "cx", "sriov", "ib", "infiniband",
        "hca", "rdma", "roce", "nvme", "ssd", "disk", "storage", "hba", "fc", "qat", "crypto", "fpga", "tpm", "usb",
        "sound", "dpu", "bluefield", "bnxt", "broadcom", "ixgbe", "niantic",
    ];

    /// <summary>Words of a cloud's own classes of resources that are no GPUs: machines, memory, others.</summary>
    private static readonly string[] OtherClasses =
        [.. OtherDevices, "baremetal", "bare", "bm", "ironic", "node", "host", "machine", "server", "pmem", "hugepage",
            "memory", "license", "vcpu", "pcpu", "cpu", "numa"];

    private readonly SortedDictionary<string, long> _kinds = new(StringComparer.Ordinal);

    public bool HasAliases { get; private set; }

    /// <summary>Which GPUs and how many; null when there are none.</summary>
    public (string Model, long Count)? Found =>
        _kinds.Values.Sum() is > 0 and var count ? (string.Join('+', _kinds.Keys), count) : null;

    /// <summary>A PCI device by its alias; one without an alias is a port of the network.</summary>
    public void AddDevice(string? alias, long count)
    {
        if (alias?.Trim().ToLowerInvariant() is { Length: > 0 } name)
        {
            HasAliases = true;
            if (!Devices.AreOther(name, OtherDevices))
            {
                Add(name, count);
            }
        }
    }

    /// <summary>What cannot be told: a GPU that no price sheet knows, so that it is seen.</summary>
    public void AddUnreadable() => Add("unreadable", 1);

    /// <summary>What the extra specs of a flavor ask for.</summary>
    /// <param name="withAliases">Whether aliases count too, or are told elsewhere.</param>
    public void AddSpecs(JsonElement specs, bool withAliases)
    {
        foreach (var spec in specs.ValueKind == JsonValueKind.Object ? specs.EnumerateObject() : default)
        {
            var value = specs.Text(spec.Name) ?? "";
            if (spec.Name == "pci_passthrough:alias")
            {
                foreach (var alias in withAliases ? value.Split(',') : [])
                {
                    var parts = alias.Split(':');
                    AddDevice(parts[0], parts.Length > 1 ? Count(spec.Name, parts[1]) : 1);
                }
            }
            else if (spec.Name == "accel:device_profile" && value.Length > 0)
            {
                var profile = value.Trim().ToLowerInvariant();
                if (!Devices.AreOther(profile, OtherDevices))
                {
                    Add($"cyborg:{profile}", 1);
                }
            }
            else if (spec.Name.StartsWith("resources", StringComparison.Ordinal))
            {
                AddClass(spec.Name, value, specs);
            }
        }
    }

    /// <summary>
    /// 'resources:VGPU', 'resources1:PGPU', 'resources_GPU:CUSTOM_A100'. A class of a cloud's own is a GPU unless its
    /// name says that it is another, or the flavor is a whole machine: then the class is the machine.
    /// </summary>
    private void AddClass(string spec, string value, JsonElement specs)
    {
        var name = ClassOf(spec);
        var isOwn = name.StartsWith(OwnClass, StringComparison.Ordinal);
        if (name.Split('_').Any(word => word is "vgpu" or "pgpu" or "gpu" or "mig" or "nvidia" or "cuda") ||
            (isOwn && !IsMachine(specs) && !Devices.AreOther(name[OwnClass.Length..], OtherClasses)))
        {
            Add(name, Count(spec, value));
        }
    }

    /// <summary>Flavors of bare metal ask for none of what virtual machines are made of.</summary>
    private static bool IsMachine(JsonElement specs) => specs.EnumerateObject().Any(spec =>
        spec.Name.StartsWith("resources", StringComparison.Ordinal) && ClassOf(spec.Name) == "vcpu" &&
        specs.Text(spec.Name)?.Trim() == "0");

    private static string ClassOf(string spec) =>
        spec[(spec.IndexOf(':', StringComparison.Ordinal) + 1)..].ToLowerInvariant();

    private void Add(string kind, long count)
    {
        if (count > 0)
        {
            _kinds[kind] = _kinds.GetValueOrDefault(kind) + count;
        }
    }

    private static long Count(string spec, string text) =>
        long.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count < 10_000
            ? count
            : throw MisfitException.NotANumber(spec, text);
}
