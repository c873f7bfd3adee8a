using System.Text.Json;
using Exchange.Invoicing.Reading;
using Exchange.Journal;
using NodaTime;
using Xunit;

namespace Exchange.Simulation.Tests;

/// <summary>
/// Who is asked for what is corrected, where institutions take what their PIs owe: whoever was asked, each walked at the
/// command line with amounts worked out by hand beforehand.
/// </summary>
public class WalksOfInstitutions
{
    private const string Harvard = "institution:Harvard University";
    private const string Mit = "institution:Massachusetts Institute of Technology";

    /// <summary>
    /// Harvard takes 60.00 of Eve's January. She worked for BU, and the price should have been half: the charge of the
    /// wrong sheet is gone. Harvard has all of its 60.00 back, and Eve owes 30.00.
    /// </summary>
    [Fact]
    public async Task A_charge_that_another_price_replaces_goes_back_to_whom_it_was_asked_of()
    {
        await using var walk = await Eve();
        await walk.Used("eve", "2026-01-05", 60, 10);
        await walk.Close("2026-01");
        await Asked(walk, eve: "0.00 USD", harvard: "60.00 USD");
        await Works(walk, "Boston University");
        await walk.Type(
            $"prices correct {await walk.Exchange.File(TypedWalk.Sheet("0.05"), "yaml")} --because \"twice too much\"");
        var id = JsonDocument.Parse(await walk.Type("prices corrections --json")).RootElement.EnumerateArray().Single()
            .GetProperty("id").GetString();
        await walk.Type($"prices accept {id}");
        await walk.Close("2026-02");
        await Asked(walk, eve: "30.00 USD", harvard: "0.00 USD");
        await walk.Close("2026-03");
        await Asked(walk, eve: "30.00 USD", harvard: "0.00 USD");
        await walk.Holds();
    }

    /// <summary>
    /// The same where the usage itself is taken back, in the month in which she is known to have worked for BU or before
    /// it, and comes again: 60.00 of Harvard's go back once, and 60.00 are Eve's.
    /// </summary>
    [Theory, InlineData(true), InlineData(false)]
    public async Task Usage_that_is_taken_back_and_comes_again_is_asked_of_nobody_twice(bool together)
    {
        await using var walk = await Eve();
        await walk.Used("eve", "2026-01-05", 60, 10);
        await walk.Close("2026-01");
        if (together)
        {
            await Works(walk, "Boston University");
        }

        await walk.Type("correct r1 --landlord acme --source urn:meter --reason wrong");
        await walk.Close("2026-02");
        await Asked(walk, eve: "0.00 USD", harvard: "0.00 USD");
        if (!together)
        {
            await Works(walk, "Boston University");
        }

        await walk.Used("eve", "2026-01-05", 60, 10);
        await walk.Close("2026-03");
        await Asked(walk, eve: "60.00 USD", harvard: "0.00 USD");
        await Works(walk, "Harvard University");
        await walk.Close("2026-04");
        await Asked(walk, eve: "0.00 USD", harvard: "60.00 USD");
        await walk.Holds();
    }

    /// <summary>
    /// MIT takes what its PIs owe from February on. Mia's January of 60.00 and 20.00 is hers: 20.00 less, 5.00 and 7.00 of
    /// another project more are hers too, 72.00; MIT takes the 10.00 of February. Taken back and issued again, all of it
    /// is asked of whom it was.
    /// </summary>
    [Fact]
    public async Task An_institution_that_begins_to_take_gets_nothing_of_the_time_before()
    {
        await using var walk = await TypedWalk.Start("mia@mit.edu");
        await walk.Type($"directory publish {await walk.Exchange.File(MitFromFebruary, "yaml")}");
        await walk.Owner("mia", "mia@mit.edu");
        await walk.Owner("max", "mia@mit.edu");
        await walk.Type("accounts keep-credit mia@mit.edu");
        await walk.Used("mia", "2026-01-05", 60, 10);
        await walk.Used("mia", "2026-01-10", 20, 10);
        await walk.Close("2026-01");
        Assert.Equal("80.00 USD", await walk.Owes("mia@mit.edu"));
        await walk.Type("correct r2 --landlord acme --source urn:meter --reason wrong");
        await walk.Used("mia", "2026-01-20", 5, 10);
        await walk.Used("max", "2026-01-20", 7, 10);
        await walk.Used("mia", "2026-02-05", 10, 10);
        await walk.Close("2026-02");
        Assert.Equal("72.00 USD", await walk.Owes("mia@mit.edu"));
        Assert.Equal("10.00 USD", await walk.Owes(Mit));
        await walk.Type("invoices void PI-2026-0001 --reissue --because again");
        Assert.Equal("72.00 USD", await walk.Owes("mia@mit.edu"));
        Assert.Equal("10.00 USD", await walk.Owes(Mit));
        await walk.Close("2026-03");
        Assert.Equal("72.00 USD", await walk.Owes("mia@mit.edu"));
        Assert.Equal("10.00 USD", await walk.Owes(Mit));
        await walk.Holds();
    }

