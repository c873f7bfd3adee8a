using System.Security.Cryptography;
using System.Text;
using Exchange.Metering.Collectors;
using Exchange.Metering.Collectors.Live;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests.Collectors.Live;

/// <summary>Files that someone puts into a directory: bundles of offline meters, leases, bills of other clouds.</summary>
public sealed class CollectingFromDirectories : IDisposable
{
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 1, 0, 0);
    private readonly string _folder = Directory.CreateTempSubdirectory("exchange-drop-").FullName;
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Event(int hour, string landlord = "lenovo") =>
        $$$"""{"specversion":"1.0","id":"h{{{hour}}}","source":"urn:meter:site-17","type":"exchange.usage.interval.v1","subject":"node-1","time":"2026-10-01T{{{hour + 1:00}}}:00:00Z","data":{"landlord":"{{{landlord}}}","cluster":"site-17","project":"p","kind":"baremetal","from":"2026-10-01T{{{hour:00}}}:00:00Z","to":"2026-10-01T{{{hour + 1:00}}}:00:00Z","state":"running","shape":{"node":"node-1"} }}""";

    /// <summary>Writes a bundle of one hour, and says what the next one must name.</summary>
    private string Bundle(long sequence, string? previous, ECDsa? key = null, string? file = null, params string[] events)
    {
        using var stream = File.Create(Path.Combine(_folder, file ?? $"{sequence:0000}.bundle"));
        return new MeterBundle { Meter = "site-17", Sequence = sequence, Previous = previous, Events = events.Length > 0 ? events : [Event((int)sequence)] }
            .Write(stream, key ?? _key);
    }

    private FileDrop Bundles(LiveMeter live) => FileDrop.OfBundles(
        new("site-17", "bundles", new("lenovo"), null, Duration.FromMinutes(1)), _folder, "*.bundle",
        meter => meter == "site-17" ? _key.ExportSubjectPublicKeyInfoPem() : null, live.Meter, new(live.Database));

    private static async Task<string> Hours(LiveMeter live) => string.Join(' ',
        (await live.Segments(new(Instant.FromUtc(2026, 10, 1, 0, 0), Now))).Select(s => $"{s.Period.Start:HH}-{s.Period.End:HH}"));

    private async Task<Refusal> Refused(LiveMeter live) =>
        (await Assert.ThrowsAsync<RefusedException>(() => live.Runner.Once(Bundles(live), Ct))).Refusal;

    [Fact]
    public async Task Bundles_count_once_and_one_that_never_came_is_named_until_it_comes()
    {
        await using var live = await LiveMeter.New(Now);
        var one = Bundle(1, null);
        var two = Bundle(2, one);
        File.Move(Path.Combine(_folder, "0002.bundle"), Path.Combine(_folder, "0002.late"));
        Bundle(3, two);
        Assert.Equal(2, (await live.Runner.Once(Bundles(live), Ct))!.Accepted);
        Assert.Equal(["site-17 2"], (await new BundleLog(live.Database).Missing(Ct)).Select(m => m.ToString()));

        File.Copy(Path.Combine(_folder, "0003.bundle"), Path.Combine(_folder, "again.bundle"));
        using (var repeated = File.Create(Path.Combine(_folder, "repeat.bundle")))
        {
            new MeterBundle { Meter = "site-17", Sequence = 3, Previous = two, Events = [Event(3)] }.Write(repeated, _key);
        }

        Assert.Equal((0, 1), await live.Runner.Once(Bundles(live), Ct) is { } o ? (o.Accepted, o.Duplicate) : default);
        File.Move(Path.Combine(_folder, "0002.late"), Path.Combine(_folder, "0002.bundle"));
        Assert.Equal(1, (await live.Runner.Once(Bundles(live), Ct))!.Accepted);
        Assert.Empty(await new BundleLog(live.Database).Missing(Ct));
        Assert.Equal("01-04", await Hours(live));
    }

    [Fact]
    public async Task A_bundle_that_was_changed_is_named_and_holds_up_no_other()
    {
        await using var live = await LiveMeter.New(Now);
        var one = Bundle(1, null);
        Bundle(2, one);
        var path = Path.Combine(_folder, "0001.bundle");
        var text = Encoding.UTF8.GetString(Unpacked(path)).Replace("\"project\":\"p\"", "\"project\":\"q\"", StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, text, Ct); // Not compressed any more, which is allowed.

        var refused = await Refused(live);
        Assert.Equal(("bundle/bad-signature", path), (refused.Code, refused.Where));
        Assert.Equal("02-03", await Hours(live));
        Assert.Equal(["site-17 1"], (await new BundleLog(live.Database).Missing(Ct)).Select(m => m.ToString()));
        Assert.Equal(1, (await live.State("site-17")).Failures);
    }

    private static byte[] Unpacked(string path)
    {
        using var stream = InputFile.Open(path);
        using var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }

    [Fact]
    public async Task A_stranger_cannot_sign_for_a_meter()
    {
        await using var live = await LiveMeter.New(Now);
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Bundle(1, null, stranger);
        Assert.Equal("bundle/bad-signature", (await Refused(live)).Code);
        Assert.Empty(await Hours(live));
    }

    [Fact]
    public async Task A_number_is_used_once_and_bundles_follow_each_other()
    {
        await using var live = await LiveMeter.New(Now);
        var one = Bundle(1, null);
        await live.Runner.Once(Bundles(live), Ct);
        Bundle(1, null, file: "other.bundle", events: Event(9));
        Assert.Equal("bundle/number-used-twice", (await Refused(live)).Code);

        File.Delete(Path.Combine(_folder, "other.bundle"));
        Bundle(2, new string('0', 64));
        Assert.Equal("bundle/broken-chain", (await Refused(live)).Code);
        Bundle(2, one);
        Assert.Equal(1, (await live.Runner.Once(Bundles(live), Ct))!.Accepted);
        Assert.Equal("01-03", await Hours(live));
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("empty")]
    [InlineData("other")]
    public async Task What_is_no_whole_bundle_is_refused(string how)
    {
        await using var live = await LiveMeter.New(Now);
        Bundle(1, null);
        var path = Path.Combine(_folder, "0001.bundle");
        var whole = Unpacked(path);
        await File.WriteAllBytesAsync(path, how switch { "cut" => whole[..(whole.Length / 2)], "empty" => [], _ => "[1,2]\n{}\n"u8.ToArray() }, Ct);
        Assert.Equal("bundle/broken", (await Refused(live)).Code);
    }

    [Fact]
    public async Task A_meter_speaks_for_its_landlord_alone()
    {
        await using var live = await LiveMeter.New(Now);
        Bundle(1, null, events: [Event(1), Event(2, "nerc"), "oops"]);
        var taken = await live.Runner.Once(Bundles(live), Ct);
        Assert.Equal((1, 2), (taken!.Accepted, taken.Quarantined));
        Assert.Equal("01-02", await Hours(live));
    }

    [Fact]
    public async Task Files_are_taken_in_the_order_of_their_names_each_once_and_a_broken_one_is_tried_again()
    {
        await using var live = await LiveMeter.New(Now);
        var collector = FileDrop.Of(
            new("leases", "files", new("nerc"), null, Duration.FromMinutes(1)), _folder, "*.json", "esi-leases", live.Meter,
            new(live.Database));
        static string Lease(string uuid) => $$"""[{"UUID":"{{uuid}}","Resource":"n","Resource Class":"fc430","Project":"p","Start Time":"2026-10-01T00:00:00","Expire Time":"2026-10-02T00:00:00"}]""";
        await File.WriteAllTextAsync(Path.Combine(_folder, "1.json"), Lease("a"), Ct);
        await File.WriteAllTextAsync(Path.Combine(_folder, "2.json"), "[{", Ct);
        await File.WriteAllTextAsync(Path.Combine(_folder, "3.json"), Lease("c"), Ct);
        await File.WriteAllTextAsync(Path.Combine(_folder, "4.json.part"), Lease("d"), Ct);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => live.Runner.Once(collector, Ct));
        Assert.Equal("file/not-json", refused.Refusal.Code);
        Assert.Equal((4, "3.json", 1), await live.State("leases") is { } s ? (s.Accepted, s.Position, s.Failures) : default);

        await File.WriteAllTextAsync(Path.Combine(_folder, "2.json"), Lease("b"), Ct);
        await live.Runner.Once(collector, Ct);
        Assert.Equal((6, 0, Now), await live.State("leases") is { } t ? (t.Accepted, t.Failures, t.ReadUntil) : default);
        Assert.Equal(0, (await live.Runner.Once(collector, Ct))!.Accepted);
    }

    public void Dispose()
    {
        _key.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}

