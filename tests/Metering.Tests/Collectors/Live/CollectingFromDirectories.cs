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

    /// <summary>A cut file, a certificate, a key of another kind, nothing: seen to end the program.</summary>
    [Fact]
    public void A_key_that_is_none_is_refused_by_name()
    {
        Bundle(1, null);
        using var rsa = RSA.Create(1024);
        var whole = _key.ExportSubjectPublicKeyInfoPem();
        foreach (var pem in (string[])["", "no key", whole[..60], whole.Replace('M', '!'), rsa.ExportSubjectPublicKeyInfoPem(), whole + whole])
        {
            using var file = File.OpenRead(Path.Combine(_folder, "0001.bundle"));
            Assert.Equal("bundle/bad-key", Assert.Throws<RefusedException>(() => MeterBundle.Read(file, "x", _ => pem)).Refusal.Code);
        }
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
