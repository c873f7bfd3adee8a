using System.Globalization;
using System.Text;
using Exchange.Metering.Collectors;
using Xunit;

namespace Exchange.Metering.Tests.Collectors;

/// <summary>
/// A day that comes in several files, cut anywhere and given in any order, is the day in one. Drawn: pods that come and
/// go on nodes whose GPUs and classes change in the middle. Seen to fail while a label held for the whole of its file.
/// </summary>
public class CutsChangeNothing
{
    private const int Step = 900;
    private const long Start = 1_790_812_800;

    private static readonly string?[] Products =
        [null, "NVIDIA-A100-SXM4-40GB", "NVIDIA-A100-SXM4-40GB-SHARED", "Tesla-V100-PCIE-32GB", "NVIDIA-H100-80GB-HBM3"];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    /// <summary>A series: its labels, and at which steps of the day it was seen with which value.</summary>
    private sealed record Drawn(string Labels, int From, int To, string Value)
    {
        public string? In(int from, int to)
        {
            var (first, last) = (int.Max(From, from), int.Min(To, to));
            return first >= last ? null : $"{{\"metric\":{{{Labels}}},\"values\":[{string.Join(',', Enumerable.Range(first, last - first)
                .Select(step => $"[{(Start + (step * Step)).ToString(CultureInfo.InvariantCulture)},\"{Value}\"]"))}]}}";
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Of_answers_of_Prometheus(int seed)
    {
        var random = new Random(seed);
        var day = Day(random);
        var whole = Show(Read(Answers(day, 0, 96)));
        for (var i = 0; i < 4; i++)
        {
            int[] cuts = [0, .. Enumerable.Range(0, random.Next(1, 6)).Select(_ => random.Next(2, 94)).Distinct().Order(), 96];
            var parts = cuts.Zip(cuts.Skip(1), (from, to) => Answers(day, from, to)).Where(part => part.Length > 0).ToArray();
            random.Shuffle(parts);
            Assert.Equal(whole, Show([.. parts.SelectMany(Read)]));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Of_notifications_of_Nova(int seed)
    {
        var random = new Random(seed);
        List<string> records = [];
        for (var server = 0; server < 3; server++)
        {
            var launched = "2026-09-30 20:00:00";
            for (var hour = 0; hour < 20; hour++)
            {
                var state = (string[])["active", "active", "stopped"];
                var says = state[random.Next(3)];
                var acts = random.Next(6) == 0;
                launched = acts ? $"2026-10-01 {hour:00}:{random.Next(60):00}:00" : launched;
                if (acts)
                {
                    records.Add(Record(server, $"{(says == "active" ? "rebuild" : "power_off")}.end", $"a{hour}", launched, says, launched, hour));
                }

                records.Add(Record(server, "exists", $"e{hour}", $"2026-10-01 {hour + 1:00}:00:05", says, launched, hour));
            }
        }

        string Fold(IEnumerable<string> files) => Input.Show(NaiveFold.Of(
            files.SelectMany(file => Input.Readings(OpenStackNotifications.Read(Input.Text(file), Input.Context()))), Input.Now));

        var whole = Fold([string.Join('\n', records)]);
        for (var i = 0; i < 4; i++)
        {
            var shuffled = records.ToArray();
            random.Shuffle(shuffled);
            Assert.Equal(whole, Fold(shuffled.Chunk(random.Next(1, 20)).Select(chunk => string.Join('\n', chunk))));
        }
    }

    private static string Record(int server, string what, string id, string said, string state, string launched, int hour) => $$"""
        {"event_type":"compute.instance.{{what}}","message_id":"{{server}}-{{id}}","timestamp":"{{said}}","payload":{"tenant_id":"p","instance_id":"s{{server}}","state":"{{state}}","vcpus":4,"memory_mb":4096,"created_at":"2026-09-30 19:59:00","launched_at":"{{launched}}","deleted_at":"","audit_period_beginning":"2026-10-01 {{hour:00}}:00:00","audit_period_ending":"2026-10-01 {{hour + 1:00}}:00:00"} }
        """;

    private static List<Drawn> Day(Random random)
    {
        List<Drawn> day = [];
        foreach (var node in Enumerable.Range(1, 3))
        {
            var changes = random.Next(0, 96);
            foreach (var (from, to) in ((int, int)[])[(0, changes), (changes, 96)])
            {
                if (Products[random.Next(Products.Length)] is { } product)
                {
                    day.Add(new($"\"__name__\":\"kube_node_labels\",\"node\":\"n{node}\",\"label_nvidia_com_gpu_product\":\"{product}\"", from, to, "1"));
                }
            }
        }

        foreach (var pod in Enumerable.Range(1, 6))
        {
            var (from, to) = (random.Next(0, 90), random.Next(0, 96));
            (from, to) = (int.Min(from, to), int.Max(from, to) + 1);
            var labels = $"\"__name__\":\"kube_pod_resource_request\",\"namespace\":\"ns{pod % 2}\",\"pod\":\"p{pod}\",\"node\":\"n{random.Next(1, 4)}\",\"resource\":";
            day.Add(new(labels + "\"cpu\"", from, to, "4"));
            day.Add(new(labels + "\"memory\"", from, to, "4294967296"));
            if (random.Next(2) == 0)
            {
                day.Add(new(labels + "\"nvidia.com/gpu\"", from, to, "1"));
            }

            if (random.Next(2) == 0)
            {
                day.Add(new($"\"__name__\":\"kube_pod_labels\",\"namespace\":\"ns{pod % 2}\",\"pod\":\"p{pod}\",\"label_nerc_mghpcc_org_class\":\"c{pod}\"", random.Next(0, 50), random.Next(50, 96), "1"));
            }
        }

        return day;
    }

    private static string Answers(List<Drawn> day, int from, int to)
    {
        var all = day.Select(series => series.In(from, to)).OfType<string>().ToList();
        return all.Count == 0 ? "" : $"{{\"status\":\"success\",\"data\":{{\"resultType\":\"matrix\",\"result\":[{string.Join(',', all)}]}}}}";
    }

    private static List<Reading> Read(string answers) => Input.Readings(PrometheusAnswers.Read(
        Input.Text(answers), Input.Context() with { Step = NodaTime.Duration.FromSeconds(Step) }));

    private static string Show(List<Reading> readings) => new StringBuilder().AppendJoin('\n', readings
        .Select(r => $"{r.Id} {r.From}/{r.To} {r.Project} {r.Shape}").Order(StringComparer.Ordinal)).ToString();
}