/// <summary>Rows that others have rated, as issues of a bill.</summary>
public class TakingBills
{
    private const string Header = "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,ProviderName\n";
    private static readonly Instant Now = Instant.FromUtc(2026, 11, 1, 0, 0);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static string Row(string cost, int month = 9, string account = "123") =>
        $"{cost},{account},USD,2026-{month:00}-01T00:00:00Z,2026-{month + 1:00}-01T00:00:00Z,Usage,2026-{month:00}-18T22:00:00Z,2026-{month:00}-18T23:00:00Z,SQS,AWS\n";

    private static Task<IngestOutcome> Take(LiveMeter live, params string[] files) => new Bills(live.Database).Take(
        "focus", files.Select((rows, i) => (Input.Text(Header + rows), Input.Context($"{i}.csv", null))), Ct);

    private static async Task<List<decimal>> Costs(LiveMeter live, int month)
    {
        var costs = new List<decimal>();
        await foreach (var row in new Bills(live.Database).Focus(new(Instant.FromUtc(2026, month, 1, 0, 0), Instant.FromUtc(2026, month + 1, 1, 0, 0)), new LandlordId("nerc"), Ct))
        {
            costs.Add(row.BilledCost);
        }

        return [.. costs.Order()];
    }

    [Fact]
    public async Task A_bill_read_twice_counts_once_and_one_issued_again_replaces_its_period_and_account_alone()
    {
        await using var live = await LiveMeter.New(Now);
        Assert.Equal(4, (await Take(live, Row("0.00000001") + Row("-2") + Row("5", month: 8) + Row("7", account: "456"))).Accepted);
        Assert.Equal((0, 4), await Take(live, Row("0.00000001") + Row("-2") + Row("5", month: 8) + Row("7", account: "456")) is { } o ? (o.Accepted, o.Duplicate) : default);
        Assert.Equal([-2m, 0.00000001m, 7m], await Costs(live, 9));

        Assert.Equal((1, 0), await Take(live, Row("3")) is { } p ? (p.Accepted, p.Duplicate) : default);
        Assert.Equal([3m, 7m], await Costs(live, 9));
        Assert.Equal([5m], await Costs(live, 8));
    }

