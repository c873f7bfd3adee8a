using Exchange.Invoicing.Exports;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using Exchange.Testing;
using Xunit;

namespace Exchange.Invoicing.Tests.Exports;

public class FollowingFocus
{
    /// <summary>Seen to fail when the landlord stood as ProviderName, and when a null was an empty cell.</summary>
    [Theory]
    [InlineData("focus-2026-09.csv")]
    [InlineData("focus-2026-10.csv")]
    public void Every_rule_holds_of_what_is_exported(string golden) => Assert.Empty(FocusRules.Broken(
        File.ReadAllText(Product.File($"tests/Invoicing.Tests/Exports/Golden/{golden}"))));

    [Fact]
    public async Task What_is_billed_under_an_invoice_is_what_its_PI_owes()
    {
        await using var world = await ExportingAMonth.Used();
        await using var text = new StringWriter();
        await FocusExport.Write(world.Sources, new(World.September), text, World.Ct);

        Assert.Equal(
            ["PI-2026-0001 80.30 USD", "PI-2026-0002 1.72 USD", "provisional-2026-09-suspense 0.52 USD"],
            Sums(text.ToString()));
    }

    [Fact]
    public async Task Credit_notes_are_credits_in_the_month_in_which_they_were_given()
    {
        await using var world = await ExportingAMonth.Used();
        var (number, _) = await world.Journal.Execute(
                new CreditInvoice(world.Database, "PI-2026-0001", new(123), "an outage,\n\"of\" the disks"), world.Now, World.Ct);
        await RefundAndPay(world);
        await world.CatchUp();
        var month = BillingMonth.Of(world.Now);
        await using var text = new StringWriter();
        await FocusExport.Write(world.Sources, new(month), text, World.Ct);

        Assert.Empty(FocusRules.Broken(text.ToString()));
        Assert.Contains($"{number} -1.23 USD", Sums(text.ToString()));
        await using var nercs = new StringWriter();
        await FocusExport.Write(world.Sources, new(month, new("nerc")), nercs, World.Ct);
        Assert.DoesNotContain(number, nercs.ToString(), StringComparison.Ordinal);
    }

