using System.Globalization;
using Exchange.Invoicing.Exports;
using Exchange.Testing;
using Xunit;

namespace Exchange.Invoicing.Tests.Exports;

/// <summary>
/// The journal in the layouts of QuickBooks, Workday and PeopleSoft, by a published chart of accounts with charge
/// strings of projects: entry by entry debits are credits, and nothing is left out.
/// </summary>
public class JournalsForErps
{
    private const string Chart = """
        chart:
          company: OCX01
          source: OCX
          accounts:
            - match: receivable:pi:*
              account: "12100"
              name: Accounts Receivable:Research groups
              tags: {fund: "1000"}
            - {match: "accrued:receivable:*", account: "12190", name: "Accounts Receivable:Unbilled"}
            - {match: "payable:*", account: "21100", name: "Accounts Payable:Providers"}
            - {match: "accrued:payable:*", account: "21190", name: "Accounts Payable:Unbilled"}
            - match: revenue:*
              account: "41000"
              name: Exchange fees
              tags: {revenue_category: RC77, department: "55210"}
            - {match: cash, account: "10100", name: Checking}
            - {match: "unapplied:*", account: "21900", name: Customer deposits}
          projects:
            - {project: stack/p-ada, tags: {grant: GR-7781, project: PRJ-12}}
            - {project: "*", tags: {cost_center: CC-100}}
        """;

    [Theory]
    [InlineData("quickbooks")]
    [InlineData("workday")]
    [InlineData("peoplesoft")]
    public async Task Are_written_as_the_ERP_imports_them(string layout)
    {
        await using var world = await Billed();
        await world.Publish(Chart);
        var (text, rows) = await Written(world, layout);
        Golden.Match($"journal.{layout}.csv", text);
        Assert.Equal(rows, text.AsSpan().Count('\n') - 1);
    }

    /// <summary>Ada owes 5.20 at nerc and 21.60 at Block Bank: one receivable, a line for each project.</summary>
    [Fact]
    public async Task Split_what_a_PI_owes_by_project_with_its_charge_string()
    {
        await using var world = await Billed();
        await world.Publish(Chart);
        var lines = Rows((await Written(world, "workday")).Text);
        Assert.Equal(
            [("21.60", "", "CC-100", "1000"), ("5.20", "GR-7781", "", "1000")],
            lines.Where(line => line["L_Memo"] == "receivable:pi:ada@bu.edu")
                .Select(line => (line["L_DebitAmount"], line["L_Grant"], line["L_CostCenter"], line["L_Fund"])));
    }

    [Theory]
    [InlineData("quickbooks", "JournalNo", "Debits", "Credits")]
    [InlineData("workday", "H_JournalKey", "L_DebitAmount", "L_CreditAmount")]
    public async Task Balance_in_each_entry_and_come_to_the_ledger(
        string layout, string key, string debit, string credit)
    {
        await using var world = await Billed();
        await world.Publish(Chart);
        var lines = Rows((await Written(world, layout)).Text);
        Assert.All(lines.GroupBy(line => line[key]), entry =>
            Assert.Equal(entry.Sum(line => Number(line[debit])), entry.Sum(line => Number(line[credit]))));
        Assert.Equal(37.20m, lines.Where(line => line.ContainsValue(
            layout == "workday" ? "12100" : "Accounts Receivable:Research groups")).Sum(line => Number(line[debit])));
    }

    [Fact]
    public async Task Balance_as_signed_amounts()
    {
        await using var world = await Billed();
        await world.Publish(Chart);
        Assert.All(Rows((await Written(world, "peoplesoft")).Text).GroupBy(line => line["JOURNAL_ID"]), entry =>
            Assert.Equal(0m, entry.Sum(line => Number(line["MONETARY_AMOUNT"]))));
    }

    [Fact]
    public async Task Are_refused_without_a_chart_or_with_an_account_that_it_lacks()
    {
        await using var world = await Billed();
        Assert.Equal("chart/missing", await Refused(world, "workday"));
        await world.Publish(Chart.Replace("revenue:*", "sales:*", StringComparison.Ordinal));
        Assert.Equal("chart/no-account", await Refused(world, "workday"));
        await world.Publish(Chart.Replace("OCX01", "OPENCLOUD", StringComparison.Ordinal), new(2026, 1, 1));
        Assert.Equal("chart/too-long", await Refused(world, "peoplesoft"));
    }

    /// <summary>A chart that holds from November renames no account of an entry that was posted before.</summary>
    [Fact]
    public async Task Use_the_chart_of_the_day_of_each_entry()
    {
        await using var world = await Billed();
        await world.Publish(Chart);
        await world.Publish(Chart.Replace("12100", "12999", StringComparison.Ordinal), new(2026, 11, 4));
        Assert.Contains(",12100,", (await Written(world, "workday")).Text, StringComparison.Ordinal);
        Assert.DoesNotContain(",12999,", (await Written(world, "workday")).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chart: {company: A, source: B}", "accounts")]
    [InlineData("chart: {company: A, source: B, accounts: [{match: x, account: \"1\", tags: {color: red}}]}", "color")]
    public void Need_a_chart_that_is_one(string yaml, string names) => Assert.Contains(
        names,
        Assert.Throws<RefusedException>(() => Profiles.ChartOfAccounts.Parse(yaml, "chart.yaml")).Refusal.Message,
        StringComparison.Ordinal);

    private static async Task<World> Billed()
    {
        var world = await World.Start();
        world.Publishes = true;
        await world.Publish("""
            landlords:
              - {name: blockbank, title: Block Bank, terms: [{from: 2020-01, platform_share: "0.03"}]}
            """);
        await world.Ran("p-ada", World.October, 1, 100);
        await world.Stored("v-ada", World.October, 1_000);
        await world.Ran("p-bob", World.October, 1, 200);
        await world.Close(World.October);
        return world;
    }

    private static async Task<(string Text, long Rows)> Written(World world, string layout)
    {
        var folder = Directory.CreateTempSubdirectory("exchange-journal-").FullName;
        try
        {
            var written = await JournalExport.Run(
                world.Sources, new(World.October) { Layout = layout }, folder, World.Ct);
            return (await File.ReadAllTextAsync(Path.Combine(folder, written.Files.Single()), World.Ct), written.Rows);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> Refused(World world, string layout) =>
        (await Assert.ThrowsAsync<RefusedException>(() => Written(world, layout))).Refusal.Code;

    private static List<Dictionary<string, string>> Rows(string text)
    {
        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.TrimEnd('\r').Split(',')).ToList();
        return lines.Skip(1).Select(cells => lines[0].Zip(cells).ToDictionary(of => of.First, of => of.Second))
            .ToList();
    }

    private static decimal Number(string cell) =>
        cell.Length == 0 ? 0 : decimal.Parse(cell, CultureInfo.InvariantCulture);
}