    /// <summary>
    /// Harvard takes 60.00 and 20.00 of Hal's February, and nothing from March on. 20.00 of February were wrong, and
    /// 3.00 are missing: Harvard's 63.00 are what was used while it took, and Hal's are the 10.00 of March.
    /// </summary>
    [Fact]
    public async Task An_institution_that_ceases_to_take_has_back_what_it_was_asked()
    {
        await using var walk = await TypedWalk.Start("hal@harvard.edu");
        await walk.Owner("hal", "hal@harvard.edu");
        await walk.Used("hal", "2026-02-05", 60, 10);
        await walk.Used("hal", "2026-02-10", 20, 10);
        await walk.Close("2026-02");
        Assert.Equal("80.00 USD", await walk.Owes(Harvard));
        await walk.Type($"directory publish {await walk.Exchange.File("""
            institutions:
              - {name: Harvard University, domains: [harvard.edu], partner_since: 2013-06}
            """, "yaml")} --from 2026-03");
        await walk.Type("correct r2 --landlord acme --source urn:meter --reason wrong");
        await walk.Used("hal", "2026-02-20", 3, 10);
        await walk.Used("hal", "2026-03-05", 10, 10);
        await walk.Close("2026-03");
        Assert.Equal("10.00 USD", await walk.Owes("hal@harvard.edu"));
        Assert.Equal("63.00 USD", await walk.Owes(Harvard));

        // All of February is wrong: only Harvard was ever asked for it.
        await walk.Type("correct r1 --landlord acme --source urn:meter --reason wrong");
        await walk.Type("correct r3 --landlord acme --source urn:meter --reason wrong");
        await walk.Close("2026-04");
        Assert.Equal("10.00 USD", await walk.Owes("hal@harvard.edu"));
        Assert.Equal("0.00 USD", await walk.Owes(Harvard));
        await walk.Holds();
    }

    /// <summary>
    /// Mia owes 60.00 of January; of February MIT takes 80.00. On April 10 her 60.00 are of February 3, 66 days old:
    /// what MIT took ended nothing of what it did not take.
    /// </summary>
    [Fact]
    public async Task What_an_institution_takes_makes_no_older_debt_of_its_PI_younger()
    {
        await using var walk = await TypedWalk.Start("mia@mit.edu");
        await walk.Type($"directory publish {await walk.Exchange.File(MitFromFebruary, "yaml")}");
        await walk.Owner("mia", "mia@mit.edu");
        await walk.Used("mia", "2026-01-05", 60, 10);
        await walk.Close("2026-01");
        await walk.Used("mia", "2026-02-05", 80, 10);
        await walk.Close("2026-02");
        await walk.Later();
        await using var database = DataSources.Open(walk.Exchange.Database);
        await using var connection = await database.OpenConnectionAsync(TestContext.Current.CancellationToken);
        Assert.Equal(
            [
                $"receivable:{Mit} 0.00 80.00 0.00 0.00 0.00", "receivable:pi:mia@mit.edu 0.00 0.00 60.00 0.00 0.00",
            ],
            (await Ageing.Run(connection, new LocalDate(2026, 4, 10), TestContext.Current.CancellationToken))
                .Select(aged => $"{aged.Account} {aged.UpTo30.Plain} {aged.UpTo60.Plain} {aged.UpTo90.Plain} " +
                    $"{aged.Older.Plain} {aged.Credit.Plain}"));
        await walk.Holds();
    }

    private const string MitFromFebruary = """
        institutions:
          - {name: Massachusetts Institute of Technology, domains: [mit.edu], invoiced_since: 2026-02}
        """;

    private static async Task<TypedWalk> Eve()
    {
        var walk = await TypedWalk.Start("eve@harvard.edu");
        await walk.Owner("eve", "eve@harvard.edu");
        await walk.Type("programs suspend nerc-bu-subsidy --pi eve@harvard.edu --from 2026-01");
        return walk;
    }

    private static async Task Works(TypedWalk walk, string institution) => await walk.Type(
        $"directory affiliate eve@harvard.edu --institution \"{institution}\" --from 2026-01-01 --accept-correction");

    private static async Task Asked(TypedWalk walk, string eve, string harvard)
    {
        Assert.Equal(eve, await walk.Owes("eve@harvard.edu"));
        Assert.Equal(harvard, await walk.Owes(Harvard));
    }
}