    /// <summary>
    /// 1.3: Dee's 5.20 are Harvard's, asked for by IN-2026-0001 and not by PI-2026-0002; the subsidy's 100.00 of Ada's
    /// are PY-2026-0001's. 1.2 says the same in columns of our own.
    /// </summary>
    [Fact]
    public async Task All_costs_of_every_invoice_are_rows_whoever_they_are_to()
    {
        await using var world = await World.Start();
        world.Institutions = BillingParties.Agreed;
        world.Programmes.RemoveAll(programme => programme.Id == "new-pi");
        await world.Told("cluster,project,name,pi,code\nstack,p-dee,Dee's,dee@harvard.edu,370-123");
        await world.Ran("p-ada", World.September, 1, 500, vcpu: 20);
        await world.Ran("p-dee", World.September, 1, 100);
        await world.Close(World.September);
        var wanted = new Wanted(World.September) { Focus = FocusVersion.V13 };
        await using var text = new StringWriter();
        await FocusExport.Write(world.Sources, wanted, text, World.Ct);

        Assert.Equal([], FocusRules.Broken(text.ToString()));
        Assert.Equal(
            ["PI-2026-0001 30.00 USD", "PI-2026-0002 0.00 USD", "IN-2026-0001 5.20 USD", "PY-2026-0001 100.00 USD"],
            Sums(text.ToString()));
        var rows = text.ToString().TrimEnd('\n').Split('\n').Select(FocusRules.Cells).ToList();
        string Cell(int row, string name) => rows[row][Array.IndexOf(rows[0], name)];
        Assert.Equal(
            [.. rows[0].TakeWhile(name => !name.StartsWith("x_", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal)],
            rows[0].TakeWhile(name => !name.StartsWith("x_", StringComparison.Ordinal)));
        Assert.Equal(
            ("New England Research Cloud", Issuer.Name), (Cell(1, "HostProviderName"), Cell(1, "ServiceProviderName")));
        Assert.Equal(
            ("Harvard University", "Institution", "dee@harvard.edu", "370-123", "0", "Not Applicable"),
            (Cell(3, "BillingAccountId"), Cell(3, "BillingAccountType"), Cell(3, "x_PaidFor"),
                Cell(3, "x_CustomerCode"), Cell(3, "EffectiveCost"), Cell(3, "HostProviderName")));

        await using var older = new StringWriter();
        await FocusExport.Write(world.Sources, new(World.September), older, World.Ct);
        Assert.Equal(["PI-2026-0001 30.00 USD", "PI-2026-0002 5.20 USD"], Sums(older.ToString()));
        Assert.DoesNotContain("ServiceProviderName", older.ToString(), StringComparison.Ordinal);
        using var parquet = new MemoryStream();
        Assert.Equal(4, await FocusExport.WriteParquet(world.Sources, wanted, parquet, World.Ct));
    }

    /// <summary>
    /// September's and October's invoices to Harvard; September's is void on November 3, and Dee owes those 5.20 again.
    /// October reads its own one, November the void one and what that one took: not what others took of Dee.
    /// </summary>
    [Fact]
    public async Task A_month_reads_the_invoices_to_parties_that_it_told_and_no_others()
    {
        await using var world = await World.Start();
        world.Institutions = BillingParties.Agreed;
        await world.Told("cluster,project,name,pi\nstack,p-dee,Dee's,dee@harvard.edu");
        await world.Ran("p-dee", World.September, 1, 100);
        await world.Ran("p-dee", World.October, 1, 200);
        await world.Close(World.September);
        await world.Close(World.October);
        await world.Journal.Execute(
            new VoidInvoice(world.Sources, "IN-2026-0001", "no agreement"), world.Now, World.Ct);
        await world.CatchUp();

        Assert.Equal("10.4 by party-IN-2026-0002", await Told(World.October));
        Assert.Equal(
            "-5.2 5.2 by party-IN-2026-0001 invoice-2026-09:dee@harvard.edu", await Told(World.October.Next));

        async Task<string> Told(BillingMonth month)
        {
            var heard = new HeardJournal(world.Journal);
            var wanted = new Wanted(month) { Focus = FocusVersion.V13, AsOf = world.Now + NodaTime.Duration.FromDays(1) };
            var rows = await new FocusPayers(world.Sources with { Journal = heard }, wanted, Issuer.Name).Rows(World.Ct);
            return $"{string.Join(' ', rows.Select(row => row["BilledCost"]))} by {string.Join(' ', heard.Streams)}";
        }
    }

    /// <summary>Late usage, void invoices, credits and other owners, in any order.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Every_rule_holds_of_drawn_months_and_each_invoice_adds_up(int seed)
    {
        var random = new Random(seed);
        await using var world = await World.Start();
        world.Now = NodaTime.Instant.FromUtc(2027, 2, 3, 9, 0);
        var credited = new HashSet<string>();
        var months = Enumerable.Range(0, 4).Select(World.September.Plus).ToList();
        foreach (var month in months)
        {
            for (var i = 0; i < 4; i++)
            {
                var late = months[random.Next(months.IndexOf(month) + 1)];
                await world.Ran(
                    ((string[])["p-ada", "p-bob", "p-nobody"])[random.Next(3)], late, 1 + random.Next(20),
                    1 + random.Next(99), gpu: random.Next(3) == 0);
            }

            await world.Stored("v-ada", month, 1 + random.Next(900));
            await world.Close(month);
            await Correct(world, random, credited);
        }

        foreach (var month in months.Append(BillingMonth.Of(world.Now)))
        {
            await using var text = new StringWriter();
            await FocusExport.Write(world.Sources, new(month), text, World.Ct);
            Assert.Empty(FocusRules.Broken(text.ToString()));
            var rows = (await InvoiceList.Run(world.Database, new(), World.Ct)).Where(row => row.Number is not null);
            var owed = rows.Where(row => row.Month == month).Select(row => $"{row.Number} {row.Owed}")
                .Concat(rows.Where(row => row.Status == "void" && month == BillingMonth.Of(world.Now))
                    .Select(row => $"{row.Number} {-row.Owed}")).Order(StringComparer.Ordinal);
            var billed = Sums(text.ToString(), "Usage").ToLookup(
                sum => sum.StartsWith($"provisional-{month}-suspense ", StringComparison.Ordinal));
            Assert.Equal(owed, billed[false].Order(StringComparer.Ordinal));
            Assert.True(billed[true].Count() <= 1); // What nobody answers for is together, under one of its own.
        }
    }

    [Theory]
    [InlineData("SU-hour", "SU-Hours")]
    [InlineData("GiB-hour", "GiB-Hours")]
    [InlineData("board-second", "Board-Seconds")]
    [InlineData("GiB", "GiB")]
    [InlineData("load", "Load")]
    public void Units_are_written_as_FOCUS_writes_them(string ours, string theirs) =>
        Assert.Equal(theirs, FocusColumns.UnitOf(new(ours)));

    private static async Task Correct(World world, Random random, HashSet<string> credited)
    {
        var issued = (await InvoiceList.Run(world.Database, new(), World.Ct))
            .Where(row => row.Status == "issued" && !credited.Contains(row.Number!)).ToList();
        if (issued.Count == 0)
        {
            return;
        }

        var row = issued[random.Next(issued.Count)];
        if (random.Next(2) == 0 && credited.Add(row.Number!))
        {
            await world.Journal.Execute(
                new CreditInvoice(world.Database, row.Number!, new(1), "goodwill"), world.Now, World.Ct);
        }
        else
        {
            await world.Journal.Execute(
                new VoidInvoice(world.Sources, row.Number!, "wrong"), world.Now, World.Ct);
        }

        await world.CatchUp();
    }

    private static async Task RefundAndPay(World world)
    {
        var row = (await InvoiceList.Run(world.Database, new(Number: "PI-2026-0001"), World.Ct)).Single();
        await world.Journal.Execute(
                new PayInvoice(world.Database, row.Number!, "wire", new(500)), world.Now, World.Ct);
        await world.Journal.Execute(
                new RefundInvoice(world.Database, row.Number!, "back", new(500)), world.Now, World.Ct);
    }

    private static IEnumerable<string> Sums(string csv, string? category = null)
    {
        var rows = csv.TrimEnd('\n').Split('\n').Select(FocusRules.Cells)
            .Where((row, i) => i == 0 || category is null || row.Contains(category)).ToList();
        var (invoice, cost) = (Array.IndexOf(rows[0], "InvoiceId"), Array.IndexOf(rows[0], "BilledCost"));
        return rows.Skip(1).Where(row => row[invoice] != "NULL").GroupBy(row => row[invoice]).Select(of =>
            $"{of.Key} {Money.Round(of.Sum(row => Text.Number(row[cost])))}");
    }

    /// <summary>A journal that remembers which streams were read.</summary>
    private sealed class HeardJournal(IJournal journal) : IJournal
    {
        public List<string> Streams { get; } = [];

        public Task<IReadOnlyList<TEvent>> Read<TEvent>(string stream, CancellationToken ct)
        {
            Streams.Add(stream);
            return journal.Read<TEvent>(stream, ct);
        }

        public Task<IReadOnlyList<Recorded>> ReadAll(long after, int limit, CancellationToken ct) =>
            journal.ReadAll(after, limit, ct);

        public Task Append(IReadOnlyList<StreamAppend> appends, CancellationToken ct) => journal.Append(appends, ct);
    }
}
