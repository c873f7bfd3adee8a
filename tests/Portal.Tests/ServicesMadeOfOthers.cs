using System.Text.Json;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// A front end that sells object storage which lies with two others, from sheets and usage to settlements.
/// </summary>
public sealed class ServicesMadeOfOthers : IDisposable
{
    private const string Front = """
        landlord: proxy
        service: objects
        clusters: [o1]
        from: 2026-10
        skus:
          - name: Objects
            unit: GiB-hour
            rate: "0.03"
            counts: meter
            meter: storage_gib_hours
            match: {kind: bucket}
            wholesale:
              rate: "0.02"
              behind:
                - {landlord: recex, meter: object_gib}
                - {landlord: torx, meter: object_gib, rate: "0.015"}
        examples:
          - {name: a bucket, usage: [{kind: bucket, meter: storage_gib_hours, quantity: "1000"}], total: "30.00"}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("composite-").FullName;
    private readonly StoppedClock _clock = new(Instant.FromUtc(2026, 11, 5, 0, 0));

    /// <summary>
    /// 1,000 GiB-hours at $0.03; of what both hold, replicas and all, recex holds 30 of 100 and torx 70. The front end
    /// pays recex $0.02 for each and torx, who has agreed on less, $0.015.
    /// </summary>
    [Fact]
    public async Task What_the_front_end_sold_is_charged_once_and_owed_to_those_who_held_it()
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        var sheets = await Task.WhenAll(File("proxy.yaml", Front), File("recex.yaml", Behind("recex")),
            File("torx.yaml", Behind("torx")));
        await Typed.Done($"prices publish {string.Join(' ', sheets)}", database, clock: _clock);
        var told = await File("p.csv", "cluster,project,name,pi\no1,team-1,Genomes,ada@bu.edu\no1,team-2,Proteins,eve@bu.edu\n");
        await Typed.Done($"projects import {told}", database, clock: _clock);
        var taken = await Typed.Done("ingest -", database, string.Join('\n',
            Count("proxy", "team-1", "storage_gib_hours", 3, "1000"), Count("recex", "team-1", "object_gib", 3, "30"),
            Count("torx", "team-1", "object_gib", 4, "70"), Count("proxy", "team-2", "storage_gib_hours", 9, "100.5"),
            Count("proxy", "team-1", "storage_gib_hours", 3, "1000")), _clock);
        Assert.Equal("4 accepted, 1 duplicate, 0 quarantined", taken.Output.Trim());

        Assert.Equal(
            ["team-1 by recex 300 9.00 USD 6.00 USD recex", "team-1 by torx 700 21.00 USD 10.50 USD torx",
                "team-2 that nobody behind it measured 100.5 3.02 USD  "],
            await Charges(database));
        var explained = await Typed.Done(
            "explain \"2026-10:proxy:o1:team-1:Objects:proxy/objects/2026-10-01#1:by torx\"", database, clock: _clock);
        Assert.Contains("1000 of storage_gib_hours on 2026-10-03", explained.Output, StringComparison.Ordinal);
        Assert.Contains("PI ada@bu.edu", explained.Output, StringComparison.Ordinal);

        await Typed.Done("close --month 2026-10 --commit --accept close/unattributed", database, clock: _clock);
        await Typed.Done($"export settlement --month 2026-10 --out {_folder}", database, clock: _clock);
        var settled = string.Concat(await Task.WhenAll(Directory.GetFiles(_folder, "*", SearchOption.AllDirectories)
            .Where(path => path.Contains("settlement", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .Select(path => System.IO.File.ReadAllTextAsync(path, TestContext.Current.CancellationToken))));
        Assert.Contains("33.02", settled, StringComparison.Ordinal);
        await Typed.Done("verify", database, clock: _clock);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Behind(string landlord) => $$"""
        landlord: {{landlord}}
        service: held
        clusters: [o1]
        from: 2026-10
        skus:
          - {name: Archive, unit: GiB, rate: "0.01", counts: meter, meter: archive_gib, match: {kind: bucket} }
        unbilled:
          - {match: {kind: bucket, meter: object_gib}, because: its front end sells it}
        examples:
          - {name: an archive, usage: [{kind: bucket, meter: archive_gib, quantity: "100"}], total: "1.00"}
        """;

    private static string Count(string landlord, string project, string meter, int day, string quantity) =>
        JsonSerializer.Serialize(new
        {
            specversion = "1.0",
            id = $"{landlord}-{project}-{day}",
            source = $"urn:{landlord}",
            type = "exchange.usage.count.v1",
            subject = $"bucket-{project}",
            time = $"2026-10-{day:00}T12:00:00Z",
            data = new { landlord, cluster = "o1", project, kind = "bucket", meter, quantity },
        });

    private async Task<string> File(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        await System.IO.File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        return path;
    }

    private async Task<List<string>> Charges(string database)
    {
        using var rated = JsonDocument.Parse(
            (await Typed.Done("rate --month 2026-10 --json", database, clock: _clock)).Output);
        Assert.Equal(0, rated.RootElement.GetProperty("unpriced").GetArrayLength());
        return
        [
            .. rated.RootElement.GetProperty("charges").EnumerateArray().Select(c =>
            {
                var bought = c.TryGetProperty("bought", out var b) && b.ValueKind == JsonValueKind.Object ? b : default;
                string Of(string name) => bought.ValueKind == JsonValueKind.Object ? $"{bought.GetProperty(name)}" : "";
                var quantity = $"{c.GetProperty("quantity")}".Split(' ')[0];
                return $"{c.GetProperty("project")} {c.GetProperty("step")} {quantity} {c.GetProperty("amount")} " +
                    $"{Of("amount")} {Of("payee")}";
            }),
        ];
    }
}
