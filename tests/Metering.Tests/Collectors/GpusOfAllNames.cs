using System.Text.Json;
using Exchange.Metering.Collectors;
using Xunit;

namespace Exchange.Metering.Tests.Collectors;

/// <summary>A GPU that is asked for under any name is a GPU, and what is none is none, in every format alike.</summary>
public class GpusOfAllNames
{
    [Theory]
    [InlineData("nvidia.com/gpu")]
    [InlineData("nvidia_com_gpu")]
    [InlineData("nvidia.com/gpu.shared")]
    [InlineData("nvidia.com/mig-1g.5gb")]
    [InlineData("nvidia.com/A100_SXM4_40GB")]
    [InlineData("nvidia.com/GRID_T4-8Q")]
    [InlineData("amd.com/gpu")]
    [InlineData("amd_com_gpu")]
    [InlineData("habana.ai/gaudi")]
    [InlineData("gpu.intel.com/i915")]
    [InlineData("gpu.intel.com/xe")]
    [InlineData("k8s.amazonaws.com/vgpu")]
    [InlineData("volcano.sh/vgpu-number")]
    [InlineData("aws.amazon.com/neuroncore")]
    [InlineData("google.com/tpu")]
    [InlineData("huawei.com/Ascend910")]
    [InlineData("cambricon.com/mlu")]
    [InlineData("example.com/something-new")]
    public void Of_a_pod(string resource) => Assert.Equal(PodResource.Gpu, PodResources.KindOf(resource));

    [Theory]
    [InlineData("hugepages-1Gi")]
    [InlineData("hugepages_2Mi")]
    [InlineData("ephemeral-storage")]
    [InlineData("ephemeral_storage")]
    [InlineData("pods")]
    [InlineData("attachable-volumes-csi-ceph")]
    [InlineData("devices.kubevirt.io/kvm")]
    [InlineData("devices_kubevirt_io_vhost_net")]
    [InlineData("openshift.io/mlxnics")]
    [InlineData("openshift.io/sriov_ens1f0")]
    [InlineData("nvidia.com/rdma_shared_device_a")]
    [InlineData("nvidia.com/mlnxnics")]
    [InlineData("rdma/hca_shared_devices")]
    [InlineData("intel.com/intel_sriov_netdevice")]
    [InlineData("sgx.intel.com/enclave")]
    [InlineData("qat.intel.com/generic")]
    public void What_a_pod_asks_for_and_is_none(string resource) =>
        Assert.Equal(PodResource.NotForSale, PodResources.KindOf(resource));

    [Theory]
    [InlineData("""{"pci_passthrough:alias":"a100:1"}""", "a100", "1")]
    [InlineData("""{"pci_passthrough:alias":"mlx5-vf:1, a100:2"}""", "a100", "2")]
    [InlineData("""{"pci_passthrough:alias":"a100:1,nic:2"}""", "a100", "1")]
    [InlineData("""{"pci_passthrough:alias":"a100:1,V100"}""", "a100+v100", "2")]
    [InlineData("""{"pci_passthrough:alias":"mlx5-vf:1"}""", null, null)]
    [InlineData("""{"pci_passthrough:alias":"connectx6:1,nvme:4"}""", null, null)]
    [InlineData("""{"resources:VGPU":"1","trait:CUSTOM_NVIDIA_A100":"required"}""", "vgpu", "1")]
    [InlineData("""{"resources_GPU0:VGPU":"2"}""", "vgpu", "2")]
    [InlineData("""{"resources1:PGPU":"1"}""", "pgpu", "1")]
    [InlineData("""{"resources:CUSTOM_GPU_A100":"1"}""", "custom_gpu_a100", "1")]
    [InlineData("""{"resources:CUSTOM_BAREMETAL":"1","hw:cpu_policy":"dedicated"}""", null, null)]
    [InlineData("""{"resources:CUSTOM_TESLA_V100":"1"}""", "custom_tesla_v100", "1")]
    [InlineData("""{"resources2:CUSTOM_AMD_MI300X":"8"}""", "custom_amd_mi300x", "8")]
    [InlineData("""{"resources:CUSTOM_HABANA_GAUDI2":"1","resources:VCPU":"4"}""", "custom_habana_gaudi2", "1")]
    [InlineData("""{"resources:CUSTOM_GOLD":"1","resources:VCPU":"0","resources:MEMORY_MB":"0"}""", null, null)]
    [InlineData("""{"resources:CUSTOM_NVME_SSD":"1"}""", null, null)]
    [InlineData("""{"resources:CUSTOM_PMEM_NAMESPACE_4GB":"1","resources:VGPU":"0"}""", null, null)]
    [InlineData("""{"accel:device_profile":"a100-1"}""", "cyborg:a100-1", "1")]
    [InlineData("""{"accel:device_profile":"fpga-crypto"}""", null, null)]
    public void Of_a_server_by_both_formats_of_Nova(string specs, string? model, string? count)
    {
        var said = OpenStackNotifications.Read(Input.Text($$"""
            {"event_type":"instance.exists","message_id":"x","timestamp":"2026-10-01 01:00:05","payload":{"nova_object.data":{"uuid":"s","tenant_id":"p","state":"active","launched_at":"2026-09-01T00:00:00Z","flavor":{"nova_object.data":{"vcpus":24,"memory_mb":75776,"name":"f","extra_specs":{{specs}} } },"audit_period":{"nova_object.data":{"audit_period_beginning":"2026-10-01T00:00:00Z","audit_period_ending":"2026-10-01T01:00:00Z"} } } } }
            """), Input.Context()).Single().Reading!.Shape;
        Assert.Equal((model, count), (said.GpuModel, said.Word("gpu")));

        var flavor = $$"""{"cur":{"nova_object.data":{"extra_specs":{{specs}} } } }""";
        Assert.Equal((model, count), Gpus(null, flavor));
        using var json = JsonDocument.Parse(specs);
        var alias = json.RootElement.TryGetProperty("pci_passthrough:alias", out var told) ? told.GetString()! : "";
        var requests = string.Join(',', alias.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(one =>
            $$"""{"alias_name":"{{one.Split(':')[0].Trim()}}","count":{{(one.Contains(':', StringComparison.Ordinal) ? one.Split(':')[1] : "1")}}}"""));
        Assert.Equal((model, count), Gpus($"[{requests}]", flavor));
    }

