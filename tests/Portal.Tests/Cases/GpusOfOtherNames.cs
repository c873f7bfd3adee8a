using Xunit;

namespace Exchange.Portal.Tests.Cases;

/// <summary>
/// Whatever name a GPU has, nobody who asked for one is billed as if it had not. Pods of 8 CPU and 64 GiB for 4 hours:
/// with an A100 SXM4 2.078 an hour, 8.31; without a GPU 16 SU at 0.013, 0.83. Servers of 24 vCPU and 74 GiB for an
/// hour: with an A100 1.80, without a GPU 24 SU, 0.31. What no sheet prices is reported by its name.
/// </summary>
public sealed class GpusOfOtherNames
{
    private const string OfNerc = "--landlord nerc --cluster ocp-prod --format prometheus";

    [Fact]
    public async Task Of_pods()
    {
        const string A100 = "NVIDIA-A100-SXM4-40GB";
        (string Resource, int Count, string? Product)[][] asked =
        [
            [("nvidia.com/gpu", 1, A100)], [("nvidia.com/gpu.shared", 1, $"{A100}-SHARED")],
            [("nvidia.com/gpu", 1, $"{A100}-SHARED")], [("amd.com/gpu", 1, null)], [("habana.ai/gaudi", 1, null)],
            [("k8s.amazonaws.com/vgpu", 1, null)], [("nvidia.com/gpu", 1, "NVIDIA-H200")],
            [("hugepages-1Gi", 1 << 30, null), ("ephemeral-storage", 1 << 30, null)],
            [("gpu.intel.com/i915", 1, null)], [("nvidia.com/mig-3g.20gb", 1, A100)],
            [("nvidia.com/gpu", 1, A100), ("openshift.io/sriov_ens1f0", 1, null)],
            [("rdma/hca_shared_devices", 1, null)],
        ];
        var answers = new Answers();
        for (var i = 0; i < asked.Length; i++)
        {
            answers.Pod($"ns-{i:00}", 0, 4, 8, 64, asked[i]);
        }

        using var exchange = await PricedExchange.Start();
        await exchange.Ingest(OfNerc, answers.Text());
        var charges = await exchange.Charges();
        Assert.Equal(["ns-00 8.31", "ns-06 0.00", "ns-07 0.83", "ns-09 0.00", "ns-10 8.31", "ns-11 0.83"], charges.Where(IsPriced));
        Assert.Equal(
            ["ns-01", "ns-02", "ns-03", "ns-04", "ns-05", "ns-08"],
            charges.Where(one => !IsPriced(one)).Select(one => one.Split(' ')[0]));
        foreach (var (project, name) in (IEnumerable<(string, string)>)[("ns-03", "amd.com/gpu"), ("ns-04", "gaudi"),
            ("ns-05", "vgpu"), ("ns-08", "i915")])
        {
            Assert.Contains(charges, one => one.StartsWith(project, StringComparison.Ordinal) &&
                one.Contains(name, StringComparison.OrdinalIgnoreCase));
        }

        Assert.Empty(await exchange.Waiting());
        // NERC bills GPUs and slices that it does not know at nothing; before a close that is said.
        var close = (await exchange.Line("close --month 2026-10")).Output;
        Assert.Contains("close/fallback-price", close, StringComparison.Ordinal);
        Assert.Contains("'OpenShift Unknown GPU' at 0.00 USD for 1 projects, such as 'ns-06'", close,
            StringComparison.Ordinal);
        Assert.Contains("'OpenShift Unknown MIG GPU' at 0.00 USD for 1 projects, such as 'ns-09'", close,
            StringComparison.Ordinal);
    }

    /// <summary>Drawn: vendors and devices under names that nobody has heard of.</summary>
    [Fact]
    public async Task Of_pods_by_drawn_names()
    {
        var random = new Random(7);
        string[] domains = ["nvidia.com/", "amd.com/", "acme.example/", "gpu.acme.io/", "accelerator.site.org/"];
        string[] words = ["gpu", "mi300x", "mig-1g.5gb", "b200", "gpu.shared", "vgpu-4q", "npu", "gh200", "xpu_v2"];
        var names = Enumerable.Range(0, 24).Select(_ =>
            domains[random.Next(domains.Length)] + words[random.Next(words.Length)] + random.Next(3) switch
            {
                0 => "",
                1 => $"-{random.Next(100)}",
                _ => $".{(char)('a' + random.Next(26))}",
            }).ToArray();
        var answers = new Answers();
        for (var i = 0; i < names.Length; i++)
        {
            answers.Pod($"ns-{i:00}", 0, 1, 8, 64, (names[i], 1 + random.Next(3), null));
        }

        using var exchange = await PricedExchange.Start();
        await exchange.Ingest(OfNerc, answers.Text());
        var charges = await exchange.Charges();
        Assert.True(
            Array.TrueForAll(charges, one => !IsPriced(one) || one.EndsWith(" 0.00", StringComparison.Ordinal)),
            string.Join('\n', charges)); // A plain nvidia.com/gpu without a product is NERC's 'Unknown GPU'.
        Assert.Equal(names.Length, charges.Select(one => one.Split(' ')[0]).Distinct().Count());
    }

