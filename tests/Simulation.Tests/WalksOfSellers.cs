using System.Text.Json;
using Xunit;

namespace Exchange.Simulation.Tests;

/// <summary>
/// What landlords, those behind them and the exchange get when bills are taken back, issued again and corrected, each
/// walked at the command line with amounts worked out by hand beforehand.
/// </summary>
public class WalksOfSellers
{
    /// <summary>
    /// Acme sells February's 1,000 hours for 100.00, of which stora behind it gets 60.00. Taken back, nobody gets
    /// anything; with 100 hours more they are 44.00 and 66.00; with 600 hours less 20.00 and 30.00.
    /// </summary>
    [Fact]
    public async Task Wholesale_follows_what_is_taken_back_and_comes_late()
    {
        await using var walk = await TypedWalk.Start();
        await walk.Owner("bob", "bob@elsewhere.edu");
        await walk.Type("accounts keep-credit bob@elsewhere.edu");
        await walk.Type("landlords publish " + await walk.Exchange.File("""
            landlords:
              - {name: stora, title: Stora, terms: [{from: 2025-12, platform_share: "0"}]}
            """, "yaml"));
        var sheet = Sheet("wholesale: {payee: stora, rate: \"0.06\"}");
        await walk.Type($"prices publish {await walk.Exchange.File(sheet, "yaml")}");
        await walk.Used("bob", "2026-02-05", 60, 10);
        await walk.Used("bob", "2026-02-10", 40, 10);
        await walk.Close("2026-02");
        await Get("40.00", "60.00");
        await walk.Type("invoices void PI-2026-0001 --because wrong");
        Assert.Empty(await walk.Ledger("payable"));
        await walk.Used("bob", "2026-02-20", 10, 10);
        await walk.Close("2026-03");
        await Get("44.00", "66.00");
        await walk.Type("correct r1 --landlord acme --source urn:meter --reason wrong");
        await walk.Close("2026-04");
        await Get("20.00", "30.00");
        await walk.Type("invoices void PI-2026-0002 --reissue --because again");
        await Get("20.00", "30.00");
        await walk.Close("2026-05");
        await Get("20.00", "30.00");
        Assert.Equal("50.00 USD", await walk.Owes("bob@elsewhere.edu"));
        await walk.Holds();

        async Task Get(string acme, string stora) => Assert.Equal(
            [$"payable:landlord:acme -{acme}", $"payable:landlord:stora -{stora}"], await walk.Ledger("payable"));
    }

