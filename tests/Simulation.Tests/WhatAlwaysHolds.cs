using System.Text;
using Exchange.Invoicing;
using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Explaining;
using Exchange.Invoicing.Exports;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Metering;
using Exchange.Portal.ReadModels;
using Exchange.Rating;
using Exchange.Testing;
using Npgsql;
using Xunit;

namespace Exchange.Simulation.Tests;

/// <summary>
/// What holds of closed months whatever comes after: they stay, they can be rebuilt, explained and checked.
/// </summary>
public class WhatAlwaysHolds
{
    private static readonly Lazy<Task<string>> Made = new(() => TestDatabase.ForMany(Make));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    /// <summary>Invariant 4. Seen to fail with closed months rated again for the pages.</summary>
    [Fact]
    public async Task A_closed_month_is_closed_whatever_comes_late()
    {
        await using var exchange = await MarchClosed();
        var before = await Documents(exchange);
        var charges = await Dump(exchange, "select * from exchange.charge where month = '2026-03'");

        var story = new Story(7);
        await exchange.Living.Meter.Ingest(
            story.Deliveries.Where(d => d.IsLate).Select(d => (Collected)d.Reading), Ct);
        await ImportProjects.Run(
            exchange.Living.Journal, "cluster,project,name,pi\na1,p0,another name,someone@example.org\n", "late.csv",
            "simulation", Exchanges.Now, Ct);
        var repriced = await PublishPrices.Run(
            exchange.Living.Journal, [new("acme/compute/2026-03.yaml", Story.Sheet("2026-03", "9", "9", "9000.00"))],
            new(new HashSet<BillingMonth> { Story.March }, []), "acme", Exchanges.Now, Ct);
        await Catch(exchange);

        Assert.Equal("prices/closed-month", Assert.Single(repriced.Refusals.Take(1)).Code);
        Assert.Equal(before, await Documents(exchange));
        Assert.Equal(charges, await Dump(exchange, "select * from exchange.charge where month = '2026-03'"));
    }

    /// <summary>Invariant 5. Seen to fail with a table of lines that kept the time of its writing.</summary>
    [Fact]
    public async Task Replaying_gives_the_same_tables_and_documents_to_the_byte()
    {
        await using var exchange = await MarchClosed();
        var documents = await Documents(exchange);
        var tables = await Tables(exchange);

        await exchange.Living.Meter.Replay(Ct);
        await exchange.Living.Projections.Rebuild(_ => { }, Ct);
        await RateMonths.Forget(exchange.Living.Database, Ct);
        await Catch(exchange);

        Assert.Equal(tables, await Tables(exchange));
        Assert.Equal(documents, await Documents(exchange));
    }

    /// <summary>Invariant 8. Seen to fail with parts looked for under another id than their charge's.</summary>
    [Fact]
    public async Task Every_line_is_explained_down_to_readings()
    {
        await using var exchange = await MarchClosed();
        var lines = (await BilledLines.Of(exchange.Living.Database, Story.March, Ct)).SelectMany(account => account)
            .ToList();
        Assert.NotEmpty(lines);
        foreach (var line in Draws.Of(lines, "lines", few: 6))
        {
            var explained = await Explain.Run(exchange.Living.Sources, line.ChargeId, Ct);
            var charge = Assert.Single(explained);
            Assert.Equal(line.Amount, charge.Amount);
            Assert.Equal(line.Sheet, charge.Sheet);
            Assert.NotEmpty(charge.Parts);
            Assert.All(charge.Parts, part => Assert.NotEmpty(part.Readings));
        }
    }