    [Fact]
    public async Task Parts_that_are_taken_together_are_one_issue()
    {
        await using var live = await LiveMeter.New(Now);
        Assert.Equal(2, (await Take(live, Row("1"), Row("2"))).Accepted);
        Assert.Equal([1m, 2m], await Costs(live, 9));
    }

    /// <summary>Seen to take the other rows for the bill.</summary>
    [Theory]
    [InlineData("much,123,USD,2026-09-01,2026-10-01,Usage,2026-09-18,2026-09-19,SQS,AWS", "bill/unreadable-row")]
    [InlineData("2,123,USD,2026-09-01,2026-10-01,Usage,2026-09-18,2026-09-19,S,QS,AWS", "file/not-csv")]
    [InlineData("2,123,USD,2026-09-01,2026-10-01,Usage,2026-09-18,2026-0", "file/not-csv")]
    [InlineData("2,123,USD,2026-09-01,2026-10-01,Usage,2026-09-18,2026-09-19,\"SQS,AWS\n", "file/not-csv")]
    public async Task A_row_that_cannot_be_read_refuses_the_whole_bill(string row, string code)
    {
        await using var live = await LiveMeter.New(Now);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => Take(live, Row("1"), Row("2", 8) + row));
        Assert.Equal(code, refused.Refusal.Code);
        Assert.Contains("1.csv", refused.Refusal.Where, StringComparison.Ordinal);
        Assert.Empty(await Costs(live, 9));
        Assert.Empty(await Costs(live, 8));
    }

    [Fact]
    public async Task Less_than_what_stands_is_shown_before_it_replaces()
    {
        await using var live = await LiveMeter.New(Now);
        await Take(live, Row("100") + Row("40"));
        var refused = await Assert.ThrowsAsync<RefusedException>(() => Take(live, Row("90") + Row("5", 8)));
        Assert.Equal("bill/less", refused.Refusal.Code);
        Assert.Contains("stands at 140 in 2 rows. What came says 90 in 1 rows: -50", refused.Refusal.Message, StringComparison.Ordinal);
        Assert.Equal([40m, 100m], await Costs(live, 9));
        Assert.Empty(await Costs(live, 8));

        await new Bills(live.Database).Take("focus", [(Input.Text(Header + Row("90")), Input.Context("x.csv", null))], new() { AcceptsLess = true }, Ct);
        Assert.Equal([90m], await Costs(live, 9));
    }

    /// <summary>A second part that costs more than the first looked like the bill issued again.</summary>
    [Fact]
    public async Task What_leaves_out_most_of_what_stands_is_no_issue_again_however_much_it_costs()
    {
        await using var live = await LiveMeter.New(Now);
        await Take(live, Row("40"));
        var refused = await Assert.ThrowsAsync<RefusedException>(
            () => Take(live, Row("100").Replace("SQS", "EC2", StringComparison.Ordinal)));
        Assert.Equal("bill/less", refused.Refusal.Code);
    }

    [Fact]
    public async Task A_file_that_is_named_twice_is_not_billed_twice() => Assert.Equal(
        "bill/file-twice", (await Assert.ThrowsAsync<RefusedException>(async () =>
        {
            await using var live = await LiveMeter.New(Now);
            await Take(live, Row("1"), Row("1"));
        })).Refusal.Code);

    [Theory]
    [InlineData("", "Some Vendor", "Other", "Some Vendor")]
    [InlineData("NULL", "", "Compute", "Compute")]
    [InlineData("", "NULL", "", "unnamed")]
    [InlineData("EC2", "Some Vendor", "Compute", "EC2")]
    public void A_row_without_a_service_keeps_its_money(string service, string publisher, string category, string name)
    {
        var row = Assert.Single(FocusRows.Read(Input.Text(Header.Replace("ProviderName", "ProviderName,PublisherName,ServiceCategory", StringComparison.Ordinal) +
            $"1200,123,USD,2026-09-01,2026-10-01,Purchase,2026-09-18,2026-09-19,{service},AWS,{publisher},{category}\n"), Input.Context())).Row!;
        Assert.Equal((1200m, name), (row.BilledCost, row.Service));
    }
}

