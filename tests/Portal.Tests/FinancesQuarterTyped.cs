using System.Text.Json;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Portal.Tests;

/// <summary>
/// The quarter of <see cref="FinancesQuarter"/> at the command line alone: accrue, close, send, receive the bank's
/// files (CSV and camt.053), apply credit, chase, write off, pay landlords, and hand the journal to an ERP. The books balance
/// after each step. Seen to fail without a verb that chases.
/// </summary>
public sealed class FinancesQuarterTyped : IDisposable
{
    private readonly SetClock _clock = new() { Now = UsedMonth.Now };
    private readonly string _folder = Directory.CreateTempSubdirectory("exchange-typed-quarter-").FullName;
    private string _database = "";

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Is_walked_at_the_command_line()
    {
        await using var server = await TestMailServer.Start();
        await using var serving = await UsedMonth.Start(clock: _clock);
        _database = serving.Exchange.Place.Database!;
        await File.WriteAllTextAsync(Path.Combine(_folder, "chart.yaml"), FinancesQuarter.Chart, Serving.Ct);
        await Type("settings set --name \"Massachusetts Open Cloud\" --remittance \"Account 42\" --terms-days 20");
        await Type($"settings publish {_folder}/chart.yaml");
        await Close("2026-10", UsedMonth.Now, server);
        await Collect(server);
        await Close("2026-11", Instant.FromUtc(2026, 12, 5, 9, 0), server);
        var ben = await InvoiceOf("2026-11", "ben@mit.edu");
        await Type("accounts keep-credit ben@mit.edu");
        await Import("statement.xml", FinancesQuarter.Camt(ben.Open + new Money(5_000), ben.Number), recorded: 1);
        Assert.True((await InvoiceOf("2026-11", "ben@mit.edu")).Open.IsZero);
        await Close("2026-12", Instant.FromUtc(2027, 1, 5, 9, 0), server);

        // 50.00 too much were kept until they are told to be applied.
        ben = await InvoiceOf("2026-12", "ben@mit.edu");
        await Type("accounts apply ben@mit.edu");
        Assert.Equal(ben.Open - new Money(5_000), (await InvoiceOf("2026-12", "ben@mit.edu")).Open);
        Assert.Contains("C-1", await Type("accounts show ben@mit.edu"), StringComparison.Ordinal);
        await Balanced();

        foreach (var month in Months)
        {
            await Type($"export journal --month {month} --out {_folder} --as workday --by posted");
            Assert.Equal(0, FinancesQuarter.Sum(await File.ReadAllLinesAsync(
                Path.Combine(_folder, $"journal-{month}.workday.csv"), Serving.Ct)));
        }

        Assert.Contains(
            "everything is as it was written", await Type("verify"), StringComparison.OrdinalIgnoreCase);
    }

    private static string[] Months => ["2026-10", "2026-11", "2026-12", "2027-01"];

    /// <summary>A month is accrued, closed and sent, and the landlord accepts its statement and is paid.</summary>
    private async Task Close(string month, Instant at, TestMailServer server)
    {
        _clock.Now = at;
        if (month != "2026-10")
        {
            await Type("ingest -", UsedMonth.EventIn(month, "p-ben", 40) + UsedMonth.EventIn(month, "p-ada", 4));
        }

        await Type($"ledger accrue --month {month} --commit");
        await Balanced();
        await Type($"close --month {month} --commit");
        Assert.Contains(" 0 tried again", await Type($"mail send --month {month} --server {server.Setting}"),
            StringComparison.Ordinal);
        var (number, _) = await InvoiceOf(month, "ben@mit.edu");
        Assert.Contains(server.Came, mail => mail.Contains($"{number}.pdf", StringComparison.Ordinal));
        await Type($"payouts accept nerc --month {month}");
        var owed = Rows(await Type("payouts list --json")).Single(
            row => row.GetProperty("payee").GetString() == "landlord:nerc").GetProperty("open").GetString();
        await Type($"payouts record nerc --reference out-{month} --amount \"{owed}\" --month {month}");
        Assert.Equal("0.00 USD", Rows(await Type("payouts list --json")).Single(
            row => row.GetProperty("payee").GetString() == "landlord:nerc").GetProperty("open").GetString());
        await Balanced();
    }

    /// <summary>Of October's invoice a part is paid and a part credited; past due it is chased, then written off.</summary>
    private async Task Collect(TestMailServer server)
    {
        _clock.Now = Instant.FromUtc(2026, 11, 11, 9, 0);
        var (number, open) = await InvoiceOf("2026-10", "ben@mit.edu");
        const string Head = "date,amount,reference,text\n";
        var list = $"{Head}2026-11-10,1000.00,B-1,for {number}\n2026-11-10,1000.00,B-1,for {number}\n";
        await Import("november.csv", list, recorded: 1); // The list has it twice.
        await Import("november.csv", list, recorded: 0);
        await Type($"invoices credit {number} --amount \"100.00 USD\" --because \"an outage\"");
        Assert.Equal(open - new Money(110_000), (await InvoiceOf("2026-10", "ben@mit.edu")).Open);
        await Balanced();

        var remind = $"mail remind --server {server.Setting}";
        Assert.StartsWith("0 queued", await Type(remind), StringComparison.Ordinal);
        _clock.Now = Instant.FromUtc(2026, 11, 26, 9, 0); // Due on November 25.
        Assert.StartsWith("1 queued; 1 sent", await Type(remind), StringComparison.Ordinal);
        Assert.Contains(server.Came, mail => mail.Contains($"{open - new Money(110_000)} of invoice {number}",
            StringComparison.Ordinal));
        await Type($"invoices write-off {number} --because \"the group has left\"");
        Assert.True((await InvoiceOf("2026-10", "ben@mit.edu")).Open.IsZero);
        Assert.StartsWith("0 queued", await Type(remind), StringComparison.Ordinal);
        await Balanced();
    }

    /// <summary>A bank's file is looked at, and then recorded.</summary>
    private async Task Import(string name, string text, int recorded)
    {
        var path = Path.Combine(_folder, name);
        await File.WriteAllTextAsync(path, text, Serving.Ct);
        await Type($"payments import {path}");
        Assert.Contains($"{recorded} of", await Type($"payments import {path} --commit"), StringComparison.Ordinal);
        await Balanced();
    }

    private async Task<(string Number, Money Open)> InvoiceOf(string month, string pi)
    {
        var row = Rows(await Type($"invoices list --month {month} --pi {pi} --json")).Single();
        return (row.GetProperty("number").GetString()!, Money.Parse(row.GetProperty("balanceDue").GetString()!, null));
    }

    private async Task Balanced()
    {
        foreach (var by in (string[])["period", "posted"])
        {
            var sum = Money.Zero;
            foreach (var month in Months)
            {
                sum += Money.Sum(Rows(await Type($"ledger balance --month {month} --by {by} --json"))
                    .Select(row => Money.Parse(row.GetProperty("balance").GetString()!, null)));
            }

            Assert.Equal(Money.Zero, sum);
        }
    }

    private async Task<string> Type(string line, string? input = null) =>
        (await Typed.Done(line, _database, input, _clock)).Output;

    private static JsonElement[] Rows(string json) => [.. JsonDocument.Parse(json).RootElement.EnumerateArray()];
}
