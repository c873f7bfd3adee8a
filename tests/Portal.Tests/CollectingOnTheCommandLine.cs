using System.Text.Json;
using Exchange.Portal.Collecting;
using Exchange.Portal.Web;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>Collectors as an operator runs and watches them.</summary>
public sealed class CollectingOnTheCommandLine : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("collect-cli-").FullName;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Yaml(string more = "", string name = "leases")
    {
        var file = Path.Combine(_folder, "collectors.yaml");
        File.WriteAllText(file, $"""
            collectors:
              - name: {name}
                kind: files
                landlord: nerc
                directory: {_folder}
                pattern: "*.json"
                format: esi-leases
            {more}
            """);
        return file;
    }

    private void Lease() => File.WriteAllText(Path.Combine(_folder, "a.json"), """
        [{"UUID":"l","Resource":"n","Resource Class":"fc430","Project":"p","Start Time":"2025-10-01T00:00:00","Expire Time":"2025-10-02T00:00:00"}]
        """);

    [Fact]
    public async Task A_run_takes_what_is_there_once_and_the_status_says_how_far_it_is()
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        Lease();
        var file = Yaml();
        Assert.Equal("leases: 2 accepted, 0 duplicate, 0 quarantined", (await Typed.Done($"collect run --collectors {file}", database)).Output.Trim());
        Assert.Equal("leases: 0 accepted, 0 duplicate, 0 quarantined", (await Typed.Done($"collect run leases --collectors {file}", database)).Output.Trim());
        using var status = JsonDocument.Parse((await Typed.Done("collect status --json", database)).Output);
        var one = status.RootElement.GetProperty("collectors")[0];
        Assert.Equal(("leases", "files", 2, "a.json"), (one.GetProperty("name").GetString(), one.GetProperty("kind").GetString(), one.GetProperty("accepted").GetInt32(), one.GetProperty("position").GetString()));
        Assert.Contains("leases  files", (await Typed.Done("collect status", database)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_fails_is_told_and_the_others_are_collected_all_the_same()
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        Lease();
        var file = Yaml($"""
              - name: away
                kind: prometheus
                landlord: nerc
                cluster: ocp-prod
                url: http://127.0.0.1:{Ports.Free()}
                from: 2025-10-01T00:00:00Z
            """);
        var typed = await Typed.Line($"collect run --collectors {file}", database);
        Assert.Equal(ExitCode.Refused, typed.Exit);
        Assert.Contains("leases: 2 accepted", typed.Output, StringComparison.Ordinal);
        Assert.Contains("away: failed", typed.Output, StringComparison.Ordinal);
        Assert.Contains("prometheus/failed-query", typed.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_runs_the_collectors_of_its_file_and_its_metrics_say_how_far_they_are()
    {
        Lease();
        await using var exchange = await Composition.Open(
            new(_folder, await TestDatabase.NewConnectionString(Composition.Modules)), SystemClock.Instance, Ct);
        using var http = new HttpClient();
        Yaml("    every: 1s");
        var collectors = await CollectorFile.Read(exchange, null, http, Ct);
        await using var app = Server.Build(exchange, new(["http://127.0.0.1:0"]) { Collectors = collectors });
        await app.StartAsync(Ct);
        var metrics = "";
        await Waiting.For(
            async () => (metrics = await http.GetStringAsync(new Uri(new Uri(app.Urls.First()), "metrics"), Ct))
                .Contains("outcome=\"accepted\"} 2", StringComparison.Ordinal),
            () => metrics);
        Assert.Contains("exchange_collector_records_total{collector=\"leases\",kind=\"files\",outcome=\"accepted\"} 2", metrics, StringComparison.Ordinal);
        Assert.Contains("exchange_collector_lag_seconds{collector=\"leases\",kind=\"files\"} ", metrics, StringComparison.Ordinal);
        Assert.Contains("exchange_collector_failures{collector=\"leases\",kind=\"files\"} 0", metrics, StringComparison.Ordinal);
        await app.StopAsync(Ct);
    }

    [Theory]
    [InlineData("collect run --collectors FILE nobody", "collectors/unknown-name")]
    [InlineData("collect run --collectors FILE.missing", "file/unreadable")]
    public async Task What_is_wrong_is_named(string line, string code)
    {
        var typed = await Typed.Line(
            line.Replace("FILE", Yaml(), StringComparison.Ordinal), await TestDatabase.NewConnectionString(Composition.Modules));
        Assert.Equal(ExitCode.Refused, typed.Exit);
        Assert.Contains(code, typed.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("    every: often", "collectors/bad-duration")]
    [InlineData("    color: red", "yaml/unknown-key")]
    [InlineData("    ? &a [*a]", "yaml/alias")]
    [InlineData("    cluster: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "yaml/too-deep")]
    [InlineData("  - {name: leases, kind: files, landlord: nerc, directory: x, format: focus}", "collectors/name-used-twice")]
    [InlineData("  - {name: b, kind: pigeon, landlord: nerc}", "collectors/unknown-kind")]
    [InlineData("  - {name: b, kind: files, landlord: nerc, directory: x, format: pigeon}", "collectors/unknown-kind")]
    [InlineData("  - {name: b, kind: dcgm, landlord: nerc, cluster: c, url: 'ftp://x', from: 2025-10-01T00:00:00Z}", "yaml/bad-value")]
    public async Task A_file_that_is_wrong_is_refused_with_the_place(string more, string code)
    {
        var typed = await Typed.Line($"collect run --collectors {Yaml(more)}", await TestDatabase.NewConnectionString(Composition.Modules));
        Assert.Equal(ExitCode.Refused, typed.Exit);
        Assert.Contains(code, typed.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bills_of_other_clouds_come_in_as_files_and_replace_their_period()
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        const string Bill = "BilledCost,BillingAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,ProviderName\n" +
            "1.5,123,USD,2025-09-01T00:00:00Z,2025-10-01T00:00:00Z,Usage,2025-09-18T22:00:00Z,2025-09-18T23:00:00Z,SQS,AWS\n";
        Assert.Equal("1 accepted, 0 duplicate, 0 quarantined", (await Typed.Done("ingest - --format focus --landlord aws", database, Bill)).Output.Trim());
        Assert.Equal("0 accepted, 1 duplicate, 0 quarantined", (await Typed.Done("ingest - --format focus --landlord aws", database, Bill)).Output.Trim());
        Assert.Equal("1 accepted, 0 duplicate, 0 quarantined", (await Typed.Done(
            "ingest - --format focus --landlord aws --accept-less", database, Bill.Replace("1.5", "1.25", StringComparison.Ordinal))).Output.Trim());
        var less = await Typed.Line("ingest - --format focus --landlord aws", database, Bill.Replace("1.5", "1.2", StringComparison.Ordinal));
        Assert.Equal(ExitCode.Refused, less.Exit);
        Assert.Contains("stands at 1.25 in 1 rows. What came says 1.2 in 1 rows: -0.05", less.Errors, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
