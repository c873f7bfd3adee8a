using Exchange.Invoicing.Closing;
using Exchange.Invoicing.Exports;
using Exchange.Invoicing.Reading;
using Exchange.Invoicing.Tests.Exports;
using Exchange.Journal;
using Exchange.Testing;
using NodaTime;
using Xunit;

namespace Exchange.Invoicing.Tests;

/// <summary>The same over drawn acts: voids, payments and reissues between closes.</summary>
public partial class VoidAndReissue
{
    public static TheoryData<int> Seeds => new(Draws.Seeds(few: 1, many: 12));

    /// <summary>
    /// Whatever is voided and issued again between closes: books add up, closed months keep their exports, whoever had
    /// nothing to do with it is billed the same, and another close proposes nothing.
    /// </summary>
    [Theory, MemberData(nameof(Seeds))]
    public async Task Books_add_up_whatever_is_voided_and_issued_again(int seed)
    {
        await using var world = await WithAgreement();
        var random = new Random(seed);
        var told = new Dictionary<BillingMonth, string>();
        foreach (var month in Enumerable.Range(0, 4).Select(World.September.Plus))
        {
            world.Now = month.End + Duration.FromDays(3);
            for (var i = 0; i < 3; i++)
            {
                var late = World.September.Plus(random.Next(month.MonthsSince(World.September) + 1));
                await world.Ran(
                    ((string[])["p-ada", "p-bob", "p-dee", "p-fay"])[random.Next(4)], late, 1 + random.Next(20),
                    1 + random.Next(99), gpu: random.Next(3) == 0);
            }

            await world.Close(month);
            told[month] = await Exported(world, month);
            for (var i = 0; i < 3; i++)
            {
                await Draw(world, random, i);
            }

            foreach (var (closed, text) in told)
            {
                Assert.Equal(text, await Exported(world, closed));
            }

            await world.HoldBooks();
        }

        world.Now = World.September.Plus(5).End;
        await world.Close(World.September.Plus(4));
        await InvoicesAreInTheData(world, [.. Enumerable.Range(0, 6).Select(World.September.Plus)]);
        Assert.Empty((await CloseMonth.Plan(
            world.Sources, World.September.Plus(5), "corrected", world.Now, World.Ct)).Plan!.Drafts);
    }

    private static async Task Draw(World world, Random random, int drawn)
    {
        var numbers = (await InvoiceList.Run(world.Database, new(), World.Ct)).Select(row => row.Number)
            .OfType<string>().ToList();
        await using (var connection = await world.Database.OpenConnectionAsync(World.Ct))
        {
            numbers.AddRange((await PartyList.Run(connection, null, World.Ct)).Select(row => row.Number));
        }

        var number = numbers[random.Next(numbers.Count)];
        try
        {
            if (random.Next(3) == 0)
            {
                await world.Journal.Execute(new PayInvoice(
                    world.Database, number, $"wire-{number}", new(1 + random.Next(2_000))), world.Now, World.Ct);
                await world.CatchUp();
            }

            await Void(world, number);
            if (random.Next(3) > 0)
            {
                await Again(world, number);
            }
        }
        catch (RefusedException)
        {
            // It is a statement, or an institution took it: then nothing may have changed.
        }

        if (drawn == 0)
        {
            var owner = ((string[])["eve@bu.edu", "bob@elsewhere.edu", "dee@harvard.edu"])[random.Next(3)];
            await world.Told($"cluster,project,name,pi,from\nstack,p-ada,Ada's genomes,{owner},2026-01");
        }
    }

    /// <summary>
    /// FOCUS 1.3: over all months each invoice comes to what it asks for now, whoever it is to, and to nothing where it
    /// was taken back or an institution took it; no rule is broken.
    /// </summary>
    private static async Task InvoicesAreInTheData(World world, IReadOnlyList<BillingMonth> months)
    {
        var billed = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var month in months)
        {
            await using var text = new StringWriter();
            await FocusExport.Write(world.Sources, new(month) { Focus = FocusVersion.V13 }, text, World.Ct);
            Assert.Equal([], FocusRules.Broken(text.ToString()));
            var rows = text.ToString().TrimEnd('\n').Split('\n').Select(FocusRules.Cells).ToList();
            var (invoice, cost) = (Array.IndexOf(rows[0], "InvoiceId"), Array.IndexOf(rows[0], "BilledCost"));
            foreach (var row in rows.Skip(1).Where(row => row[invoice] != "NULL"))
            {
                billed[row[invoice]] = billed.GetValueOrDefault(row[invoice]) + (long)(Text.Number(row[cost]) * 100);
            }
        }

        await using var connection = await world.Database.OpenConnectionAsync(World.Ct);
        var asked = (await InvoiceList.Run(world.Database, new(), World.Ct)).Where(row => row.Number is not null)
            .Select(row => (Number: row.Number!, Cents: row.Status is "void" or "taken" ? 0 : row.Owed.Cents))
            .Concat((await PartyList.Run(connection, null, World.Ct))
                .Select(row => (row.Number, Cents: row.Status == "void" ? 0 : row.Owed.Cents)));
        Assert.Equal(
            asked.OrderBy(of => of.Number, StringComparer.Ordinal),
            billed.OrderBy(of => of.Key, StringComparer.Ordinal).Select(of => (of.Key, of.Value)));
    }

    private static async Task<IEnumerable<(string Invoice, long Cents)>> Charges(World world, BillingMonth month)
    {
        await using var text = new StringWriter();
        await ChargesExport.Write(world.Sources, new(month), text, World.Ct);
        var rows = text.ToString().TrimEnd('\n').Split('\n').Select(line => line.Split(',')).ToList();
        var (invoice, amount) = (Array.IndexOf(rows[0], "invoice"), Array.IndexOf(rows[0], "amount"));
        return rows.Skip(1).Select(row => (row[invoice], (long)(Text.Number(row[amount]) * 100)));
    }
}
