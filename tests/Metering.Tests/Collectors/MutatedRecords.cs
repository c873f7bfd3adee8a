using System.Text;
using Exchange.Metering.Collectors;
using Xunit;

namespace Exchange.Metering.Tests.Collectors;

/// <summary>
/// One record of a file is damaged: half a surrogate pair, bytes that are no UTF-8, another kind of value. It is set aside
/// and what stands behind it is taken. Drawn: which byte of it, and how. Seen to stop the file at half a letter.
/// </summary>
public class MutatedRecords
{
    private static readonly (string Format, string Bad, string Good)[] Formats =
    [
        ("openstack-notifications",
            """{"event_type":"compute.instance.create.end","message_id":"m1","timestamp":"2026-10-01 00:00:00","payload":{"tenant_id":"p","instance_id":"s1","state":"active","vcpus":4,"memory_mb":4096,"launched_at":"2026-10-01 00:00:00","flavor":{"vcpus":4,"memory_mb":4096,"extra_specs":{"resources:VGPU":"1"}}}}""",
            """{"event_type":"compute.instance.create.end","message_id":"m2","timestamp":"2026-10-01 00:00:00","payload":{"tenant_id":"p","instance_id":"s2","state":"active","vcpus":4,"memory_mb":4096,"launched_at":"2026-10-01 00:00:00"}}"""),
        ("openstack-notifications",
            """{"oslo.version":"2.0","oslo.message":"{\"event_type\":\"volume.create.end\",\"message_id\":\"v1\",\"timestamp\":\"2026-10-01 00:00:00\",\"payload\":{\"tenant_id\":\"p\",\"volume_id\":\"v\",\"size\":1}}"}""",
            """{"event_type":"volume.create.end","message_id":"v2","timestamp":"2026-10-01 00:00:00","payload":{"tenant_id":"p","volume_id":"v2","size":1}}"""),
        ("esi-leases",
            """{"UUID":"l1","Resource":"n","Resource Class":"fc430","Project":"p","Start Time":"2026-10-01T00:00:00","Expire Time":"2026-10-02T00:00:00"}""",
            """{"UUID":"l2","Resource":"n","Resource Class":"fc430","Project":"p","Start Time":"2026-10-01T00:00:00"}"""),
        ("storage-quotas",
            """{"id":17,"resource":{"name":"NERC-OCP","attributes":{"Internal Cluster Name":"ocp-prod"}},"attributes":{"Allocated Project ID":"ns-1"},"status_history":[{"created":"2026-10-01T00:00:00Z","status":"Active"}],"quota_history":{"OpenShift Request on NESE Storage Quota (GiB)":[{"created":"2026-10-01T00:00:00Z","value":"20"}]},"change_requests":[{"attribute":"x","created":"2026-10-07T00:00:00Z","status":"Approved","value":"10"}]}""",
            """{"id":18,"resource":{"name":"NERC-OCP","attributes":{"Internal Cluster Name":"ocp-prod"}},"attributes":{"Allocated Project ID":"ns-2"},"status_history":[],"quota_history":{"OpenShift Request on NESE Storage Quota (GiB)":[{"created":"2026-10-01T00:00:00Z","value":"20"}]}}"""),
    ];

    private static readonly byte[][] Damages =
        ["\\ud800"u8.ToArray(), "\\udc00x"u8.ToArray(), [0xC3, 0x28], [0xFF], [0xED, 0xA0, 0x80], "\\u0000"u8.ToArray(), "\\ud83d"u8.ToArray()];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 60)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Are_set_aside_and_the_rest_goes_on(int seed)
    {
        var random = new Random(seed);
        foreach (var (format, bad, good) in Formats)
        {
            var record = Encoding.UTF8.GetBytes(bad).ToList();
            record.InsertRange(Place(record, random), Damages[random.Next(Damages.Length)]);
            var collected = CollectorFormats.Read(format, new MemoryStream([.. record, (byte)'\n', .. Encoding.UTF8.GetBytes(good)]), Input.Context()).ToList();
            var alone = CollectorFormats.Read(format, Input.Text(good), Input.Context()).ToList();
            Assert.Equal(alone, collected.TakeLast(alone.Count));
            Assert.All(collected.Where(one => one.Misfit is not null), one =>
            {
                Assert.DoesNotContain('\0', one.Misfit!.Text);
                _ = new UTF8Encoding(false, true).GetBytes($"{one.Misfit.Text}{one.Misfit.Why}{one.Misfit.Id}{one.Misfit.Source}");
            });
        }
    }

    /// <summary>A value of another kind: a list where a word was, an object, a number that is too large, nothing.</summary>
    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("[null]")]
    [InlineData("1e400")]
    [InlineData("null")]
    [InlineData("true")]
    [InlineData("\"99999999999999999999999999999999999\"")]
    [InlineData("\"9999-12-31T23:59:59Z\"")]
    [InlineData("\"0001-01-01\"")]
    public void A_value_of_another_kind_is_set_aside_and_the_rest_goes_on(string value)
    {
        foreach (var (format, bad, good) in Formats)
        {
            foreach (var place in Values(bad))
            {
                var record = bad[..place.Start] + value + bad[place.End..];
                var collected = CollectorFormats.Read(format, Input.Text($"{record}\n{good}"), Input.Context()).ToList();
                var alone = CollectorFormats.Read(format, Input.Text(good), Input.Context()).ToList();
                Assert.Equal(alone, collected.TakeLast(alone.Count));
            }
        }
    }

    [Fact]
    public void A_series_with_half_a_letter_in_a_label_is_set_aside()
    {
        var collected = PrometheusAnswers.Read(Input.Text("""
            {"data":{"result":[
              {"metric":{"namespace":"ns\ud800","pod":"p","resource":"cpu"},"values":[[1790812800,"2"]]},
              {"metric":{"namespace":"ns","pod":"p","resource":"cpu"},"values":[[1790812800,"2"]]}]}}
            """), Input.Context()).ToList();
        Assert.Equal(["record/not-a-name", null], collected.Select(one => one.Misfit?.Reason));
    }

    /// <summary>A place inside a string, where such letters come in.</summary>
    private static int Place(List<byte> record, Random random)
    {
        var inside = Enumerable.Range(1, record.Count - 2).Where(at =>
            record.Take(at).Where((one, i) => one == '"' && (i == 0 || record[i - 1] != '\\')).Count() % 2 == 1 && record[at - 1] != '\\').ToList();
        return inside[random.Next(inside.Count)];
    }

    private static IEnumerable<(int Start, int End)> Values(string json)
    {
        for (var at = json.IndexOf("\":", StringComparison.Ordinal); at >= 0; at = json.IndexOf("\":", at + 1, StringComparison.Ordinal))
        {
            var (start, depth, quoted) = (at + 2, 0, false);
            var end = start;
            for (; end < json.Length; end++)
            {
                quoted ^= json[end] == '"' && json[end - 1] != '\\';
                depth += quoted ? 0 : json[end] is '{' or '[' ? 1 : json[end] is '}' or ']' ? -1 : 0;
                if (!quoted && (depth < 0 || (depth == 0 && json[end] == ',')))
                {
                    break;
                }
            }

            if (json[at - 1] != '\\')
            {
                yield return (start, end);
            }
        }
    }
}
