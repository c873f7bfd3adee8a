using Exchange.Metering.Collectors;
using Xunit;

namespace Exchange.Metering.Tests.Collectors;

/// <summary>
/// A name that stands twice in an object of a file counts in no way, in every format that is JSON: a record is set
/// aside with the name, a file of one object is refused with its line. Seen before: the last counted, without a word.
/// </summary>
public class NamesThatStandTwice
{
    private const string Allocation = """
        {"id":17,"resource":{"name":"NERC-OCP","attributes":{"Internal Cluster Name":"ocp-prod"}},
        "attributes":{"Allocated Project ID":"ns-1"},"status_history":[{"created":"2026-10-01T00:00:00Z","status":"Active"}],
        "quota_history":{"OpenShift Request on NESE Storage Quota (GiB)":[{"created":"2026-10-01T00:00:00Z","value":"20"}]}}
        """;

    private const string Lease = """
        {"UUID":"l-1","Resource":"node-1","Resource Class":"fc430","Project":"p","Start Time":"2026-10-01T00:00:00",
        "Expire Time":"2026-10-02T00:00:00"}
        """;

    private const string Notification = """
        {"event_type":"compute.instance.exists","message_id":"m","timestamp":"2026-10-01 01:00:05","payload":
        {"instance_id":"s","tenant_id":"p","state":"active","vcpus":2,"memory_mb":1024,"launched_at":"2026-09-01T00:00:00",
        "audit_period_beginning":"2026-10-01T00:00:00","audit_period_ending":"2026-10-01T01:00:00"}}
        """;

    [Theory]
    [InlineData("value")]
    [InlineData("status")]
    [InlineData("Allocated Project ID")]
    [InlineData("id")]
    public void Of_an_allocation(string name) => Odd(Allocation, name, StorageQuotas.Read);

    [Theory]
    [InlineData("Project")]
    [InlineData("Expire Time")]
    [InlineData("UUID")]
    public void Of_a_lease(string name) => Odd(Lease, name, EsiLeases.Read);

    [Theory]
    [InlineData("vcpus")]
    [InlineData("tenant_id")]
    [InlineData("payload")]
    [InlineData("message_id")]
    public void Of_a_notification(string name)
    {
        Odd(Notification, name, OpenStackNotifications.Read);
        var inner = Twice(Notification, name).Replace("\n", "", StringComparison.Ordinal).Replace(
            "\"", "\\\"", StringComparison.Ordinal);
        Assert.Equal("record/key-twice", OpenStackNotifications.Read(
            Input.Text($$"""{"oslo.version":"2.0","oslo.message":"{{inner}}"}"""), Input.Context()).Single().Misfit!.Reason);
    }