    [Theory]
    [InlineData("nerc", "ocp-prod", "Tesla-V100-PCIE-32GB")]
    [InlineData("nerc", "academic", null)]
    [InlineData("acme", "ocp-prod", null)]
    public void A_node_without_a_label_is_known_in_its_own_installation_alone(
        string landlord, string cluster, string? model)
    {
        var read = PrometheusAnswers.Read(Input.Text("""
            {"data":{"result":[
              {"metric":{"namespace":"ns","pod":"p","node":"wrk-88","resource":"cpu"},"values":[[1790812800,"2"]]},
              {"metric":{"namespace":"ns","pod":"p","node":"wrk-88","resource":"nvidia.com/gpu"},"values":[[1790812800,"1"]]}]}}
            """), new(new(landlord), new(cluster), Input.Now)).Single().Reading!;
        Assert.Equal((1, model), (read.Shape.Gpu, read.Shape.GpuModel));
    }

    /// <summary>
    /// Schedulers that share GPUs ask for memory and cores of them by names of their own, in any order beside the GPU:
    /// seen to count as 3000 GPUs. Alone they are a GPU that no sheet knows, not none.
    /// </summary>
    [Theory]
    [InlineData("nvidia.com/gpu=2 nvidia.com/gpumem=3000 nvidia.com/gpucores=30", "nvidia.com/gpu", 2)]
    [InlineData("nvidia.com/gpumem-percentage=50 nvidia.com/gpu=1", "nvidia.com/gpu", 1)]
    [InlineData("gpu.intel.com/memory.max=8 gpu.intel.com/i915=1 gpu.intel.com/millicores=500", "gpu.intel.com/i915", 1)]
    [InlineData("nvidia_com_gpu=1 nvidia_com_gpucores=100", "nvidia_com_gpu", 1)]
    [InlineData("aliyun.com/gpu-mem=8", "aliyun.com/gpu-mem", 8)]
    [InlineData("tencent.com/vcuda-core=20", "tencent.com/vcuda-core", 20)]
    [InlineData("nvidia.com/mig-1g.5gb=1", "nvidia.com/mig-1g.5gb", 1)]
    [InlineData("cambricon.com/mlu370=4", "cambricon.com/mlu370", 4)]
    public void Shares_of_a_GPU_beside_it_are_no_other_GPUs(string asked, string resource, int count)
    {
        var series = asked.Split(' ').Append("cpu=2").Select(one => one.Split('=')).Select(one =>
            $$$"""{"metric":{"namespace":"ns","pod":"p","resource":"{{{one[0]}}}"},"values":[[1790812800,"{{{one[1]}}}"]]}""");
        var read = PrometheusAnswers.Read(
            Input.Text($$$"""{"data":{"result":[{{{string.Join(',', series)}}}]}}"""), Input.Context()).Single().Reading!;
        Assert.Equal((resource, count), (read.Shape.Word("gpu_resource"), read.Shape.Gpu));
    }