    /// <summary>
    /// 100.00 of January at 2 %, which were 10 % and in the end 5 %; in between the invoice is taken back and 50.00 of it
    /// turn out to be wrong.
    /// </summary>
    [Fact]
    public async Task Terms_that_are_corrected_twice_are_settled_of_what_is_left()
    {
        await using var walk = await TypedWalk.Start();
        await walk.Owner("bob", "bob@elsewhere.edu");
        await walk.Type("accounts keep-credit bob@elsewhere.edu");
        await Terms("0.02");
        await walk.Used("bob", "2026-01-05", 50, 10);
        await walk.Used("bob", "2026-01-10", 50, 10);
        await walk.Close("2026-01");
        await Get("98.00", "2.00");
        await Terms("0.10");
        await walk.Type("invoices void PI-2026-0001 --reissue --because again");
        await Get("90.00", "10.00");
        await walk.Type("correct r2 --landlord acme --source urn:meter --reason wrong");
        await walk.Close("2026-02");
        await Get("45.00", "5.00");
        await Terms("0.05");
        await walk.Close("2026-03");
        await Get("47.50", "2.50");
        await walk.Type("invoices void PI-2026-0002 --because wrong");
        await walk.Close("2026-04");
        await Get("47.50", "2.50");
        await walk.Holds();

        async Task Terms(string share) => await walk.Type($"landlords publish {await walk.Exchange.File($$"""
            landlords:
              - {name: acme, title: Acme, terms: [{from: 2025-12, platform_share: "{{share}}"}]}
            """, "yaml")} --accept-correction");
        async Task Get(string acme, string exchange) => Assert.Equal(
            [$"payable:landlord:acme -{acme}", $"revenue:exchange -{exchange}"],
            [.. await walk.Ledger("payable"), .. await walk.Ledger("revenue")]);
    }

    /// <summary>
    /// At least 5.00 a month: 2.00 used are 5.00, with 1.00 late still, with 4.00 more 7.00. Taken back and issued again
    /// 7.00; with 6.00 less 5.00 again; of nothing nothing.
    /// </summary>
    [Fact]
    public async Task A_minimum_of_a_month_stays_one_whatever_is_corrected()
    {
        await using var walk = await TypedWalk.Start();
        await walk.Owner("bob", "bob@elsewhere.edu");
        await walk.Type($"prices publish {await walk.Exchange.File(Sheet("minimum_charge: \"5\""), "yaml")}");
        await walk.Used("bob", "2026-02-05", 2, 10);
        await walk.Close("2026-02");
        await Owes("5.00 USD");
        await walk.Used("bob", "2026-02-06", 1, 10);
        await walk.Close("2026-03");
        await Owes("5.00 USD");
        await walk.Used("bob", "2026-02-07", 4, 10);
        await walk.Close("2026-04");
        await Owes("7.00 USD");
        await walk.Type("invoices void PI-2026-0001 --reissue --because again");
        await Owes("7.00 USD");
        await walk.Type("correct r1 --landlord acme --source urn:meter --reason wrong");
        await walk.Type("correct r3 --landlord acme --source urn:meter --reason wrong");
        await walk.Close("2026-05");
        await Owes("5.00 USD");
        await walk.Type("correct r2 --landlord acme --source urn:meter --reason wrong");
        await walk.Close("2026-06");
        await Owes("0.00 USD");
        await walk.Holds();

        async Task Owes(string amount) => Assert.Equal(amount, await walk.Owes("bob@elsewhere.edu"));
    }

    /// <summary>
    /// Bob's 1.00 of January, and 200.00 of February, which nobody bills before somebody looked: meanwhile both months
    /// turn out to be half as dear. He owes 0.50, 100.00 and 2.00 of March; the same project of cat's, who is not left
    /// out, 5.00 of 10.00.
    /// </summary>
    [Fact]
    public async Task Whoever_is_left_out_while_prices_are_corrected_owes_by_the_right_ones()
    {
        await using var walk = await TypedWalk.Start();
        await walk.Owner("bob", "bob@elsewhere.edu");
        await walk.Owner("cat", "cat@elsewhere.edu");
        await walk.Used("bob", "2026-01-05", 1, 10);
        await walk.Used("cat", "2026-01-05", 10, 10);
        await walk.Close("2026-01");
        await walk.Used("bob", "2026-02-05", 20, 100);
        walk.Exchange.Time = NodaTime.Instant.FromUtc(2026, 3, 3, 0, 0);
        await walk.Type("close --month 2026-02 --commit");
        Assert.Equal("1.00 USD", await walk.Owes("bob@elsewhere.edu"));
        await walk.Later();
        await walk.Type(
            $"prices correct {await walk.Exchange.File(TypedWalk.Sheet("0.05"), "yaml")} --because \"twice too much\"");
        var id = JsonDocument.Parse(await walk.Type("prices corrections --json")).RootElement.EnumerateArray().Single()
            .GetProperty("id").GetString();
        await walk.Type($"prices accept {id}");
        await walk.Used("bob", "2026-03-10", 4, 10);
        await walk.Close("2026-03");
        Assert.Equal("102.50 USD", await walk.Owes("bob@elsewhere.edu"));
        Assert.Equal("5.00 USD", await walk.Owes("cat@elsewhere.edu"));
        Assert.Equal(["payable:landlord:acme -107.50"], await walk.Ledger("payable"));
        await walk.Holds();
    }

    private static string Sheet(string more) => TypedWalk.Sheet("0.10")
        .Replace("from: 2025-12", "from: 2026-02", StringComparison.Ordinal)
        .Replace("    match: {kind: vm}", $"    {more}\n    match: {{kind: vm}}", StringComparison.Ordinal);
}
