using Exchange.Metering.Collectors;
using Exchange.Metering.Collectors.Live;
using NodaTime;
using Xunit;

namespace Exchange.Metering.Tests.Collectors.Live;

/// <summary>Bills in a directory: which files are one bill is said, and nothing is guessed.</summary>
public sealed class DroppingBills : IDisposable
{
    private const string Header = "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,ProviderName\n";
    private readonly string _folder = Directory.CreateTempSubdirectory("bills-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private void Drop(string name, string cost, string service, string month = "09") => File.WriteAllText(Path.Combine(_folder, name),
        $"{Header}{cost},123,USD,2026-{month}-01,{(month == "08" ? "2026-09" : "2026-10")}-01,Usage,2026-{month}-18,2026-{month}-19,{service},AWS\n");

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

    /// <summary>
    /// Folders as they are in the bucket: each month has parts of the same names. And a part whose rows were lost on the
    /// way, of which only the manifest tells.
    /// </summary>
    [Fact]
    public async Task Parts_are_found_in_the_folders_of_a_bucket_and_have_the_rows_that_the_manifest_says()
    {
        await using var live = await LiveMeter.New(Instant.FromUtc(2026, 11, 1, 0, 0));
        var parts = new BillParts(null, "*manifest.json", false);
        foreach (var month in (string[])["08", "09"])
        {
            Directory.CreateDirectory(Path.Combine(_folder, "data", month));
            Drop($"data/{month}/part-1.csv", month == "08" ? "5" : "100", "EC2", month);
            Drop($"data/{month}/part-2.csv", "40", "S3", month);
            await File.WriteAllTextAsync(Path.Combine(_folder, "data", month, "manifest.json"), $$"""
                {"blobCount":2,"blobs":[{"blobName":"s3://bucket/x/data/{{month}}/part-1.csv","dataRowCount":1},{"blobName":"s3://bucket/x/data/{{month}}/part-2.csv","dataRowCount":{{(month == "08" ? 1 : 2)}}}]}
                """, Ct);
        }

        Assert.Equal("bill/part-cut", (await Assert.ThrowsAsync<RefusedException>(() => live.Runner.Once(Collector(live, parts), Ct))).Refusal.Code);
        Assert.Equal(0m, await Total(live));
        await File.AppendAllTextAsync(Path.Combine(_folder, "data", "09", "part-2.csv"),
            "7,123,USD,2026-09-01,2026-10-01,Usage,2026-09-18,2026-09-19,SQS,AWS\n", Ct);
        await live.Runner.Once(Collector(live, parts), Ct);
        Assert.Equal(147m, await Total(live));
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