    /// <summary>
    /// A pod may ask for GPUs of several kinds: the later goes with its CPU and memory, each other is counted beside it
    /// with its own number. Seen before: the later alone, with the product of the node, which is NVIDIA's, for any
    /// vendor's; NERC's sheet knows that as an "Unknown MIG GPU".
    /// </summary>
    [Theory]
    [InlineData(
        "nvidia.com/gpu=2 amd.com/gpu=3", "amd.com/gpu 3 cpu 2", "nvidia.com/gpu 2 NVIDIA-A100-SXM4-40GB cpu 0")]
    [InlineData(
        "habana.ai/gaudi=1 nvidia.com/gpu=1", "nvidia.com/gpu 1 NVIDIA-A100-SXM4-40GB cpu 2", "habana.ai/gaudi 1 cpu 0")]
    [InlineData(
        "nvidia.com/gpu=1 nvidia.com/mig-1g.5gb=4", "nvidia.com/mig-1g.5gb 4 NVIDIA-A100-SXM4-40GB cpu 2",
        "nvidia.com/gpu 1 NVIDIA-A100-SXM4-40GB cpu 0")]
    [InlineData(
        "gpu.intel.com/i915=1 amd.com/gpu=2 nvidia.com/gpu=3 nvidia.com/gpumem=9",
        "nvidia.com/gpu 3 NVIDIA-A100-SXM4-40GB cpu 2", "amd.com/gpu 2 cpu 0", "gpu.intel.com/i915 1 cpu 0")]
    [InlineData("amd.com/gpu=0 nvidia.com/gpu=1", "nvidia.com/gpu 1 NVIDIA-A100-SXM4-40GB cpu 2")]
    [InlineData("nvidia_com_gpu=2 nvidia.com/gpu=2", "nvidia.com/gpu 2 NVIDIA-A100-SXM4-40GB cpu 2")]
    [InlineData(
        "nvidia.com/gpu=1 amd.com/gpu=1 nvidia_com_gpu=1 amd_com_gpu=1", "amd_com_gpu 1 cpu 2",
        "nvidia_com_gpu 1 NVIDIA-A100-SXM4-40GB cpu 0")]
    [InlineData("amd.com/gpu=1", "amd.com/gpu 1 cpu 2")]
    [InlineData("nvidia.com/gpumem=9", "nvidia.com/gpumem 9 cpu 2")]
    [InlineData("nvidia.com/GRID_A100X-10C=1", "nvidia.com/GRID_A100X-10C 1 cpu 2")]
    [InlineData("k8s.amazonaws.com/vgpu=1", "k8s.amazonaws.com/vgpu 1 cpu 2")]
    [InlineData("nvidia.com/gpu.shared=1", "nvidia.com/gpu.shared 1 NVIDIA-A100-SXM4-40GB-SHARED cpu 2")]
    [InlineData("nvidia.com/A100_SXM4_40GB=1", "nvidia.com/A100_SXM4_40GB 1 NVIDIA-A100-SXM4-40GB cpu 2")]
    public void Each_kind_of_GPU_is_counted_for_what_it_is(string asked, params string[] told)
    {
        var series = asked.Split(' ').Append("cpu=2").Select(one => one.Split('=')).Select(one =>
            $$$"""{"metric":{"namespace":"ns","pod":"p","node":"n","resource":"{{{one[0]}}}"},"values":[[1790812800,"{{{one[1]}}}"]]}""");
        const string Labels = """{"metric":{"__name__":"kube_node_labels","node":"n","label_nvidia_com_gpu_product":"NVIDIA-A100-SXM4-40GB"},"values":[[1790812800,"1"]]}""";
        var read = Input.Readings(PrometheusAnswers.Read(
            Input.Text($$$"""{"data":{"result":[{{{string.Join(',', series)}}},{{{Labels}}}]}}"""), Input.Context()));
        Assert.Equal(told, read.Select(one => string.Join(' ', ((string?[])
            [one.Shape.Word("gpu_resource"), one.Shape.Word("gpu"), one.Shape.GpuModel, "cpu", one.Shape.Word("vcpu")])
            .Where(word => word is not null))));
        Assert.Equal(read.Count, read.Select(one => one.Resource).Distinct().Count());
    }

    /// <summary>A pod whose GPUs cannot be read is not billed as one without.</summary>
    [Fact]
    public void A_count_that_is_no_number_leaves_its_moment_out() => Assert.Equal(
        ["record/not-a-number"],
        PrometheusAnswers.Read(Input.Text("""
            {"data":{"result":[
              {"metric":{"namespace":"ns","pod":"p","resource":"cpu"},"values":[[1790812800,"2"]]},
              {"metric":{"namespace":"ns","pod":"p","resource":"amd.com/gpu"},"values":[[1790812800,"NaN"]]}]}}
            """), Input.Context()).Select(one => one.Misfit?.Reason));

    private static (string?, string?) Gpus(string? requests, string flavor) =>
        PciRequests.Gpus(requests, flavor, out var unreadable) is var (model, count) && unreadable is null
            ? (model, count.ToString(System.Globalization.CultureInfo.InvariantCulture))
            : (null, null);
}
