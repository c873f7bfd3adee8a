using System.Globalization;
using Exchange.Metering.Collectors;
using Xunit;

namespace Exchange.Metering.Tests.Collectors;

public class ReadingOpenShiftMetrics
{
    private const long Start = 1_790_812_800; // 2026-10-01T00:00:00Z

    private static string Series(string labels, string value, params long[] steps) =>
        $$"""{"metric":{"namespace":"ns","pod":"p"{{labels}}},"values":[{{string.Join(',', steps.Select(s => $"[{Start + (s * 900)},\"{value}\"]"))}}]}""";

    private static string File(string cpu, string memory, string gpu = "") =>
        $$"""{"start_date":"2026-10-01","interval_minutes":15,"cluster_name":"https://thanos-querier-openshift-monitoring.apps.shift.nerc.mghpcc.org","cpu_metrics":[{{cpu}}],"memory_metrics":[{{memory}}],"gpu_metrics":[{{gpu}}]}""";

    private static List<Collected> Read(string text, string? cluster = null) =>
        [.. OpenShiftMetrics.Read(Input.Text(text), Input.Context(cluster: cluster))];

    [Fact]
    public void A_moment_of_a_pod_is_one_sample_with_all_that_it_requested() => Assert.Equal(
        """Sample nerc/ocp-prod/pod/ns/p ns 2026-10-01T00:00:00Z/2026-10-01T00:15:00Z Running {"class":"cs101","gpu":"1","gpu_model":"NVIDIA-A100-40GB","gpu_resource":"nvidia.com/gpu","node":"wrk-70","ram_mib":"30517","vcpu":"0.25"} ns/p@1790812800""",
        Input.Show(Read(File(
            Series(""","node":"wrk-70","label_nerc_mghpcc_org_class":"cs101" """, "0.25", 0),
            Series("", "31999393792", 0),
            Series(""","resource":"nvidia.com/gpu","label_nvidia_com_gpu_product":"NVIDIA-A100-40GB" """, "1", 0)))));

    [Fact]
    public void Memory_is_exact_to_the_byte() => Assert.Equal(
        "0.00000095367431640625", Read(File(Series("", "1", 0), Series("", "1", 0)))[0].Reading!.Shape.Word("ram_mib"));

    [Fact]
    public void A_gap_between_samples_is_not_used_time() => Assert.Equal(
        ["2026-10-01T00:00:00Z/2026-10-01T00:30:00Z", "2026-10-01T01:00:00Z/2026-10-01T01:15:00Z"],
        NaiveFold.Of(Input.Readings(Read(File(Series("", "1", 0, 1, 4), Series("", "1", 0, 1, 4)))), Input.Now)
            .Select(s => s.Period.ToString()));

    [Fact]
    public void A_gpu_of_an_unlabelled_node_is_known_from_the_node_and_otherwise_kept_without_a_model()
    {
        string? Model(string node) => Read(File(Series("", "1", 0), Series("", "1", 0),
            Series($$""","resource":"nvidia.com/gpu","node":"{{node}}" """, "1", 0)))[0].Reading!.Shape.GpuModel;
        Assert.Equal("Tesla-V100-PCIE-32GB", Model("wrk-104"));
        Assert.Null(Model("wrk-1"));
    }

    [Fact]
    public void Requests_of_zero_gpus_are_kept_apart_from_no_gpu_at_all() => Assert.Equal(
        ("0", null),
        (Read(File(Series("", "1", 0), Series("", "1", 0), Series(""","resource":"nvidia.com/gpu" """, "0", 0)))[0].Reading!.Shape.Word("gpu"),
            Read(File(Series("", "1", 0), Series("", "1", 0)))[0].Reading!.Shape.Word("gpu")));

    [Fact]
    public void Pods_of_the_same_name_in_two_namespaces_are_two()
    {
        var other = Series("", "1", 0).Replace("\"ns\"", "\"other\"", StringComparison.Ordinal);
        Assert.Equal(["nerc/ocp-prod/pod/ns/p", "nerc/ocp-prod/pod/other/p"],
            Read(File($"{Series("", "1", 0)},{other}", $"{Series("", "1", 0)},{other}")).Select(c => c.Reading!.Resource.ToString()));
    }

    [Fact]
    public void A_sample_that_is_no_number_is_set_aside_and_the_rest_counts()
    {
        var collected = Read(File(Series("", "1", 0, 1), $"{Series("", "1", 0)},{Series("", "NaN", 1)}"));
        Assert.Equal(["record/not-a-number"], collected.Where(c => c.Misfit is not null).Select(c => c.Misfit!.Reason));
        Assert.Equal(2, collected.Count(c => c.Reading is not null));
    }

    [Fact]
    public void Reading_a_day_and_the_month_that_holds_it_gives_the_same_ids() => Assert.Equal(
        Read(File(Series("", "1", 1), Series("", "1", 1))).Select(c => c.Reading),
        Read(File(Series("", "1", 0, 1, 2), Series("", "1", 0, 1, 2))).Select(c => c.Reading).Skip(1).Take(1));

    [Fact]
    public void An_empty_answer_is_refused() => Assert.Equal("openshift/no-requests",
        Assert.Throws<RefusedException>(() => Read(File("", ""))).Refusal.Code);

    [Fact]
    public void A_cut_off_file_is_refused_with_its_line() => Assert.Equal("file/not-json",
        Assert.Throws<RefusedException>(() => Read(File(Series("", "1", 0), "")[..^9])).Refusal.Code);

    [Fact]
    public void Runs_give_back_every_sample()
    {
        var values = Enumerable.Range(0, 200).Select(i => (Epoch: Start + (i * 900L) + (i > 100 ? 60 : 0), Value: (i / 7) % 3)).ToList();
        var text = string.Join(',', values.Select(v => string.Create(CultureInfo.InvariantCulture, $"[{v.Epoch},\"{v.Value}\"]")));
        var series = MetricSeries.ReadAll(new(Input.Text($$"""[{"metric":{},"values":[{{text}}]}]"""), "f")).Single();
        Assert.Equal(values.Select(v => (v.Epoch, (decimal)v.Value)), series.Samples());
    }
}