/// <summary>Bills in a directory: which files are one bill is said, and nothing is guessed.</summary>
public sealed class DroppingBills : IDisposable
{
    private const string Header = "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,ProviderName\n";
    private readonly string _folder = Directory.CreateTempSubdirectory("bills-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private void Drop(string name, string cost, string service) => File.WriteAllText(Path.Combine(_folder, name),
        $"{Header}{cost},123,USD,2026-09-01,2026-10-01,Usage,2026-09-18,2026-09-19,{service},AWS\n");

    private BillDrop Collector(LiveMeter live, BillParts parts) => new(
        new("bills", "files", new("nerc"), null, Duration.FromMinutes(1)), (_folder, "*.csv"), "focus", parts, new(live.Database));

    private static async Task<decimal> Total(LiveMeter live)
    {
        var total = 0m;
        await foreach (var row in new Bills(live.Database).Focus(new(Instant.FromUtc(2026, 9, 1, 0, 0), Instant.FromUtc(2026, 10, 1, 0, 0)), null, Ct))
        {
            total += row.BilledCost;
        }

        return total;
    }

    [Fact]
    public async Task A_second_file_of_the_same_bill_is_refused_until_somebody_says_what_it_is()
    {
        await using var live = await LiveMeter.New(Instant.FromUtc(2026, 11, 1, 0, 0));
        Drop("2026-09-00001.csv", "40", "S3");
        Drop("2026-09-00002.csv", "100", "S3");
        var refused = await Assert.ThrowsAsync<RefusedException>(() => live.Runner.Once(Collector(live, new(null, null, false)), Ct));
        Assert.Equal(("bill/part-or-again", 40m), (refused.Refusal.Code, await Total(live)));

        await live.Runner.Once(Collector(live, new(null, null, AreReissues: true)), Ct);
        Assert.Equal(100m, await Total(live));
    }