    [Theory]
    [InlineData("pod")]
    [InlineData("values")]
    [InlineData("metric")]
    [InlineData("result")]
    [InlineData("status")]
    public void Of_answers_of_a_Prometheus(string name)
    {
        const string Good = """
            {"status":"success","data":{"resultType":"matrix","result":[
            {"metric":{"namespace":"ns","pod":"p","resource":"cpu"},"values":[[1790812800,"2"]]},
            {"metric":{"namespace":"ns","pod":"q","resource":"cpu"},"values":[[1790812800,"2"]]}]}}
            """;
        Assert.Equal(4, PrometheusAnswers.Read(Input.Text(Good + Good), Input.Context()).Count() * 2);
        var refusal = Assert.Throws<RefusedException>(
            () => PrometheusAnswers.Read(Input.Text(Twice(Good, name)), Input.Context("day.json")).Count()).Refusal;
        Assert.Equal("file/key-twice", refusal.Code);
        Assert.Contains($"'{name}'", refusal.Message, StringComparison.Ordinal);
        Assert.StartsWith("day.json:", refusal.Where, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cpu_metrics")]
    [InlineData("interval_minutes")]
    public void Of_a_file_of_OpenShift(string name)
    {
        const string Good = """{"interval_minutes":15,"cluster_name":"c","cpu_metrics":[],"memory_metrics":[]}""";
        Assert.Equal("file/key-twice", Assert.Throws<RefusedException>(
            () => OpenShiftMetrics.Read(Input.Text(Twice(Good, name)), Input.Context()).Count()).Refusal.Code);
    }

    /// <summary>Seen before: each name was kept until its object ended, which it need not.</summary>
    [Theory]
    [InlineData("{\"status\":\"success\",\"x\":{", "")]
    [InlineData("{\"data\":{\"result\":[{\"metric\":{", "")]
    [InlineData("{\"a\":[[{", "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz")]
    public void An_object_of_names_without_an_end_is_refused_before_it_fills_the_memory(string start, string longer)
    {
        const long Most = 64 << 20;
        using var endless = new Names(start, longer);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal("file/key-twice", Assert.Throws<RefusedException>(
            () => PrometheusAnswers.Read(endless, Input.Context()).Count()).Refusal.Code);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Most);
        Assert.True(endless.Written < Most / 4, $"{endless.Written} bytes were read.");
    }

    /// <summary>Signed by the meter itself, which may say one thing to whoever reads the first and another to others.</summary>
    [Theory]
    [InlineData("\"sequence\":1", "\"sequence\":7,\"sequence\":1", "")]
    [InlineData("\"meter\":\"m\"", "\"meter\":\"other\",\"meter\":\"m\"", "")]
    [InlineData("", "", "\"signature\":\"AAAA\",")]
    public void Of_a_bundle_of_a_meter(string said, string twice, string seal)
    {
        using var key = System.Security.Cryptography.ECDsa.Create(System.Security.Cryptography.ECCurve.NamedCurves.nistP256);
        using var file = new MemoryStream();
        new Exchange.Metering.Collectors.Live.MeterBundle { Meter = "m", Sequence = 1, Events = ["{}"] }.Write(file, key);
        file.Position = 0;
        using var unpacked = new StreamReader(InputFile.Unwrap(file));
        var lines = unpacked.ReadToEnd().Split('\n');
        var signed = $"{(said.Length > 0 ? lines[0].Replace(said, twice, StringComparison.Ordinal) : lines[0])}\n{lines[1]}\n";
        var signature = Convert.ToBase64String(key.SignData(
            System.Text.Encoding.UTF8.GetBytes(signed), System.Security.Cryptography.HashAlgorithmName.SHA256));
        Assert.Equal("bundle/broken", Assert.Throws<RefusedException>(() => Exchange.Metering.Collectors.Live.MeterBundle.Read(
            Input.Text($"{signed}{{{seal}\"signature\":\"{signature}\"}}\n"), "m.bundle",
            _ => key.ExportSubjectPublicKeyInfoPem())).Refusal.Code);
    }

    /// <summary>Seen before: a record without an id, and everything else taken for gone.</summary>
    [Theory]
    [InlineData("""{"count":2,"next":"https://x/?page=2","results":[ITEM]}""")]
    [InlineData("""{"results":[],"next":null}""")]
    [InlineData("""{"next":"https://x/?page=2","items":[ITEM]}""")]
    [InlineData("""[{"count":2,"results":[ITEM]}]""")]
    public void A_page_of_a_list_is_not_the_list(string page)
    {
        foreach (var (item, read) in ((string, Func<Stream, CollectorContext, IEnumerable<Collected>>)[])
            [(Allocation, StorageQuotas.Read), (Lease, EsiLeases.Read)])
        {
            var text = page.Replace("ITEM", item, StringComparison.Ordinal);
            Assert.Equal("file/one-page", Assert.Throws<RefusedException>(
                () => read(Input.Text(text), Input.Context()).Count()).Refusal.Code);
        }
    }

    private static void Odd(string good, string name, Func<Stream, CollectorContext, IEnumerable<Collected>> read)
    {
        Assert.All(read(Input.Text(good), Input.Context()), one => Assert.Null(one.Misfit));
        var misfit = read(Input.Text(Twice(good, name)), Input.Context()).Single().Misfit!;
        Assert.Equal("record/key-twice", misfit.Reason);
        Assert.Contains($"{name}'", misfit.Why, StringComparison.Ordinal);
    }

    /// <summary>An object whose next name is always there.</summary>
    private sealed class Names(string start, string longer) : ForwardStream
    {
        private byte[] _next = System.Text.Encoding.UTF8.GetBytes(start);
        private int _at;
        private int _number;

        public long Written { get; private set; }

        public override int Read(Span<byte> buffer)
        {
            if (_at == _next.Length)
            {
                Assert.True(Written < 1L << 26, "64 MiB of names were read.");
                (_next, _at) = (System.Text.Encoding.UTF8.GetBytes(string.Join(
                    "", Enumerable.Range(_number, 512).Select(i => $"\"{longer}{i}\":1,"))), 0);
                _number += 512;
            }

            var count = Math.Min(buffer.Length, _next.Length - _at);
            _next.AsSpan(_at, count).CopyTo(buffer);
            (_at, Written) = (_at + count, Written + count);
            return count;
        }
    }

    /// <summary>With the first of such a name told twice, the same both times.</summary>
    private static string Twice(string good, string name)
    {
        var at = good.IndexOf($"\"{name}\":", StringComparison.Ordinal);
        var value = new System.Text.Json.Utf8JsonReader(
            System.Text.Encoding.UTF8.GetBytes(good[(at + name.Length + 3)..]), false, default);
        Assert.True(value.Read() && value.TrySkip());
        var member = good.Substring(at, name.Length + 3 + (int)value.BytesConsumed);
        return good.Insert(at, member + ",");
    }
}