    /// <summary>Invariant 9. Seen to fail with a chain over trimmed bodies.</summary>
    [Theory]
    [InlineData("update journal.mt_events set bdata = bdata || ' ' where seq_id = 4", "4")]
    [InlineData("update journal.mt_events set timestamp = timestamp + interval '1 second' where seq_id = 2", "2")]
    [InlineData("delete from journal.mt_events where seq_id = 3", "3")]
    [InlineData("delete from journal.link where position = 3", "3")]
    public async Task A_changed_event_is_found_and_named(string change, string place)
    {
        await using var exchange = await MarchClosed();
        Assert.Null((await VerifyChain.Run(exchange.Living.Journal, exchange.Living.Database, _ => { }, Ct)).Wrong);
        await Do(exchange, change);
        var wrong = (await VerifyChain.Run(exchange.Living.Journal, exchange.Living.Database, _ => { }, Ct)).Wrong;
        Assert.Contains(place, wrong, StringComparison.Ordinal);
    }

    private static async Task<Exchanges> MarchClosed() => await Exchanges.Like(await Made.Value, Ct);

    private static async Task<string> Make()
    {
        await using var exchange = await Exchanges.Begin(Ct);
        await exchange.Living.Meter.Ingest(
            new Story(7).Deliveries.Where(d => !d.IsLate).Select(d => (Collected)d.Reading), Ct);
        await CloseMonth.Commit(
            exchange.Living.Sources, Story.March, Policies.Corrected, new HashSet<string>(), "simulation",
            Exchanges.Now, Ct);
        await Catch(exchange);
        return exchange.Connection;
    }

    private static async Task Catch(Exchanges exchange)
    {
        await exchange.Living.Projections.CatchUp(Ct);
        await RateMonths.Run(exchange.Living, _ => { }, Ct);
    }

    /// <summary>Every document of the closed month, by name: invoices as text, CSV and PDF, and the reports.</summary>
    private static async Task<SortedDictionary<string, string>> Documents(Exchanges exchange)
    {
        var documents = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var row in await InvoiceList.Run(exchange.Living.Database, new(Story.March), Ct))
        {
            var (_, invoice) = await FindInvoice.Needed(
                exchange.Living.Journal, exchange.Living.Database, row.Number!, Ct);
            var document = FindInvoice.Document(invoice);
            documents[$"{row.Number}.txt"] = document.AsText();
            documents[$"{row.Number}.csv"] = InvoiceCsv.Of(document);
            documents[$"{row.Number}.pdf"] = Convert.ToHexString(InvoicePdf.Draw(document));
        }

        var directory = Directory.CreateTempSubdirectory("exchange-reports-").FullName;
        await SettlementExport.Run(exchange.Living.Sources, new(Story.March), directory, Ct);
        await JournalExport.Run(exchange.Living.Sources, new(Story.March), directory, Ct);
        foreach (var file in Directory.EnumerateFiles(directory))
        {
            documents[Path.GetFileName(file)] = await File.ReadAllTextAsync(file, Ct);
        }

        Directory.Delete(directory, recursive: true);
        Assert.NotEmpty(documents);
        return documents;
    }

    private static async Task<string> Tables(Exchanges exchange)
    {
        var tables = new StringBuilder();
        foreach (var table in (string[])[
            "exchange.charge", "exchange.day", "exchange.sold", "exchange.landlord_day", "invoicing.invoice",
            "invoicing.line", "invoicing.settlement", "invoicing.posting"])
        {
            tables.AppendLine(table).AppendLine(await Dump(exchange, $"select * from {table}"));
        }

        return tables.ToString();
    }

    private static async Task<string> Dump(Exchanges exchange, string query)
    {
        await using var command = exchange.Living.Database.CreateCommand(
            $"select string_agg(t::text, chr(10) order by t::text) from ({query}) as t");
        return await command.ExecuteScalarAsync(Ct) as string
            ?? throw new InvalidOperationException($"No rows: {query}");
    }

    private static async Task Do(Exchanges exchange, string sql)
    {
        await using var command = new NpgsqlCommand(sql, await exchange.Living.Database.OpenConnectionAsync(Ct));
        Assert.Equal(1, await command.ExecuteNonQueryAsync(Ct));
    }
}