    [Fact]
    public async Task Files_that_belong_together_are_one_bill_and_taken_again_when_one_is_new()
    {
        await using var live = await LiveMeter.New(Instant.FromUtc(2026, 11, 1, 0, 0));
        var together = new BillParts(new(@"^(\d{4}-\d{2})-\d+\.csv$"), null, false);
        Drop("2026-09-00001.csv", "100", "EC2");
        Drop("2026-09-00002.csv", "40", "S3");
        await live.Runner.Once(Collector(live, together), Ct);
        Assert.Equal(140m, await Total(live));
        Drop("2026-09-00003.csv", "7", "RDS");
        await live.Runner.Once(Collector(live, together), Ct);
        Assert.Equal(147m, await Total(live));
        Drop("stray.csv", "1", "EC2");
        Assert.Equal("bill/of-no-delivery", (await Assert.ThrowsAsync<RefusedException>(() => live.Runner.Once(Collector(live, together), Ct))).Refusal.Code);
        Assert.Equal(147m, await Total(live));
    }

    [Theory]
    [InlineData("""{"dataFiles":["s3://b/2026-09-00001.csv","s3://b/2026-09-00002.csv"]}""")]
    [InlineData("""{"reportKeys":["2026-09-00001.csv","2026-09-00002.csv"]}""")]
    [InlineData("""{"blobs":[{"blobName":"d/2026-09-00001.csv"},{"blobName":"d/2026-09-00002.csv"}]}""")]
    public async Task A_manifest_says_what_belongs_together_and_nothing_is_taken_before_all_is_there(string manifest)
    {
        await using var live = await LiveMeter.New(Instant.FromUtc(2026, 11, 1, 0, 0));
        var parts = new BillParts(null, "*manifest.json", false);
        Drop("2026-09-00001.csv", "100", "EC2");
        await File.WriteAllTextAsync(Path.Combine(_folder, "a-manifest.json"), manifest, Ct);
        Assert.Equal("bill/part-missing", (await Assert.ThrowsAsync<RefusedException>(() => live.Runner.Once(Collector(live, parts), Ct))).Refusal.Code);
        Assert.Equal(0m, await Total(live));
        Drop("2026-09-00002.csv", "40", "S3");
        await live.Runner.Once(Collector(live, parts), Ct);
        Assert.Equal(140m, await Total(live));
    }

    /// <summary>.NET unwraps what is there of a gzip stream and says nothing.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(40)]
    public async Task A_compressed_bill_that_was_cut_off_is_refused(int missing)
    {
        await using var live = await LiveMeter.New(Instant.FromUtc(2026, 11, 1, 0, 0));
        var packed = new MemoryStream();
        await using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(System.Text.Encoding.UTF8.GetBytes(Header + string.Concat(Enumerable.Range(1, 500)
                .Select(n => $"{n},123,USD,2026-09-01,2026-10-01,Usage,2026-09-18,2026-09-19,S{n},AWS\n"))), Ct);
        }

        await File.WriteAllBytesAsync(Path.Combine(_folder, "a.csv"), packed.ToArray()[..^missing], Ct);
        Assert.Equal("file/broken-gzip", (await Assert.ThrowsAsync<RefusedException>(() => live.Runner.Once(Collector(live, new(null, null, false)), Ct))).Refusal.Code);
        await File.WriteAllBytesAsync(Path.Combine(_folder, "a.csv"), packed.ToArray(), Ct);
        await live.Runner.Once(Collector(live, new(null, null, false)), Ct);
        Assert.Equal(125_250m, await Total(live));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
