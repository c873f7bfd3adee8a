using System.Text.Json;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>Bills of another cloud, from the file that it issues to the invoices of those who used it.</summary>
public sealed class PassingBillsOn : IDisposable
{
    private const string Header = "ProviderName,BillingAccountId,SubAccountId,BillingCurrency,BillingPeriodStart,BillingPeriodEnd,ChargeCategory,ChargePeriodStart,ChargePeriodEnd,ServiceName,ChargeDescription,BilledCost\n";
    private const string Span = "2026-10-01T00:00:00Z,2026-11-01T00:00:00Z";
    private const string Sheet = """
        landlord: internet2
        service: public-cloud
        clusters: [aws]
        from: 2026-10
        skus:
          - {name: AWS at cost, unit: USD, counts: meter, meter: cost_usd, model: pass-through, markup: "0.05", match: {kind: bill}}
        examples:
          - {name: a bill of 100 dollars, usage: [{kind: bill, meter: cost_usd, quantity: "100"}], total: "105.00"}
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("bills-").FullName;
    private readonly Clock _clock = new();

    [Fact]
    public async Task A_bill_is_rated_closed_explained_and_exported_and_the_next_issue_of_it_is_an_adjustment()
    {
        var database = await TestDatabase.NewConnectionString(Composition.Modules);
        await Typed.Done($"prices publish {await File("sheet.yaml", Sheet)}", database, clock: _clock);
        await Typed.Done($"projects import {await File("p.csv", "cluster,project,name,pi,code\naws,team-1,Genomes,ada@bu.edu,\n")}", database);
        await Issue(database, Row("4", "m5.large", "10.004"), Row("6", "USE1-DataTransfer-Out-Bytes", "3.333"));

        // 10.004 and five percent is 10.5042; what left is passed on as it is.
        Assert.Equal(
            ["10.50 USD 2026-10:internet2:aws:team-1:AWS at cost:internet2/public-cloud/2026-10-01#1:Amazon EC2",
             "3.33 USD 2026-10:internet2:aws:team-1:AWS at cost:internet2/public-cloud/2026-10-01#1:Amazon EC2, data that left"],
            await Charges(database));
        await Typed.Done("close --month 2026-10 --commit", database, clock: _clock);
        var explained = (await Typed.Done(
            "explain \"2026-10:internet2:aws:team-1:AWS at cost:internet2/public-cloud/2026-10-01#1:Amazon EC2\"", database)).Output;
        Assert.Contains("10.004 USD, Usage of Amazon EC2: -:2", explained, StringComparison.Ordinal);
        Assert.Contains("bill: AWS -:2", explained, StringComparison.Ordinal);
        Assert.DoesNotContain("3.333", explained, StringComparison.Ordinal);
        Assert.Contains("PI ada@bu.edu", explained, StringComparison.Ordinal);
        await Typed.Done($"export focus --month 2026-10 --out {_folder}", database, clock: _clock);
        var focus = await System.IO.File.ReadAllTextAsync(
            Directory.GetFiles(_folder, "*focus*", SearchOption.AllDirectories).Single(), TestContext.Current.CancellationToken);
        Assert.Contains("10.50", focus, StringComparison.Ordinal);

        // Issued again with a credit in it: 8.004 and five percent is 8.4042, so 2.10 come back in November.
        await Issue(database, Row("4", "m5.large", "10.004"), Row("5", "credit", "-2"), Row("6", "USE1-DataTransfer-Out-Bytes", "3.333"));
        Assert.Equal(["8.40 USD", "3.33 USD"], (await Charges(database)).Select(line => line[..8]));
        _clock.Now = Instant.FromUtc(2026, 12, 2, 0, 0);
        var november = await Typed.Done("close --month 2026-11", database, clock: _clock);
        Assert.Contains("-2.10 USD", november.Output, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Row(string day, string what, string cost) =>
        $"AWS,acct,team-1,USD,{Span},Usage,2026-10-0{day}T00:00:00Z,2026-10-0{day}T01:00:00Z,Amazon EC2,{what},{cost}\n";

    private async Task Issue(string database, params string[] rows) => await Typed.Done(
        "ingest - --format focus --landlord internet2 --accept-less", database, Header + string.Concat(rows), _clock);

    private async Task<string> File(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        await System.IO.File.WriteAllTextAsync(path, text, TestContext.Current.CancellationToken);
        return path;
    }

    private async Task<List<string>> Charges(string database)
    {
        using var rated = JsonDocument.Parse((await Typed.Done("rate --month 2026-10 --json", database, clock: _clock)).Output);
        Assert.Equal(0, rated.RootElement.GetProperty("unpriced").GetArrayLength());
        return [.. rated.RootElement.GetProperty("charges").EnumerateArray().Select(c => $"{c.GetProperty("amount")} {c.GetProperty("id")}")];
    }

    private sealed class Clock : IClock
    {
        public Instant Now { get; set; } = Instant.FromUtc(2026, 11, 2, 0, 0);
        public Instant GetCurrentInstant() => Now;
    }
}
