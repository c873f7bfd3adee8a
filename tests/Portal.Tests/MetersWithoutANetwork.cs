using System.Security.Cryptography;
using Exchange.Testing;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// A meter packs bundles where it stands; the exchange takes them as they come, and says what is missing.
/// </summary>
public sealed class MetersWithoutANetwork : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("exchange-bundles-").FullName;

    public MetersWithoutANetwork()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        File.WriteAllText(At("site-17.key"), key.ExportECPrivateKeyPem());
        File.WriteAllText(At("site-17.pem"), key.ExportSubjectPublicKeyInfoPem());
        File.WriteAllText(At("collectors.yaml"), $$"""
            collectors:
              - name: offline
                kind: bundles
                landlord: lenovo
                directory: {{At("came")}}
                pattern: "*.bundle"
                meters:
                  - {name: site-17, public_key_file: {{At("site-17.pem")}} }
            """);
        Directory.CreateDirectory(At("came"));
    }

    [Fact]
    public async Task Bundles_come_in_any_order_each_once_and_a_gap_is_shown_until_it_fills()
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        for (var hour = 1; hour <= 3; hour++)
        {
            await Hour(hour);
        }

        Come(1);
        Come(3);
        Assert.Equal("offline: 2 accepted, 0 duplicate, 0 quarantined", await Collected(database));
        Assert.Contains("Never came: bundle site-17 2.", await Status(database), StringComparison.Ordinal);
        Come(2);
        Assert.Equal("offline: 1 accepted, 0 duplicate, 0 quarantined", await Collected(database));
        Assert.Equal("offline: 0 accepted, 0 duplicate, 0 quarantined", await Collected(database));
        Assert.DoesNotContain("Never came", await Status(database), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bundle_that_was_replaced_on_the_way_is_named()
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        await Hour(1);
        await Hour(2);
        Come(2);
        await Collected(database);
        Directory.Delete(At("spool"), recursive: true);
        await Hour(7); // Another first bundle of the same meter, rightly signed.
        Come(1);

        var typed = await Typed.Line($"collect run --collectors {At("collectors.yaml")}", database);

        Assert.Equal(ExitCode.Refused, typed.Exit);
        Assert.Contains("bundle/broken-chain", typed.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "bundle/empty")]
    [InlineData("{\"specversion\":\"1.0\"}\nwhat?", "bundle/not-an-event: This line is not")]
    [InlineData("[1,2]", "bundle/not-an-event")]
    public async Task What_is_not_events_is_not_packed(string text, string error)
    {
        await File.WriteAllTextAsync(At("events"), text, Serving.Ct);
        var typed = await Typed.Line(
            $"collect pack --meter site-17 --key {At("site-17.key")} --out {At("spool")} {At("events")}");
        Assert.Equal(ExitCode.Refused, typed.Exit);
        Assert.Contains(error, typed.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(At("spool")));
    }

    [Fact]
    public async Task A_key_that_cannot_sign_is_refused_and_the_sentence_says_how_to_make_one()
    {
        await File.WriteAllTextAsync(At("events"), Event(1), Serving.Ct);
        var typed = await Typed.Line(
            $"collect pack --meter site-17 --key {At("site-17.pem")} --out {At("spool")} {At("events")}");
        Assert.Equal(ExitCode.Refused, typed.Exit);
        Assert.Contains("bundle/bad-key", typed.Errors, StringComparison.Ordinal);
        Assert.Contains("openssl ecparam -name prime256v1", typed.Errors, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private async Task Hour(int hour)
    {
        await File.WriteAllTextAsync(At("events"), Event(hour), Serving.Ct);
        var typed = await Typed.Line(
            $"collect pack --meter site-17 --key {At("site-17.key")} --out {At("spool")} {At("events")}");
        Assert.True(typed.Exit == ExitCode.Done, typed.Errors);
    }

    private void Come(int number) => File.Copy(
        At($"spool/site-17-{number:00000000}.bundle"), At($"came/site-17-{number:00000000}.bundle"));

    private async Task<string> Collected(string database) =>
        (await Typed.Done($"collect run --collectors {At("collectors.yaml")}", database)).Output.Trim();

    private static async Task<string> Status(string database) => (await Typed.Done("collect status", database)).Output;

    private static string Event(int hour) => $$"""
        {"specversion":"1.0","id":"h{{hour}}","source":"urn:meter:site-17","type":"exchange.usage.interval.v1","subject":"server-1","time":"2025-10-01T{{hour + 1:00}}:00:00Z","data":{"landlord":"lenovo","cluster":"bm","project":"p","kind":"baremetal","from":"2025-10-01T{{hour:00}}:00:00Z","to":"2025-10-01T{{hour + 1:00}}:00:00Z","state":"running","shape":{"node":"fc430"} } }

        """;

    private string At(string name) => Path.Combine(_folder, name);
}