    [Fact]
    public async Task Of_servers_alike_in_notifications_and_in_the_database()
    {
        (string Name, string Specs)[] flavors =
        [
            ("a100", """{"pci_passthrough:alias":"a100:1"}"""),
            ("nic-first", """{"pci_passthrough:alias":"mlx5-vf:1, a100:1"}"""),
            ("nic-last", """{"pci_passthrough:alias":"A100:1,mlx5-vf:2"}"""),
            ("nic-only", """{"pci_passthrough:alias":"mlx5-vf:1"}"""), ("none", "{}"),
            ("vgpu", """{"resources:VGPU":"1"}"""), ("pgpu", """{"resources_GPU0:PGPU":"1"}"""),
            ("cyborg", """{"accel:device_profile":"a100-profile"}"""),
            ("mi300", """{"pci_passthrough:alias":"amd-mi300x:1"}"""),
            ("two", """{"pci_passthrough:alias":"a100:1,h100:1"}"""),
        ];
        using var exchange = await PricedExchange.Start();
        await exchange.Ingest("--landlord nerc --cluster stack --format openstack-notifications", string.Join('\n',
            flavors.Select(one => $$$"""
            {"event_type":"instance.exists","message_id":"m-{{{one.Name}}}","timestamp":"2026-10-01 01:00:05","payload":{"nova_object.data":{"uuid":"s-{{{one.Name}}}","tenant_id":"n-{{{one.Name}}}","state":"active","launched_at":"2026-09-01T00:00:00Z","deleted_at":null,"flavor":{"nova_object.data":{"vcpus":24,"memory_mb":75776,"name":"f-{{{one.Name}}}","extra_specs":{{{one.Specs}}} } },"audit_period":{"nova_object.data":{"audit_period_beginning":"2026-10-01T00:00:00Z","audit_period_ending":"2026-10-01T01:00:00Z"} } } } }
            """)));
        await exchange.Ingest("--landlord nerc --cluster stack --format nova-db", Database(flavors));
        var charges = await exchange.Charges();
        foreach (var (prefix, other) in ((string, string)[])[("n-", "d-"), ("d-", "n-")])
        {
            Assert.Equal(
                [$"{prefix}a100 1.80", $"{prefix}nic-first 1.80", $"{prefix}nic-last 1.80", $"{prefix}nic-only 0.31",
                    $"{prefix}none 0.31"],
                charges.Where(one => one.StartsWith(prefix, StringComparison.Ordinal) && IsPriced(one)));
            Assert.Equal(5, charges.Count(one => one.StartsWith(prefix, StringComparison.Ordinal) && !IsPriced(one)));
        }
    }

    private static bool IsPriced(string line) => !line.Contains(" unpriced ", StringComparison.Ordinal);

    private static string Database((string Name, string Specs)[] flavors) => """
        CREATE TABLE `instances` (`uuid` varchar(36), `project_id` varchar(255), `memory_mb` int, `vcpus` int, `launched_at` datetime, `deleted_at` datetime);
        CREATE TABLE `instance_extra` (`instance_uuid` varchar(36), `flavor` text, `pci_requests` text);
        CREATE TABLE `instance_actions` (`id` int, `created_at` datetime, `action` varchar(255), `instance_uuid` varchar(36), `message` varchar(255));

        """ + string.Concat(flavors.Select((one, i) => $$$"""
        INSERT INTO `instances` VALUES ('db-{{{i}}}','d-{{{one.Name}}}',75776,24,NULL,'2026-10-01 01:00:00');
        INSERT INTO `instance_extra` VALUES ('db-{{{i}}}','{"cur":{"nova_object.data":{"extra_specs":{{{one.Specs}}} } } }',NULL);
        INSERT INTO `instance_actions` VALUES ({{{i}}},'2026-10-01 00:00:00','create','db-{{{i}}}',NULL);

        """));
}
